package io.tenantkit.spi;

import java.util.Objects;

/**
 * Something that other nodes may have cached and that is no longer as they know it. It names, and
 * never tells what became of it: whoever cares reads it anew.
 *
 * @param kind what changed: one of the constants, or one that a newer schema knows and that is to
 *     be passed over
 * @param organization whose it is; empty when it is nobody's
 * @param subject what of that kind: an API key's hash in hexadecimal, an organization's id
 */
public record Change(String kind, String organization, String subject) {
  /** An API key was added, changed or removed; the subject is its hash in hexadecimal. */
  public static final String API_KEY = "api_key";

  /** An organization was added, changed or removed; the subject is its id. */
  public static final String ORGANIZATION = "organization";

  /** More changed than can be named; nothing that is cached may be relied on. */
  public static final String EVERYTHING = "everything";

  public Change {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(subject, "subject");
  }
}
