package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import java.util.Comparator;
import java.util.Objects;

/**
 * Who uses what.
 *
 * @param secret the secret's id; empty when the attempt was refused, since what it aimed at is not
 *     told. One at a secret that the caller sees and that has expired or did not open has its id
 * @param environment the environment that was asked for
 * @param actor who
 * @param tool through which tool, 1 to 64 printable ASCII characters; empty when none was named
 */
public record UseSubject(String secret, Environment environment, Actor actor, String tool)
    implements Comparable<UseSubject> {
  /** The longest name of a tool. */
  public static final int MAX_TOOL = 64;

  private static final Comparator<UseSubject> ORDER =
      Comparator.comparing(UseSubject::secret)
          .thenComparing(subject -> subject.actor().kind().name())
          .thenComparing(subject -> subject.actor().id())
          .thenComparing(UseSubject::tool)
          .thenComparing(subject -> subject.environment().name());

  public UseSubject {
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(actor, "actor");
    if (secret.length() > 64 || !isPrintable(secret)) {
      throw new InvalidInputException("secret", "at most 64 printable ASCII characters");
    }
    if (tool.length() > MAX_TOOL || !isPrintable(tool)) {
      throw new InvalidInputException("tool", "at most 64 printable ASCII characters");
    }
  }

  static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  /** By secret, actor, tool and environment. */
  @Override
  public int compareTo(UseSubject other) {
    return ORDER.compare(this, other);
  }
}
