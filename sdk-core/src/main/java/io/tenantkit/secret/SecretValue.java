package io.tenantkit.secret;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tenantkit.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A secret held as bytes: 0 to {@value #MAX_BYTES} of them, wiped on {@link #close()}.
 *
 * <p>The plaintext is given only to code that names {@link SecretAccess}. {@link #toString()} is
 * redacted; Java serialization fails because the type is not serializable; Jackson 2 and 3 get an
 * exception in both directions, and so does a Gson that was told to print transient fields (as it
 * comes, Gson prints an empty object). {@link #equals} takes the same time wherever two values of
 * one length differ, and {@link #hashCode} says nothing about the value.
 *
 * <p>A copy that a caller took, and a {@link String} above all, is out of reach of {@link
 * #close()}: prefer {@link #bytes}, and wipe the array after use.
 *
 * <p>Safe for use by several threads: a read gives the whole value or fails, never a value that is
 * half wiped. Nothing blocks.
 */
// The buffer is always one of ours, made by wrap.
@SuppressWarnings("ByteBufferBackingArray")
public final class SecretValue implements AutoCloseable {
  /** The longest value, in bytes: what one sealed record can hold. */
  public static final int MAX_BYTES = SealingKey.MAX_PLAINTEXT_BYTES;

  private static final String REDACTED = "SecretValue[redacted]";
  private static final int CONSTANT_HASH = 0x7365_6372;

  /**
   * Transient, so that reflection-based printers skip it; a ByteBuffer rather than an array, so
   * that one which was told to print transient fields as well meets a JDK type it may not open.
   */
  private final transient ByteBuffer value;

  private transient boolean closed;

  private SecretValue(ByteBuffer value) {
    this.value = value;
  }

  /**
   * The UTF-8 bytes of a text.
   *
   * @throws InvalidInputException if the text holds half a surrogate pair, or is longer than {@link
   *     #MAX_BYTES} bytes
   */
  public static SecretValue of(String text) {
    Objects.requireNonNull(text, "text");
    if (text.length() > MAX_BYTES) {
      throw tooLong();
    }
    // A char takes at most three bytes of UTF-8, so that the encoder never grows (and leaves
    // behind, unwiped) a buffer of its own.
    ByteBuffer encoded = ByteBuffer.allocate(text.length() * 3);
    try {
      var encoder =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT);
      if (encoder.encode(CharBuffer.wrap(text), encoded, true).isError()
          || encoder.flush(encoded).isError()) {
        throw new InvalidInputException("secret", "well-formed Unicode text");
      }
      return takeOver(Arrays.copyOf(encoded.array(), encoded.position()));
    } finally {
      Arrays.fill(encoded.array(), (byte) 0);
    }
  }

  /**
   * A copy of the bytes; the caller keeps, and should wipe, its own array.
   *
   * @throws InvalidInputException if there are more than {@link #MAX_BYTES}
   */
  public static SecretValue copyOf(byte[] bytes) {
    requireBound(bytes);
    return new SecretValue(ByteBuffer.wrap(bytes.clone()));
  }

  /**
   * The array itself, without a copy: the caller gives it away and must not touch it again, and
   * {@link #close()} wipes it. An array that is too long is wiped and refused.
   *
   * @throws InvalidInputException if there are more than {@link #MAX_BYTES} bytes
   */
  public static SecretValue takeOver(byte[] bytes) {
    try {
      requireBound(bytes);
    } catch (InvalidInputException e) {
      Arrays.fill(bytes, (byte) 0);
      throw e;
    }
    return new SecretValue(ByteBuffer.wrap(bytes));
  }

  /**
   * A copy of the plaintext, the caller's to wipe.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  public byte[] bytes(SecretAccess access) {
    Objects.requireNonNull(access, "access");
    return copy();
  }

  /**
   * The plaintext as text, which no one can wipe; for APIs that take nothing else.
   *
   * @throws IllegalStateException after {@link #close()}, or if the bytes are not UTF-8 (a binary
   *     secret: read it with {@link #bytes})
   */
  public String string(SecretAccess access) {
    byte[] copy = bytes(access);
    try {
      var decoder =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT);
      CharBuffer text = decoder.decode(ByteBuffer.wrap(copy));
      try {
        return text.toString();
      } finally {
        Arrays.fill(text.array(), '\0');
      }
    } catch (CharacterCodingException e) {
      throw new IllegalStateException("the secret is not UTF-8 text; read it as bytes");
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  /**
   * How many bytes the secret has.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  public int length() {
    synchronized (value) {
      requireOpen();
      return value.capacity();
    }
  }

  /** Wipes the bytes. Further calls do nothing; every later read throws. */
  @Override
  public void close() {
    synchronized (value) {
      closed = true;
      Arrays.fill(value.array(), (byte) 0);
    }
  }

  /** Whether both hold the same bytes; a closed value equals only itself. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof SecretValue that)) {
      return false;
    }
    // One monitor at a time: a.equals(b) beside b.equals(a) must not lock each other out.
    byte[] theirs = that.copyOrEmptyIfClosed();
    byte[] ours = copyOrEmptyIfClosed();
    try {
      return MessageDigest.isEqual(ours, theirs) && !isClosed() && !that.isClosed();
    } finally {
      Arrays.fill(theirs, (byte) 0);
      Arrays.fill(ours, (byte) 0);
    }
  }

  /** The same for all values, so that it tells nothing. */
  @Override
  public int hashCode() {
    return CONSTANT_HASH;
  }

  /** Redacted. */
  @Override
  public String toString() {
    return REDACTED;
  }

  /** Found by Jackson 2 and 3 alike, ahead of fields and getters. */
  @JsonValue
  private String refuseJsonOutput() {
    throw new UnsupportedOperationException("a SecretValue is never written as JSON");
  }

  /** The one creator that Jackson may see, whatever visibility the mapper was given. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  private static SecretValue refuseJsonInput(Object ignored) {
    throw new UnsupportedOperationException("a SecretValue is never read from JSON");
  }

  private byte[] copy() {
    synchronized (value) {
      requireOpen();
      return value.array().clone();
    }
  }

  private byte[] copyOrEmptyIfClosed() {
    synchronized (value) {
      return closed ? new byte[0] : value.array().clone();
    }
  }

  private boolean isClosed() {
    synchronized (value) {
      return closed;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the secret was closed");
    }
  }

  private static void requireBound(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    if (bytes.length > MAX_BYTES) {
      throw tooLong();
    }
  }

  private static InvalidInputException tooLong() {
    return new InvalidInputException("secret", "at most " + MAX_BYTES + " bytes");
  }
}
