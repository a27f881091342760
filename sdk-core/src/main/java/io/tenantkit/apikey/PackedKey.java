package io.tenantkit.apikey;

import io.tenantkit.tenant.OrganizationId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rarely read parts of a key in one array of bytes, a quarter of what they take as objects:
 * times as microseconds, texts as UTF-8. Only keys as most are, which begin their family and were
 * neither revoked nor replaced.
 */
final class PackedKey {
  private static final long NEVER = Long.MIN_VALUE;
  private static final int NUMBERS = 3 * Long.BYTES + Integer.BYTES + 1;

  private PackedKey() {}

  /** The parts that {@link #unpack} is not told; null for a key that is not as most are. */
  static byte @Nullable [] pack(ApiKey key) {
    byte[] prefix = key.prefix().getBytes(StandardCharsets.UTF_8);
    byte[] name = key.name().getBytes(StandardCharsets.UTF_8);
    byte[] creator = key.createdBy().getBytes(StandardCharsets.UTF_8);
    if (key.revocation().isPresent()
        || key.successor().isPresent()
        || key.description().isPresent()
        || !key.family().equals(key.id())
        || prefix.length > Byte.MAX_VALUE
        || name.length > Short.MAX_VALUE
        || key.version() > Integer.MAX_VALUE) {
      return null;
    }
    try {
      return ByteBuffer.allocate(
              NUMBERS + 1 + prefix.length + Short.BYTES + name.length + creator.length)
          .putLong(micros(key.createdAt()))
          .putLong(micros(key.updatedAt()))
          .putLong(key.expiresAt().isPresent() ? micros(key.expiresAt().get()) : NEVER)
          .putInt((int) key.version())
          .put((byte) (key.enabled() ? 1 : 0))
          .put((byte) prefix.length)
          .put(prefix)
          .putShort((short) name.length)
          .put(name)
          .put(creator)
          .array();
    } catch (ArithmeticException e) {
      // A time that no clock shows.
      return null;
    }
  }

  static ApiKey unpack(
      byte[] packed, ApiKeyId id, OrganizationId organization, KeyMode mode, KeyGrants grants) {
    ByteBuffer from = ByteBuffer.wrap(packed);
    Instant created = time(from.getLong());
    Instant updated = time(from.getLong());
    long expires = from.getLong();
    int version = from.getInt();
    boolean enabled = from.get() != 0;
    String prefix = text(from, from.get());
    String name = text(from, from.getShort());
    String creator = text(from, from.remaining());
    return new ApiKey(
        id,
        organization,
        name,
        Optional.empty(),
        prefix,
        mode,
        grants,
        enabled,
        creator,
        created,
        updated,
        expires == NEVER ? Optional.empty() : Optional.of(time(expires)),
        Optional.empty(),
        id,
        Optional.empty(),
        KeyUse.never(),
        version);
  }

  private static String text(ByteBuffer from, int length) {
    byte[] text = new byte[length];
    from.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
  }

  private static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
