package io.tenantkit.vault;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/** A control plane with two organizations over an in-memory storage, and its vault. */
final class VaultHouse implements AutoCloseable {
  static final OrganizationId ACME = OrganizationId.of("acme");
  static final OrganizationId GLOBEX = OrganizationId.of("globex");
  static final Instant START = Instant.parse("2026-11-21T10:15:30.123456Z");
  static final SecretRef REF = SecretRef.of("app", Environment.PRODUCTION, "db-password");

  final TickingClock clock = TickingClock.at(START);
  final InMemoryStorage storage = InMemoryStorage.create();
  final TenantContext acme = TenantContext.trusted(ACME, "acme-host");
  final TenantContext globex = TenantContext.trusted(GLOBEX, "globex-host");
  final ControlPlane plane;
  final SecretVault vault;

  VaultHouse() {
    this(UnaryOperator.identity());
  }

  /** With a decorator between the vault and its stores. */
  VaultHouse(UnaryOperator<VaultStores> decorator) {
    plane = open(decorate(storage, decorator), masterKeys(1));
    Operator operator = Operator.trusted("operator", "tests");
    plane.organizations().create(operator, ACME, "Acme");
    plane.organizations().create(operator, GLOBEX, "Globex");
    vault = SecretVault.of(plane);
  }

  /** Another control plane on the same rows, with nothing of the first one's memory. */
  ControlPlane again(MasterKeys masterKeys) {
    return open(storage, masterKeys);
  }

  /** A vault on the same rows, with nothing cached. */
  SecretVault freshVault() {
    return SecretVault.of(again(masterKeys(1)));
  }

  /** As {@link #freshVault()}, over decorated stores. */
  SecretVault freshVault(UnaryOperator<VaultStores> decorator) {
    return SecretVault.of(open(decorate(storage, decorator), masterKeys(1)));
  }

  private ControlPlane open(Storage over, MasterKeys masterKeys) {
    return ControlPlane.builder(over, masterKeys).clock(clock).build();
  }

  static Storage decorate(InMemoryStorage storage, UnaryOperator<VaultStores> decorator) {
    return new DecoratedStorage(storage, decorator.apply(InMemoryVaultStores.in(storage)));
  }

  /** The stores beneath the vault, to do by hand what only a database's owner can. */
  VaultStores rows() {
    return InMemoryVaultStores.in(storage);
  }

  SecretStore secretRows() {
    return rows().secrets();
  }

  /** A master key from a seed: the same seed, the same key. */
  static MasterKey masterKey(long seed) {
    byte[] bytes = new byte[32];
    new InsecureFixedRandom(seed).nextBytes(bytes);
    return MasterKey.of(bytes);
  }

  static MasterKeys masterKeys(long seed) {
    return MasterKeys.of(masterKey(seed));
  }

  static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  static SecretValue value(String text) {
    return SecretValue.of(text);
  }

  static String text(SecretValue value) {
    return value.string(SecretAccess.get());
  }

  String reveal(TenantContext context, SecretRef ref) {
    return reveal(vault, context, ref);
  }

  static String reveal(SecretVault vault, TenantContext context, SecretRef ref) {
    try (SecretFields fields = vault.reveal(context, ref)) {
      return text(fields.value());
    }
  }

  String reveal(TenantContext context, SecretRef ref, long version) {
    try (SecretFields fields = vault.reveal(context, ref, version)) {
      return text(fields.value());
    }
  }

  /** The trail of an organization, oldest first. */
  List<AuditEvent> trail(TenantContext context) {
    return plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items();
  }

  /** The trail of an organization, but for what due work finds by itself at any time. */
  private List<AuditEvent> called(TenantContext context) {
    return trail(context).stream()
        .filter(event -> event.actor().kind() != Actor.Kind.SYSTEM)
        .toList();
  }

  List<String> actions(TenantContext context) {
    return trail(context).stream().map(AuditEvent::action).toList();
  }

  AuditEvent last(TenantContext context) {
    List<AuditEvent> trail = trail(context);
    return trail.get(trail.size() - 1);
  }

  List<Secret> listed(TenantContext context) {
    return vault.list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items();
  }

  /** All that can be seen of what is written, to compare before and after. */
  List<Object> written() {
    return List.of(called(acme), called(globex), kept());
  }

  /** All of it but the trail. */
  List<Object> kept() {
    return List.of(
        listed(acme),
        listed(globex),
        listed(acme).stream().map(secret -> vault.versions(acme, secret.ref())).toList(),
        listed(globex).stream().map(secret -> vault.versions(globex, secret.ref())).toList(),
        rows().organizationKeys().newest(acme).map(key -> key.keyId()),
        rows().organizationKeys().newest(globex).map(key -> key.keyId()),
        plane.runtime().coreStores().masterKeys().list());
  }

  @Override
  public void close() {
    plane.close();
    storage.close();
  }
}
