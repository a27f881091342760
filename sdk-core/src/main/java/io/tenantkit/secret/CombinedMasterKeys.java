package io.tenantkit.secret;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Several sources of master keys as one. Immutable; as safe and as blocking as its parts. */
final class CombinedMasterKeys implements MasterKeys {
  private final transient List<MasterKeys> parts;
  private final transient Map<String, MasterKeys> byId;
  private final transient List<String> ids;

  private CombinedMasterKeys(List<MasterKeys> parts) {
    this.parts = parts;
    Map<String, MasterKeys> owners = new LinkedHashMap<>();
    for (MasterKeys part : parts) {
      for (String id : part.ids()) {
        if (owners.put(id, part) != null) {
          throw new TenantkitException(
              ErrorCode.MASTER_KEY_INVALID, "master keys: each key once, " + id + " is twice");
        }
      }
    }
    this.ids = List.copyOf(owners.keySet());
    this.byId = Map.copyOf(owners);
  }

  static CombinedMasterKeys of(MasterKeys current, List<MasterKeys> previous) {
    List<MasterKeys> parts = new ArrayList<>();
    parts.add(current);
    parts.addAll(previous);
    return new CombinedMasterKeys(List.copyOf(parts));
  }

  @Override
  public String currentId() {
    return parts.get(0).currentId();
  }

  @Override
  public List<String> ids() {
    return ids;
  }

  @Override
  public String checkValue(String id) {
    return owner(id).checkValue(id);
  }

  @Override
  public boolean matches(String id, String storedCheckValue) {
    return owner(id).matches(id, storedCheckValue);
  }

  @Override
  public boolean knows(byte[] record) {
    return parts.stream().anyMatch(part -> part.knows(record));
  }

  @Override
  public byte[] wrap(byte[] key, byte[] associatedData, SecureRandom random) {
    return parts.get(0).wrap(key, associatedData, random);
  }

  @Override
  public byte[] unwrap(byte[] record, byte[] associatedData) {
    return parts.stream()
        .filter(part -> part.knows(record))
        .findFirst()
        .orElseThrow(SealingKey::rejected)
        .unwrap(record, associatedData);
  }

  @Override
  public Optional<Path> location() {
    return locations().stream().findFirst();
  }

  @Override
  public List<Path> locations() {
    return parts.stream().flatMap(part -> part.locations().stream()).toList();
  }

  /** Ids only. */
  @Override
  public String toString() {
    return "MasterKeys[" + String.join(", ", ids) + ", redacted]";
  }

  private MasterKeys owner(String id) {
    MasterKeys owner = byId.get(id);
    if (owner == null) {
      throw new InvalidInputException("master key id", "one of " + ids);
    }
    return owner;
  }
}
