package io.tenantkit.livekit.spi;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request in the JSON form of its protocol buffer, which may have secrets in it: they are
 * referred to until {@link #body} writes them into the one array that is sent and then wiped, and
 * never become a String. What is empty is not written. For one thread.
 */
public final class RequestJson {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** JSON as it is, unlike a text. */
  private record Raw(String json) {}

  private final Map<String, Object> fields = new LinkedHashMap<>();

  /** An empty object. */
  public static RequestJson object() {
    return new RequestJson();
  }

  /** A text. */
  public RequestJson text(String name, String text) {
    if (!text.isEmpty()) {
      fields.put(name, text);
    }
    return this;
  }

  /** A text, if there is one; an empty one, too, is written. */
  public RequestJson text(String name, Optional<String> text) {
    text.ifPresent(present -> fields.put(name, present));
    return this;
  }

  /** A secret text, if there is one. */
  public RequestJson secret(String name, Optional<SecretValue> secret) {
    secret.ifPresent(present -> fields.put(name, present));
    return this;
  }

  /** A secret text. */
  public RequestJson secret(String name, SecretValue secret) {
    return secret(name, Optional.of(secret));
  }

  /** A number that is not 0. */
  public RequestJson number(String name, long number) {
    if (number != 0) {
      fields.put(name, new Raw(Long.toString(number)));
    }
    return this;
  }

  /** A number that may have a fraction, and is not 0. */
  public RequestJson number(String name, double number) {
    if (number != 0) {
      fields.put(name, new Raw(Double.toString(number)));
    }
    return this;
  }

  /** A yes; a no is not written. */
  public RequestJson flag(String name, boolean yes) {
    if (yes) {
      fields.put(name, new Raw("true"));
    }
    return this;
  }

  /** A yes or no, if it is said. */
  public RequestJson flag(String name, Optional<Boolean> said) {
    said.ifPresent(yes -> fields.put(name, new Raw(yes.toString())));
    return this;
  }

  /** A time as protocol buffers' {@code Duration} has it, if it is said. */
  public RequestJson time(String name, Optional<Duration> time) {
    time.ifPresent(
        present ->
            fields.put(
                name,
                present.toNanosPart() == 0
                    ? present.toSeconds() + "s"
                    : present.toSeconds() + "." + nanos(present.toNanosPart()) + "s"));
    return this;
  }

  private static String nanos(int nanos) {
    String digits = Integer.toString(nanos);
    return "0".repeat(9 - digits.length()) + digits;
  }

  /** Another object, also when it is empty: with protocol buffers that can mean something. */
  public RequestJson put(String name, RequestJson object) {
    fields.put(name, object);
    return this;
  }

  /** JSON that another writer made. */
  public RequestJson json(String name, String json) {
    fields.put(name, new Raw(json));
    return this;
  }

  /** Texts, secrets or objects in their order. */
  public RequestJson list(String name, Collection<?> all) {
    if (!all.isEmpty()) {
      fields.put(name, List.copyOf(all));
    }
    return this;
  }

  /** Texts by name. */
  public RequestJson texts(String name, Map<String, String> texts) {
    if (!texts.isEmpty()) {
      RequestJson object = object();
      object.fields.putAll(texts);
      fields.put(name, object);
    }
    return this;
  }

  /**
   * What is sent, to be closed after the call. At most 1 MiB.
   *
   * @throws InvalidInputException when it is longer, or a secret is not text
   * @throws IllegalStateException when a secret was closed
   */
  public CallBody body() {
    try (Sink sink = new Sink()) {
      write(sink, this);
      return CallBody.json(SecretValue.takeOver(sink.copy()));
    }
  }

  private static void write(Sink sink, Object value) {
    if (value instanceof RequestJson object) {
      char separator = '{';
      if (object.fields.isEmpty()) {
        sink.put('{');
      }
      for (Map.Entry<String, Object> each : object.fields.entrySet()) {
        sink.put(separator);
        text(sink, each.getKey());
        sink.put(':');
        write(sink, each.getValue());
        separator = ',';
      }
      sink.put('}');
    } else if (value instanceof List<?> list) {
      char separator = '[';
      for (Object each : list) {
        sink.put(separator);
        write(sink, each);
        separator = ',';
      }
      sink.put(']');
    } else if (value instanceof SecretValue secret) {
      byte[] bytes = secret.bytes(SecretAccess.get());
      try {
        requireText(bytes);
        quoted(sink, bytes);
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    } else if (value instanceof Raw raw) {
      sink.put(raw.json().getBytes(StandardCharsets.UTF_8));
    } else {
      text(sink, (String) value);
    }
  }

  private static void text(Sink sink, String text) {
    quoted(sink, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void requireText(byte[] bytes) {
    try {
      char[] chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).array();
      Arrays.fill(chars, '\0');
    } catch (CharacterCodingException e) {
      throw new InvalidInputException("secret", "well-formed UTF-8");
    }
  }

  /** Bytes above ASCII stand in JSON as they are. */
  private static void quoted(Sink sink, byte[] utf8) {
    sink.put('"');
    for (byte each : utf8) {
      if (each == '"' || each == '\\') {
        sink.put('\\');
        sink.put((char) each);
      } else if (each >= 0 && each < ' ') {
        sink.put('\\');
        sink.put('u');
        sink.put('0');
        sink.put('0');
        sink.put((char) HEX[each >> 4]);
        sink.put((char) HEX[each & 0xF]);
      } else {
        sink.put(each);
      }
    }
    sink.put('"');
  }

  /** How many fields, and none of what is in them. */
  @Override
  public String toString() {
    return "RequestJson[" + fields.size() + " fields]";
  }

  /** Bytes that grow, and leave none behind. */
  private static final class Sink implements AutoCloseable {
    private byte[] bytes = new byte[1_024];
    private int length;

    void put(char ascii) {
      put((byte) ascii);
    }

    void put(byte one) {
      reserve(1);
      bytes[length++] = one;
    }

    void put(byte[] more) {
      reserve(more.length);
      System.arraycopy(more, 0, bytes, length, more.length);
      length += more.length;
    }

    byte[] copy() {
      return Arrays.copyOf(bytes, length);
    }

    private void reserve(int more) {
      if (bytes.length - length < more) {
        byte[] old = bytes;
        bytes = Arrays.copyOf(old, Math.max(2 * old.length, length + more));
        Arrays.fill(old, (byte) 0);
      }
    }

    @Override
    public void close() {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
