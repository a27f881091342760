package io.tenantkit.apikey;

import io.tenantkit.spi.CompactId;
import io.tenantkit.tenant.OrganizationId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rarely read parts of a key in one array of bytes, a quarter of what they take as objects:
 * times as microseconds, texts as UTF-8 behind their lengths, without those that say nothing. Only
 * keys as most are, which were neither revoked nor replaced.
 */
final class PackedKey {
  /** What the ids begin with that need not be packed, for their bits say it all. */
  static final String ID = "key";

  private static final int TIMES = 2 * Long.BYTES;

  /** The most bytes that a number takes of which each byte has seven bits. */
  private static final int NUMBER = 10;

  private PackedKey() {}

  /** The parts that {@link #unpack} is not told; null for a key that is not as most are. */
  static byte @Nullable [] pack(ApiKey key) {
    if (key.revocation().isPresent() || key.successor().isPresent()) {
      return null;
    }
    boolean first = key.family().equals(key.id());
    byte[][] texts = {
      utf8(CompactId.fits(ID, key.id().value()) ? "" : key.id().value()),
      utf8(first ? "" : key.family().value()),
      utf8(key.prefix()),
      utf8(key.name()),
      utf8(key.description().orElse("")),
      utf8(key.createdBy())
    };
    int most = TIMES + 1 + NUMBER;
    for (byte[] text : texts) {
      most += NUMBER + text.length;
    }
    ByteBuffer to = ByteBuffer.allocate(most);
    for (byte[] text : texts) {
      number(to, text.length);
      to.put(text);
    }
    try {
      to.putLong(micros(key.createdAt())).putLong(micros(key.updatedAt()));
    } catch (ArithmeticException e) {
      // A time that no clock shows.
      return null;
    }
    to.put((byte) (key.enabled() ? 1 : 0));
    number(to, key.version());
    return Arrays.copyOf(to.array(), to.position());
  }

  /** The id of a key of which it was packed. */
  static ApiKeyId id(byte[] packed) {
    return ApiKeyId.of(text(ByteBuffer.wrap(packed)));
  }

  /** The first key of its line of rotations; empty when that is the key itself. */
  static String family(byte[] packed) {
    ByteBuffer from = ByteBuffer.wrap(packed);
    int id = (int) number(from);
    from.position(from.position() + id);
    return text(from);
  }

  static ApiKey unpack(
      byte[] packed,
      ApiKeyId id,
      OrganizationId organization,
      KeyMode mode,
      KeyGrants grants,
      Optional<Instant> expiresAt) {
    ByteBuffer from = ByteBuffer.wrap(packed);
    text(from); // The id.
    String family = text(from);
    String prefix = text(from);
    String name = text(from);
    String description = text(from);
    String creator = text(from);
    Instant created = time(from.getLong());
    Instant updated = time(from.getLong());
    boolean enabled = from.get() != 0;
    return new ApiKey(
        id,
        organization,
        name,
        description.isEmpty() ? Optional.empty() : Optional.of(description),
        prefix,
        mode,
        grants,
        enabled,
        creator,
        created,
        updated,
        expiresAt,
        Optional.empty(),
        family.isEmpty() ? id : ApiKeyId.of(family),
        Optional.empty(),
        KeyUse.never(),
        number(from));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteBuffer from) {
    byte[] text = new byte[(int) number(from)];
    from.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Seven bits a byte, the last ones first; the eighth says that more follow. */
  private static void number(ByteBuffer to, long number) {
    long rest = number;
    while (rest >>> 7 != 0) {
      to.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    to.put((byte) rest);
  }

  private static long number(ByteBuffer from) {
    long number = 0;
    int shift = 0;
    byte next;
    do {
      next = from.get();
      number |= (next & 0x7FL) << shift;
      shift += 7;
    } while (next < 0);
    return number;
  }

  /**
   * Microseconds since 1970, rounded down.
   *
   * @throws ArithmeticException when there are too many
   */
  static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
  }

  static Instant time(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }
}
