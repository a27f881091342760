package io.tenantkit.livekit;

import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organization;
import io.tenantkit.vault.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an organization signs and verifies with, in one environment, as it was at a time. {@link
 * SigningKeys} keeps it. Safe for use by several threads.
 */
final class TenantKeys {
  private final Organization organization;
  private final Secret secret;
  private final TenantKey current;
  private final List<TenantKey> replaced;
  private final PlaneRuntime runtime;

  /** When the storage was asked last. */
  volatile long seenMillis;

  /** When it was asked for last. */
  volatile long usedMillis;

  TenantKeys(
      PlaneRuntime runtime,
      Organization organization,
      Secret secret,
      TenantKey current,
      List<TenantKey> replaced) {
    this.runtime = runtime;
    this.organization = organization;
    this.secret = secret;
    this.current = current;
    this.replaced = List.copyOf(replaced);
  }

  /** The organization, as it was when the storage was asked last. */
  Organization organization() {
    return organization;
  }

  ServerUrl serverUrl() {
    return current.server();
  }

  /** The public id of the key that signs. */
  String apiKey() {
    return current.apiKey();
  }

  /** The key that signs. */
  SigningKey key() {
    return current.mac();
  }

  /** Keys whose replacement overlapped with them when this was loaded. */
  List<TenantKey> replaced() {
    return replaced;
  }

  TenantKey currentKey() {
    return current;
  }

  /**
   * Keys for servers that were replaced, one for each, while they overlap with the current one: the
   * tenant's people may be there still.
   */
  List<TenantKey> elsewhere() {
    if (replaced.isEmpty()) {
      return List.of();
    }
    Instant now = runtime.now();
    String here = current.server().canonical();
    Map<String, TenantKey> others = new LinkedHashMap<>();
    for (TenantKey key : replaced) {
      String there = key.server().canonical();
      if (!there.equals(here) && key.until().filter(now::isBefore).isPresent()) {
        others.putIfAbsent(there, key);
      }
    }
    return List.copyOf(others.values());
  }

  /** The credentials' row, as it was. */
  Secret secret() {
    return secret;
  }

  /** The version of the credentials. */
  long version() {
    return secret.currentVersion();
  }

  /**
   * The HMAC-SHA256 of the first bytes of an array, with the current key.
   *
   * @throws io.tenantkit.ConflictException when the credentials were replaced meanwhile
   */
  byte[] sign(byte[] input, int length) {
    return current.mac().sign(input, length);
  }

  /**
   * The key whose public id this is: the current one, or one whose replacement overlaps with it
   * still. Null when none is.
   */
  @Nullable SigningKey verifier(String iss) {
    List<SigningKey> all = verifiers(iss);
    return all.isEmpty() ? null : all.get(0);
  }

  /**
   * As {@link #verifier}, all of them, the current one first: a key may have been given a new
   * secret under the same public id.
   */
  List<SigningKey> verifiers(String iss) {
    boolean isCurrent = current.apiKey().equals(iss);
    if (replaced.isEmpty()) {
      return isCurrent ? List.of(current.mac()) : List.of();
    }
    Instant now = runtime.now();
    List<SigningKey> all = new ArrayList<>();
    if (isCurrent) {
      all.add(current.mac());
    }
    for (TenantKey key : replaced) {
      if (key.apiKey().equals(iss) && key.until().filter(now::isBefore).isPresent()) {
        all.add(key.mac());
      }
    }
    return all;
  }

  /** Whether the row of the credentials is still the same. */
  boolean isOf(Secret nowStored) {
    return secret.id().equals(nowStored.id()) && secret.revision() == nowStored.revision();
  }

  /** The same keys, of the organization as it is now. */
  TenantKeys of(Organization nowThere) {
    return organization.equals(nowThere)
        ? this
        : new TenantKeys(runtime, nowThere, secret, current, replaced);
  }

  /** Whether the credentials have expired. */
  boolean isExpired(long nowMillis) {
    return secret.expiresAt().filter(time -> time.toEpochMilli() <= nowMillis).isPresent();
  }

  /** Whoever still signs with them is refused. */
  void wipe() {
    current.mac().close();
    replaced.forEach(key -> key.mac().close());
  }
}
