package io.tenantkit.livekit.sip;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Into which room a call goes. Immutable.
 *
 * @param kind how the room is found
 * @param room its name, or what its name begins with; 1 to 256 bytes
 * @param pin which the caller must type, digits; it stays the caller's to close
 * @param random whether something random is appended to the name of a room of its own
 */
public record DispatchTarget(Kind kind, String room, Optional<SecretValue> pin, boolean random) {

  /** How the room is found. */
  public enum Kind {
    /** One room for all. */
    DIRECT,
    /** A new room for each caller. */
    INDIVIDUAL,
    /** A room for each number that is called. */
    CALLEE,
    /** What a later server says and this library does not know. */
    UNKNOWN
  }

  /** Checks the bounds. */
  public DispatchTarget {
    Objects.requireNonNull(kind, "kind");
    if (kind == Kind.UNKNOWN) {
      throw new InvalidInputException("kind", "DIRECT, INDIVIDUAL or CALLEE");
    }
    RequestTexts.name("room", room, SipBounds.MAX_NAME);
    pin.ifPresent(DispatchTarget::requireDigits);
  }

  private static void requireDigits(SecretValue pin) {
    byte[] digits = pin.bytes(SecretAccess.get());
    try {
      boolean right = digits.length >= 1 && digits.length <= 32;
      for (byte each : digits) {
        right &= each >= '0' && each <= '9';
      }
      if (!right) {
        throw new InvalidInputException("pin", "1 to 32 digits");
      }
    } finally {
      Arrays.fill(digits, (byte) 0);
    }
  }

  /** One room for all. */
  public static DispatchTarget room(String name) {
    return new DispatchTarget(Kind.DIRECT, name, Optional.empty(), false);
  }

  /** A new room for each caller: this, and something random. */
  public static DispatchTarget roomPerCaller(String prefix) {
    return new DispatchTarget(Kind.INDIVIDUAL, prefix, Optional.empty(), true);
  }

  /** A room for each number that is called: this, and the number. */
  public static DispatchTarget roomPerCallee(String prefix) {
    return new DispatchTarget(Kind.CALLEE, prefix, Optional.empty(), false);
  }

  /** For those who type this. */
  public DispatchTarget pin(SecretValue digits) {
    return new DispatchTarget(kind, room, Optional.of(digits), random);
  }

  /** With something random appended to the name, or not. */
  public DispatchTarget random(boolean wanted) {
    return new DispatchTarget(kind, room, pin, wanted);
  }

  RequestJson json() {
    RequestJson rule = RequestJson.object();
    String name;
    switch (kind) {
      case DIRECT -> {
        name = "dispatchRuleDirect";
        rule.text("roomName", room);
      }
      case INDIVIDUAL -> {
        name = "dispatchRuleIndividual";
        rule.text("roomPrefix", room).flag("noRandomness", !random);
      }
      default -> {
        name = "dispatchRuleCallee";
        rule.text("roomPrefix", room).flag("randomize", random);
      }
    }
    return RequestJson.object().put(name, rule.secret("pin", pin));
  }

  /** How, and into which; not the pin. */
  @Override
  public String toString() {
    return "DispatchTarget[" + kind + ", " + room + "]";
  }
}
