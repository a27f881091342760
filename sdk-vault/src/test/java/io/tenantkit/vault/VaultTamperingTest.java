package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.GLOBEX;
import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Somebody writes to the database: rows altered, cut, or moved to where they do not belong never
 * open, all get the same words, whatever was wrong, and the trail tells each attempt.
 */
class VaultTamperingTest {
  private static final String WORDS =
      "the sealed record does not open: damaged, moved, or made with another key";

  private final VaultHouse house = new VaultHouse();
  private OpenedSecret second;
  private OpenedSecret first;
  private OpenedSecret neighbour;
  private OpenedSecret globexs;

  @BeforeEach
  void fill() {
    for (TenantContext context : List.of(house.acme, house.globex)) {
      house.vault.put(context, REF, pair("one"));
      house.vault.put(context, REF, pair("two"));
      house.vault.put(context, ref("neighbour"), pair("three"));
    }
    second = row(house.acme, REF, VersionChoice.CURRENT);
    first = row(house.acme, REF, VersionChoice.numbered(1));
    neighbour = row(house.acme, ref("neighbour"), VersionChoice.CURRENT);
    globexs = row(house.globex, REF, VersionChoice.CURRENT);
  }

  @AfterEach
  void close() {
    house.close();
  }

  /** A change to what is read, which the test's own rows may be mixed into. */
  private interface Tampering {
    OpenedSecret change(OpenedSecret read, VaultTamperingTest rows);
  }

  record Case(String name, Tampering tampering) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> moves() {
    return Stream.of(
        // Rows of other places put into this one.
        new Case(
            "another version's ciphertexts",
            (read, rows) -> with(read, sealedAs(read.version(), rows.first.version()))),
        new Case(
            "an older version shown as the newest",
            (read, rows) -> with(read, numbered(rows.first.version(), 2))),
        new Case(
            "a version under another number",
            (read, rows) -> with(read, numbered(read.version(), 3))),
        new Case(
            "another secret's version",
            (read, rows) -> with(read, numbered(rows.neighbour.version(), 2))),
        new Case("another tenant's version", (read, rows) -> with(read, rows.globexs.version())),
        new Case(
            "another tenant's version under one's own key's id",
            (read, rows) ->
                with(read, keyed(rows.globexs.version(), read.version().organizationKeyId()))),
        new Case(
            "another version's data key",
            (read, rows) ->
                with(read, dataKey(read.version(), rows.first.version().wrappedDataKey()))),
        new Case(
            "a field where its data key belongs",
            (read, rows) -> with(read, dataKey(read.version(), read.version().fields().get("a")))),
        new Case(
            "another version's field",
            (read, rows) -> field(read, "a", rows.first.version().fields().get("a"))),
        new Case(
            "two fields swapped",
            (read, rows) ->
                field(
                    field(read, "a", read.version().fields().get("b")),
                    "b",
                    read.version().fields().get("a"))),
        new Case(
            "a field under a name of its own",
            (read, rows) -> field(read, "c", read.version().fields().get("a"))),
        // The secret's own row rewritten: ids and environment are bound, not only the bytes.
        new Case("another environment", (read, rows) -> environment(read, Environment.DEVELOPMENT)),
        new Case("another project", (read, rows) -> project(read, "prj_other")),
        new Case("no project", (read, rows) -> project(read, "")),
        new Case("an endless project", (read, rows) -> project(read, "p".repeat(300))),
        new Case("another secret's id", (read, rows) -> id(read, rows.neighbour.secret().id())),
        new Case("another organization", (read, rows) -> organization(read, GLOBEX)),
        // Bytes.
        new Case(
            "a bit of the data key",
            (read, rows) ->
                with(read, dataKey(read.version(), flipped(read.version().wrappedDataKey(), 70)))),
        new Case(
            "the last byte of a field",
            (read, rows) -> field(read, "b", flipped(read.version().fields().get("b"), -1))),
        new Case(
            "the first byte of a field",
            (read, rows) -> field(read, "b", flipped(read.version().fields().get("b"), 0))),
        new Case(
            "a field cut",
            (read, rows) -> field(read, "a", cut(read.version().fields().get("a"), 1))),
        new Case(
            "a field longer",
            (read, rows) ->
                field(
                    read,
                    "a",
                    Arrays.copyOf(
                        read.version().fields().get("a"),
                        read.version().fields().get("a").length + 1))),
        new Case("a field empty", (read, rows) -> field(read, "a", new byte[0])),
        new Case(
            "the data key empty", (read, rows) -> with(read, dataKey(read.version(), new byte[0]))),
        new Case(
            "the data key cut",
            (read, rows) ->
                with(read, dataKey(read.version(), cut(read.version().wrappedDataKey(), 17)))),
        // What no vault ever wrote.
        new Case("no fields", (read, rows) -> with(read, fields(read.version(), Map.of()))),
        new Case(
            "a hundred fields", (read, rows) -> with(read, fields(read.version(), many(read)))),
        new Case(
            "a field without a name",
            (read, rows) -> field(read, "", read.version().fields().get("a"))),
        new Case(
            "a field with an endless name",
            (read, rows) -> field(read, "f".repeat(300), read.version().fields().get("a"))),
        new Case("version zero", (read, rows) -> with(read, numbered(read.version(), 0))),
        new Case("a version below zero", (read, rows) -> with(read, numbered(read.version(), -2))),
        // The key's id.
        new Case(
            "another tenant's key's id",
            (read, rows) ->
                with(read, keyed(read.version(), rows.globexs.version().organizationKeyId()))),
        new Case(
            "an unknown key's id",
            (read, rows) -> with(read, keyed(read.version(), "0123456789abcdef".repeat(2)))),
        new Case("no key's id", (read, rows) -> with(read, keyed(read.version(), ""))),
        new Case("not a key's id", (read, rows) -> with(read, keyed(read.version(), "zz"))));
  }

  @ParameterizedTest
  @MethodSource("moves")
  void aRowThatWasChangedDoesNotOpen(Case tampered) {
    UnaryOperator<OpenedSecret> change = read -> tampered.tampering().change(read, this);
    // Once with nothing cached, and once more when the true key is in memory.
    SecretVault vault =
        house.freshVault(
            DecoratedStorage.changing(
                read -> read.secret().ref().equals(REF) ? change.apply(read) : read));
    AtomicBoolean ran = new AtomicBoolean();
    for (int round = 0; round < 2; round++) {
      assertRejected(() -> vault.reveal(house.acme, REF));
      assertRejected(
          () ->
              vault.useFields(
                  house.acme,
                  REF,
                  Purpose.of("try"),
                  fields -> {
                    ran.set(true);
                    return 1;
                  }));
      assertThat(ran).isFalse();
      vault.reveal(house.acme, ref("neighbour")).close();
    }
  }

  @Test
  void rowsThatNobodyChangedOpen() {
    SecretVault vault = house.freshVault(DecoratedStorage.changing(read -> read));
    try (SecretFields fields = vault.reveal(house.acme, REF)) {
      assertThat(VaultHouse.text(fields.field("a"))).isEqualTo("two a");
      assertThat(VaultHouse.text(fields.field("b"))).isEqualTo("two b");
    }
  }

  /** Copied into the other tenant's tables as only the database's owner can. */
  @Test
  void aSecretCopiedToAnotherTenantDoesNotOpenThere() {
    Secret copied = organization(second, GLOBEX).secret();
    SecretRef there = SecretRef.of("moved", Environment.PRODUCTION, "copied");
    Secret placed = secret(second, copied.id(), GLOBEX, copied.projectId(), there).secret();
    assertThat(
            house
                .secretRows()
                .write(house.globex, SecretWrite.create(placed, second.version(), event(GLOBEX))))
        .isTrue();

    SecretVault fresh = house.freshVault();
    assertRejected(house.globex, () -> fresh.reveal(house.globex, there));
    assertRejected(house.globex, () -> house.vault.reveal(house.globex, there));

    // And with the key that it was sealed under.
    StoredOrganizationKey acmes = house.rows().organizationKeys().newest(house.acme).orElseThrow();
    assertThat(
            house.rows().organizationKeys().insert(house.globex, numbered(acmes, 2), event(GLOBEX)))
        .isTrue();
    assertRejected(house.globex, () -> fresh.reveal(house.globex, there));
    assertRejected(house.globex, () -> house.freshVault().reveal(house.globex, there));
    assertRejected(house.globex, () -> house.vault.reveal(house.globex, there));
    assertRejected(house.globex, () -> house.vault.use(house.globex, there, "try", secret -> 1));
  }

  /** Or else one tenant's secrets would be sealed with another's key, who could be shredded. */
  @Test
  void aKeyMovedToAnotherTenantSealsNothingThere() {
    TenantContext initech = organization("initech");
    StoredOrganizationKey acmes = house.rows().organizationKeys().newest(house.acme).orElseThrow();
    assertThat(
            house.rows().organizationKeys().insert(initech, acmes, event(initech.organization())))
        .isTrue();
    // The very vault that has acme's key in memory.
    house.vault.reveal(house.acme, REF).close();
    List<Object> before = house.kept();

    assertRejected(initech, () -> house.vault.put(initech, REF, value("initech's")));
    assertRejected(initech, () -> house.freshVault().put(initech, REF, value("initech's")));

    assertThat(house.listed(initech)).isEmpty();
    assertThat(house.kept()).isEqualTo(before);
  }

  record KeyCase(String name, UnaryOperator<StoredOrganizationKey> change) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<KeyCase> keyChanges() {
    return Stream.of(
        new KeyCase("another number", key -> numbered(key, 2)),
        new KeyCase("number zero", key -> numbered(key, 0)),
        new KeyCase("a number below zero", key -> numbered(key, -1)),
        new KeyCase("a bit of its record", key -> wrapped(key, flipped(key.wrapped(), 65))),
        new KeyCase("its master key's id", key -> wrapped(key, flipped(key.wrapped(), 5))),
        new KeyCase("its layer", key -> wrapped(key, flipped(key.wrapped(), 1))),
        new KeyCase("its format", key -> wrapped(key, flipped(key.wrapped(), 0))),
        new KeyCase("cut", key -> wrapped(key, cut(key.wrapped(), 1))),
        new KeyCase("empty", key -> wrapped(key, new byte[0])),
        new KeyCase("another id", key -> identified(key, "0123456789abcdef".repeat(2))),
        new KeyCase("an id that is none", key -> identified(key, "zz")),
        new KeyCase("a short id", key -> identified(key, "00")),
        new KeyCase("no id", key -> identified(key, "")));
  }

  @ParameterizedTest
  @MethodSource("keyChanges")
  void aKeyThatWasChangedNeitherOpensNorSeals(KeyCase changed) {
    SecretVault vault = house.freshVault(DecoratedStorage.changingKeys(changed.change()));
    assertRejected(() -> vault.reveal(house.acme, REF));
    List<Object> before = house.kept();
    assertRejected(() -> vault.put(house.acme, REF, pair("never")));
    assertRejected(() -> vault.put(house.acme, ref("never"), pair("never")));
    assertThat(house.kept()).isEqualTo(before);
  }

  @Test
  void keysOfTwoTenantsSwappedOpenNothing() {
    StoredOrganizationKey acmes = house.rows().organizationKeys().newest(house.acme).orElseThrow();
    StoredOrganizationKey globexs =
        house.rows().organizationKeys().newest(house.globex).orElseThrow();
    SecretVault vault =
        house.freshVault(
            DecoratedStorage.changingKeys(
                key -> key.keyId().equals(acmes.keyId()) ? globexs : acmes));
    assertRejected(() -> vault.reveal(house.acme, REF));
    assertRejected(house.globex, () -> vault.reveal(house.globex, REF));
    assertRejected(() -> vault.put(house.acme, REF, pair("never")));

    // The records alone, under the true ids and numbers.
    SecretVault records =
        house.freshVault(
            DecoratedStorage.changingKeys(
                key ->
                    wrapped(
                        key,
                        key.keyId().equals(acmes.keyId()) ? globexs.wrapped() : acmes.wrapped())));
    assertRejected(() -> records.reveal(house.acme, REF));
    assertRejected(house.globex, () -> records.put(house.globex, REF, pair("never")));
  }

  private void assertRejected(ThrowingCallable call) {
    assertRejected(house.acme, call);
  }

  /** In whose trail it is told, and in nobody else's. */
  private void assertRejected(TenantContext context, ThrowingCallable call) {
    long before = rejections(context);
    long all = rejections(house.acme) + rejections(house.globex);
    Throwable thrown = catchThrowable(call);
    assertThat(thrown)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).as(e.toString()).isEqualTo(ErrorCode.CIPHERTEXT_REJECTED));
    assertThat(thrown).hasMessage(WORDS).hasNoCause().hasNoSuppressedExceptions();
    assertThat(rejections(context)).as("in the trail").isEqualTo(before + 1);
    boolean others = !context.equals(house.acme) && !context.equals(house.globex);
    assertThat(rejections(house.acme) + rejections(house.globex)).isEqualTo(all + (others ? 0 : 1));
  }

  private long rejections(TenantContext context) {
    return house.actions(context).stream().filter("secret.rejected"::equals).count();
  }

  private OpenedSecret row(TenantContext context, SecretRef ref, VersionChoice version) {
    return house
        .secretRows()
        .open(context, ref, version, secret -> event(context.organization()))
        .orElseThrow();
  }

  private TenantContext organization(String id) {
    house
        .plane
        .organizations()
        .create(
            io.tenantkit.tenant.Operator.trusted("operator", "tests"), OrganizationId.of(id), id);
    return TenantContext.trusted(OrganizationId.of(id), "host");
  }

  private AuditEvent event(OrganizationId organization) {
    return new AuditEvent(
        house.plane.runtime().ids().next("evt"),
        organization,
        house.clock.instant(),
        Actor.host("dba"),
        "row.moved",
        "row",
        "row",
        Map.of());
  }

  private static NewSecret pair(String text) {
    return NewSecret.of("pair", Map.of("a", value(text + " a"), "b", value(text + " b")));
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] changed = bytes.clone();
    changed[at < 0 ? changed.length + at : at] ^= 1;
    return changed;
  }

  private static byte[] cut(byte[] bytes, int by) {
    return Arrays.copyOf(bytes, bytes.length - by);
  }

  private static Map<String, byte[]> many(OpenedSecret read) {
    Map<String, byte[]> many = new LinkedHashMap<>(read.version().fields());
    for (int i = 0; i < 98; i++) {
      many.put("f" + i, read.version().fields().get("a"));
    }
    return many;
  }

  private static OpenedSecret with(OpenedSecret read, StoredSecretVersion version) {
    return new OpenedSecret(read.secret(), version);
  }

  private static StoredSecretVersion sealedAs(StoredSecretVersion row, StoredSecretVersion other) {
    return new StoredSecretVersion(
        row.number(),
        other.organizationKeyId(),
        other.wrappedDataKey(),
        other.fields(),
        row.createdBy(),
        row.createdAt());
  }

  private static StoredSecretVersion numbered(StoredSecretVersion row, long number) {
    return new StoredSecretVersion(
        number,
        row.organizationKeyId(),
        row.wrappedDataKey(),
        row.fields(),
        row.createdBy(),
        row.createdAt());
  }

  private static StoredSecretVersion keyed(StoredSecretVersion row, String keyId) {
    return new StoredSecretVersion(
        row.number(), keyId, row.wrappedDataKey(), row.fields(), row.createdBy(), row.createdAt());
  }

  private static StoredSecretVersion dataKey(StoredSecretVersion row, byte[] wrapped) {
    return new StoredSecretVersion(
        row.number(),
        row.organizationKeyId(),
        wrapped,
        row.fields(),
        row.createdBy(),
        row.createdAt());
  }

  private static StoredSecretVersion fields(StoredSecretVersion row, Map<String, byte[]> fields) {
    return new StoredSecretVersion(
        row.number(),
        row.organizationKeyId(),
        row.wrappedDataKey(),
        fields,
        row.createdBy(),
        row.createdAt());
  }

  private static OpenedSecret field(OpenedSecret read, String name, byte[] record) {
    Map<String, byte[]> changed = new HashMap<>(read.version().fields());
    changed.put(name, record);
    return with(read, fields(read.version(), changed));
  }

  private static OpenedSecret environment(OpenedSecret read, Environment environment) {
    Secret secret = read.secret();
    return secret(
        read,
        secret.id(),
        secret.organization(),
        secret.projectId(),
        SecretRef.of(secret.ref().project(), environment, secret.ref().name()));
  }

  private static OpenedSecret project(OpenedSecret read, String projectId) {
    Secret secret = read.secret();
    return secret(read, secret.id(), secret.organization(), projectId, secret.ref());
  }

  private static OpenedSecret id(OpenedSecret read, SecretId id) {
    Secret secret = read.secret();
    return secret(read, id, secret.organization(), secret.projectId(), secret.ref());
  }

  private static OpenedSecret organization(OpenedSecret read, OrganizationId organization) {
    Secret secret = read.secret();
    return secret(read, secret.id(), organization, secret.projectId(), secret.ref());
  }

  private static OpenedSecret secret(
      OpenedSecret read, SecretId id, OrganizationId organization, String project, SecretRef ref) {
    Secret secret = read.secret();
    return new OpenedSecret(
        new Secret(
            id,
            organization,
            project,
            ref,
            secret.type(),
            secret.description(),
            secret.stages(),
            secret.maxVersions(),
            secret.expiresAt(),
            secret.deletedAt(),
            secret.owner(),
            secret.access(),
            secret.createdAt(),
            secret.updatedAt(),
            secret.revision()),
        read.version());
  }

  private static StoredOrganizationKey numbered(StoredOrganizationKey key, int number) {
    return new StoredOrganizationKey(
        number, key.keyId(), key.masterKeyId(), key.wrapped(), key.createdAt());
  }

  private static StoredOrganizationKey wrapped(StoredOrganizationKey key, byte[] wrapped) {
    return new StoredOrganizationKey(
        key.number(), key.keyId(), key.masterKeyId(), wrapped, key.createdAt());
  }

  private static StoredOrganizationKey identified(StoredOrganizationKey key, String id) {
    return new StoredOrganizationKey(
        key.number(), id, key.masterKeyId(), key.wrapped(), key.createdAt());
  }
}
