package io.tenantkit.secret;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Master keys in this process's memory. Immutable, safe for use by several threads. */
final class LocalMasterKeys implements MasterKeys {
  private final transient List<String> ids;
  private final transient Map<String, String> checkValues;
  private final transient SealingKey current;

  /** By the id that stands in records. */
  private final transient Map<ByteBuffer, SealingKey> byRecordId;

  private final transient @Nullable Path location;

  private LocalMasterKeys(MasterKey current, List<MasterKey> previous, @Nullable Path location) {
    SealingKeys keys = SealingKeys.create();
    Map<String, String> checks = new LinkedHashMap<>();
    Map<ByteBuffer, SealingKey> sealing = new HashMap<>();
    this.current = current.sealingKey(keys);
    checks.put(current.id(), current.checkValue());
    sealing.put(ByteBuffer.wrap(this.current.id()), this.current);
    for (MasterKey key : previous) {
      if (checks.put(key.id(), key.checkValue()) != null) {
        throw new TenantkitException(
            ErrorCode.MASTER_KEY_INVALID, "master keys: each key once, " + key.id() + " is twice");
      }
      SealingKey sealingKey = key.sealingKey(keys);
      sealing.put(ByteBuffer.wrap(sealingKey.id()), sealingKey);
    }
    this.ids = List.copyOf(new ArrayList<>(checks.keySet()));
    this.checkValues = Map.copyOf(checks);
    this.byRecordId = Map.copyOf(sealing);
    this.location = location;
  }

  static LocalMasterKeys of(MasterKey current, List<MasterKey> previous) {
    return new LocalMasterKeys(current, previous, null);
  }

  static LocalMasterKeys from(Path location, List<MasterKey> keys) {
    return new LocalMasterKeys(keys.get(0), keys.subList(1, keys.size()), location);
  }

  /** The id of the local key that a record names; empty when it is no record of a local key. */
  static Optional<String> keyIdOf(byte[] record) {
    try {
      byte[] id = SealingKey.keyIdOf(record);
      return Optional.of("mk-" + HexFormat.of().formatHex(id, 0, 8));
    } catch (TenantkitException e) {
      return Optional.empty();
    }
  }

  @Override
  public String currentId() {
    return ids.get(0);
  }

  @Override
  public List<String> ids() {
    return ids;
  }

  @Override
  public String checkValue(String id) {
    String value = checkValues.get(id);
    if (value == null) {
      throw new InvalidInputException("master key id", "one of " + ids);
    }
    return value;
  }

  @Override
  public byte[] wrap(byte[] key, byte[] associatedData, SecureRandom random) {
    return current.seal(key, associatedData, random);
  }

  @Override
  public byte[] unwrap(byte[] record, byte[] associatedData) {
    SealingKey key = byRecordId.get(ByteBuffer.wrap(SealingKey.keyIdOf(record)));
    if (key == null) {
      throw SealingKey.rejected();
    }
    return key.open(record, associatedData);
  }

  @Override
  public Optional<Path> location() {
    return Optional.ofNullable(location);
  }

  /** Ids only. */
  @Override
  public String toString() {
    return "MasterKeys[" + String.join(", ", ids) + ", redacted]";
  }
}
