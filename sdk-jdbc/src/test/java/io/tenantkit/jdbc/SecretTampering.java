package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.VaultBackup;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tables' owner changes secrets by SQL, past every key and trigger: what was altered, cut or
 * moved does not open, whatever was wrong gets the same words, and the trail tells each attempt.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SecretTampering {
  private static final String WORDS =
      "the sealed record does not open: damaged, moved, or made with another key";
  private static final String CANARY = "tampering-canary";
  private static final SecretRef REF = ref("tampered");
  private static final SecretRef NEIGHBOUR = ref("neighbour");
  private static final SecretRef BOUND = ref("bound");
  private static final Destination THERE = Destination.hosts("api.example.com");
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private OwnedDatabase database;
  private JdbcStorage storage;
  private ControlPlane plane;
  private SecretVault vault;
  private TenantContext acme;
  private TenantContext globex;
  private Version second;
  private Version first;
  private Version neighbour;
  private Version globexs;
  private Version bound;

  /** Opened once, with a plane of its own on it. */
  final void open(OwnedDatabase opened) {
    database = opened;
    storage = opened.open();
    plane = plane();
    vault = SecretVault.of(plane);
  }

  final void closeAll() {
    plane.close();
    storage.close();
    database.close();
  }

  private ControlPlane plane() {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
  }

  @BeforeEach
  final void fill() {
    acme = organization("acme");
    globex = organization("globex");
    for (TenantContext context : List.of(acme, globex)) {
      vault.put(context, REF, pair("one"));
      vault.put(context, REF, pair("two"));
      vault.put(context, NEIGHBOUR, pair("three"));
      vault.put(context, NEIGHBOUR, pair("four"));
      vault.put(context, BOUND, pair("five").to(THERE));
    }
    second = version(acme, REF, 2);
    first = version(acme, REF, 1);
    neighbour = version(acme, NEIGHBOUR, 2);
    globexs = version(globex, REF, 2);
    bound = version(acme, BOUND, 1);
  }

  private TenantContext organization(String name) {
    OrganizationId id = OrganizationId.of(name + "-" + NUMBER.incrementAndGet());
    plane.organizations().create(Operator.trusted("ops", "test"), id, name);
    return TenantContext.trusted(id, "host");
  }

  private static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  private static NewSecret pair(String text) {
    return NewSecret.of("pair", Map.of("a", value(text + " a"), "b", value(text + " b")));
  }

  private static SecretValue value(String text) {
    return SecretValue.of(CANARY + " " + text);
  }

  private Version version(TenantContext context, SecretRef ref, long number) {
    return new Version(
        database, context.organization().value(), vault.get(context, ref).id().value(), number);
  }

  /** The rows of one version. */
  record Version(OwnedDatabase database, String organization, String secret, long number) {
    String where() {
      return " WHERE organization_id = '%s' AND secret_id = '%s' AND version_number = %d"
          .formatted(organization, secret, number);
    }

    String where(String field) {
      return where() + " AND field_name = '" + field + "'";
    }

    byte[] field(String name) {
      return database.bytes("SELECT sealed FROM tenantkit.secret_fields" + where(name));
    }

    void field(String name, byte[] bytes) {
      database.tamper(
          "UPDATE tenantkit.secret_fields SET sealed = " + database.literal(bytes) + where(name));
    }

    byte[] dataKey() {
      return database.bytes("SELECT wrapped_data_key FROM tenantkit.secret_versions" + where());
    }

    void dataKey(byte[] bytes) {
      set("wrapped_data_key = " + database.literal(bytes));
    }

    String keyId() {
      return database
          .texts("SELECT organization_key_id FROM tenantkit.secret_versions" + where())
          .get(0);
    }

    void set(String columns) {
      database.tamper("UPDATE tenantkit.secret_versions SET " + columns + where());
    }

    /** All that is sealed of the other one. */
    void sealedAs(Version other) {
      byte[] a = other.field("a");
      byte[] b = other.field("b");
      dataKey(other.dataKey());
      field("a", a);
      field("b", b);
    }

    /** Its rows under other names. */
    void move(String columns) {
      database.tamper(
          "UPDATE tenantkit.secret_fields SET " + columns + where(),
          "UPDATE tenantkit.secret_versions SET " + columns + where());
    }

    void secretRow(String columns) {
      database.tamper(
          "UPDATE tenantkit.secrets SET %s WHERE organization_id = '%s' AND id = '%s'"
              .formatted(columns, organization, secret));
    }

    /** The rows of the key that it is under. */
    byte[] key() {
      return database.bytes("SELECT wrapped FROM tenantkit.organization_keys" + whereKey(keyId()));
    }

    String whereKey(String id) {
      return " WHERE organization_id = '%s' AND key_id = '%s'".formatted(organization, id);
    }

    void keyRow(String columns) {
      database.tamper("UPDATE tenantkit.organization_keys SET " + columns + whereKey(keyId()));
    }

    void key(byte[] bytes) {
      keyRow("wrapped = " + database.literal(bytes));
    }
  }

  /** What the owner does, to the second version of a secret unless it is said. */
  private interface Tampering {
    void change(SecretTampering rows);
  }

  /** A change of rows, and the secret whose rows they are. */
  record Case(String name, SecretRef ref, Tampering tampering) {
    Case(String name, Tampering tampering) {
      this(name, REF, tampering);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> changes() {
    return Stream.of(
        new Case("a bit of a field", r -> r.second.field("a", flipped(r.second.field("a"), 40))),
        new Case("a field's first byte", r -> r.second.field("b", flipped(r.second.field("b"), 0))),
        new Case("a field's last byte", r -> r.second.field("b", flipped(r.second.field("b"), -1))),
        new Case("a field cut", r -> r.second.field("a", cut(r.second.field("a"), 1))),
        new Case("a field empty", r -> r.second.field("a", new byte[0])),
        new Case("a field longer", r -> r.second.field("a", cut(r.second.field("a"), -1))),
        new Case("a bit of the data key", r -> r.second.dataKey(flipped(r.second.dataKey(), 70))),
        new Case("the data key cut", r -> r.second.dataKey(cut(r.second.dataKey(), 1))),
        new Case("the data key empty", r -> r.second.dataKey(new byte[0])),
        new Case(
            "a field gone",
            r -> r.database.tamper("DELETE FROM tenantkit.secret_fields" + r.second.where("b"))),
        new Case(
            "all fields gone",
            r -> r.database.tamper("DELETE FROM tenantkit.secret_fields" + r.second.where())),
        new Case(
            "a field more",
            r ->
                r.database.tamper(
                    "INSERT INTO tenantkit.secret_fields"
                        + " (organization_id, secret_id, version_number, field_name, sealed)"
                        + " SELECT organization_id, secret_id, version_number, 'c', sealed"
                        + " FROM tenantkit.secret_fields"
                        + r.second.where("a"))),
        new Case(
            "a field under another name",
            r ->
                r.database.tamper(
                    "UPDATE tenantkit.secret_fields SET field_name = 'c'" + r.second.where("a"))),
        new Case(
            "two fields swapped",
            r -> {
              byte[] a = r.second.field("a");
              r.second.field("a", r.second.field("b"));
              r.second.field("b", a);
            }),
        new Case("another version's field", r -> r.second.field("a", r.first.field("a"))),
        new Case("another version's data key", r -> r.second.dataKey(r.first.dataKey())),
        new Case("another version's bytes", r -> r.second.sealedAs(r.first)),
        new Case(
            "an older version shown as the newest",
            r -> {
              r.second.move("version_number = 3");
              r.first.move("version_number = 2");
            }),
        new Case(
            "a version under another number",
            r -> {
              r.second.move("version_number = 7");
              r.second.secretRow("current_version = 7, newest_version = 7");
            }),
        new Case("another secret's bytes", r -> r.second.sealedAs(r.neighbour)),
        new Case(
            "another secret's version",
            r -> {
              r.second.move("version_number = 9");
              r.neighbour.move("secret_id = '" + r.second.secret() + "'");
            }),
        new Case("another tenant's bytes", r -> r.second.sealedAs(r.globexs)),
        new Case(
            "another tenant's version under its own key",
            r -> {
              String key = r.globexs.keyId();
              r.second.move("version_number = 9");
              r.database.tamper(
                  "UPDATE tenantkit.organization_keys SET key_number = 2, organization_id = '"
                      + r.second.organization()
                      + "'"
                      + r.globexs.whereKey(key));
              r.globexs.move(
                  "organization_id = '%s', secret_id = '%s'"
                      .formatted(r.second.organization(), r.second.secret()));
            }),
        new Case("a field where its data key belongs", r -> r.second.dataKey(r.second.field("a"))),
        new Case("a data key where a field belongs", r -> r.second.field("a", r.second.dataKey())),
        new Case(
            "the organization's key where a data key belongs",
            r -> r.second.dataKey(r.second.key())),
        new Case(
            "the organization's key where a field belongs",
            r -> r.second.field("a", r.second.key())),
        new Case(
            "another environment",
            ref(Environment.STAGING),
            r -> r.second.secretRow("environment = 'STAGING'")),
        new Case(
            "another project",
            SecretRef.of("elsewhere", Environment.PRODUCTION, "tampered"),
            r -> {
              r.database.tamper(
                  "INSERT INTO tenantkit.projects (organization_id, id, name) VALUES ('"
                      + r.second.organization()
                      + "', 'prj_other', 'elsewhere')");
              r.second.secretRow("project_id = 'prj_other'");
            }),
        new Case(
            "a secret under another id",
            r -> {
              r.first.move("secret_id = 'sec_other'");
              r.second.move("secret_id = 'sec_other'");
              r.second.secretRow("id = 'sec_other'");
            }),
        new Case(
            "another tenant's key's id",
            r -> r.second.set("organization_key_id = '" + r.globexs.keyId() + "'")),
        new Case(
            "an unknown key's id",
            r -> r.second.set("organization_key_id = '" + "0123456789abcdef".repeat(2) + "'")),
        new Case("no key's id", r -> r.second.set("organization_key_id = ''")),
        new Case(
            "a destination where there was none",
            r ->
                r.second.set(
                    "destination = '" + Destination.hosts("evil.example.com").canonical() + "'")),
        new Case(
            "another destination",
            BOUND,
            r ->
                r.bound.set(
                    "destination = '" + Destination.hosts("evil.example.com").canonical() + "'")),
        new Case(
            "one destination more",
            BOUND,
            r ->
                r.bound.set(
                    "destination = '"
                        + Destination.hosts("api.example.com", "evil.example.com").canonical()
                        + "'")),
        new Case("no destination", BOUND, r -> r.bound.set("destination = ''")),
        new Case("a destination that is none", BOUND, r -> r.bound.set("destination = 'x'")));
  }

  private static SecretRef ref(Environment environment) {
    return SecretRef.of("app", environment, "tampered");
  }

  @ParameterizedTest
  @MethodSource("changes")
  final void whatWasChangedDoesNotOpen(Case tampered) {
    tampered.tampering().change(this);
    // Once with the true key in memory, and once with nothing.
    try (ControlPlane fresh = plane()) {
      for (SecretVault each : List.of(vault, SecretVault.of(fresh))) {
        AtomicBoolean ran = new AtomicBoolean();
        assertRejected("reveal", tampered, () -> each.reveal(acme, tampered.ref()));
        assertRejected(
            "use",
            tampered,
            () ->
                each.useFields(
                    acme,
                    tampered.ref(),
                    Purpose.of("try"),
                    fields -> {
                      ran.set(true);
                      return 1;
                    }));
        assertThat(ran).isFalse();
        assertRejected("backup", tampered, () -> export(each));
      }
    }
    assertSound();
    assertThat(vault.get(acme, tampered.ref()).toString()).doesNotContain(CANARY);
  }

  private void export(SecretVault from) {
    try (BackupKeyPair pair = BackupKeyPair.generate(new SecureRandom())) {
      BackupKey key = BackupKey.recipient(pair.recipient());
      VaultBackup.of(from).export(acme, key, OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Case> keyChanges() {
    return Stream.of(
        new Case("a bit of the key", r -> r.second.key(flipped(r.second.key(), -5))),
        new Case("the key's master key", r -> r.second.key(flipped(r.second.key(), 5))),
        new Case("the key's layer", r -> r.second.key(flipped(r.second.key(), 1))),
        new Case("the key's format", r -> r.second.key(flipped(r.second.key(), 0))),
        new Case("the key cut", r -> r.second.key(cut(r.second.key(), 1))),
        new Case("the key empty", r -> r.second.key(new byte[0])),
        new Case("another tenant's key", r -> r.second.key(r.globexs.key())),
        new Case("a data key where the key belongs", r -> r.second.key(r.second.dataKey())),
        new Case("a field where the key belongs", r -> r.second.key(r.second.field("a"))),
        new Case("the key's number", r -> r.second.keyRow("key_number = 2")),
        new Case(
            "the key's id",
            r -> {
              String id = "0123456789abcdef".repeat(2);
              String own = r.second.keyId();
              r.database.tamper(
                  "UPDATE tenantkit.organization_keys SET key_id = '"
                      + id
                      + "'"
                      + r.second.whereKey(own),
                  "UPDATE tenantkit.secret_versions SET organization_key_id = '%s' WHERE organization_id = '%s'"
                      .formatted(id, r.second.organization()));
            }),
        new Case(
            "another tenant's key, whole",
            r -> {
              String theirs = r.globexs.keyId();
              String organization = r.second.organization();
              r.database.tamper(
                  "DELETE FROM tenantkit.organization_keys WHERE organization_id = '"
                      + organization
                      + "'",
                  "UPDATE tenantkit.organization_keys SET organization_id = '"
                      + organization
                      + "'"
                      + r.globexs.whereKey(theirs),
                  "UPDATE tenantkit.secret_versions SET organization_key_id = '%s' WHERE organization_id = '%s'"
                      .formatted(theirs, organization));
            }));
  }

  @ParameterizedTest
  @MethodSource("keyChanges")
  final void aKeyThatWasChangedNeitherOpensNorSeals(Case tampered) {
    tampered.tampering().change(this);
    try (ControlPlane fresh = plane()) {
      SecretVault cold = SecretVault.of(fresh);
      assertRejected("reveal", tampered, () -> cold.reveal(acme, REF));
      assertRejected("use", tampered, () -> cold.useFields(acme, REF, Purpose.of("try"), f -> 1));
      assertRejected("backup", tampered, () -> export(cold));
      List<String> before = secretRows();
      assertRejected("put", tampered, () -> cold.put(acme, REF, pair("never")));
      assertRejected("put", tampered, () -> cold.put(acme, ref("never"), pair("never")));
      assertRejected("put", tampered, () -> cold.putAll(acme, Map.of(ref("never"), pair("never"))));
      assertThat(secretRows()).as("rows of secrets").isEqualTo(before);
    }
    assertSound();
  }

  private List<String> secretRows() {
    return database.dump("secrets|secret_versions|secret_fields|projects|organization_keys");
  }

  @Test
  final void whatNobodyChangedOpens() {
    try (ControlPlane fresh = plane();
        SecretFields fields = SecretVault.of(fresh).reveal(acme, REF)) {
      assertThat(fields.field("a").string(SecretAccess.get())).isEqualTo(CANARY + " two a");
    }
    assertThat(rejections()).isEmpty();
  }

  private void assertRejected(String operation, Case tampered, ThrowingCallable call) {
    int before = rejections().size();
    Throwable thrown = catchThrowable(call);
    assertThat(thrown)
        .as(operation)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).as(e.toString()).isEqualTo(ErrorCode.CIPHERTEXT_REJECTED));
    assertThat(thrown).hasMessage(WORDS).hasNoCause().hasNoSuppressedExceptions();
    List<AuditEvent> told = rejections();
    assertThat(told).as(operation + " in the trail").hasSize(before + 1);
    assertThat(told.get(before).details())
        .containsEntry("operation", operation)
        .containsEntry("environment", tampered.ref().environment().name());
  }

  private List<AuditEvent> rejections() {
    return plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .filter(event -> event.action().equals("secret.rejected"))
        .toList();
  }

  /** The trail holds, and no event of it has a value. */
  private void assertSound() {
    assertThat(plane.audit().verify(acme)).isInstanceOf(ChainVerification.Intact.class);
    assertThat(
            database.texts(
                "SELECT details FROM tenantkit.audit_events WHERE organization_id = '"
                    + acme.organization()
                    + "'"))
        .noneMatch(details -> details.contains(CANARY));
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] changed = bytes.clone();
    changed[at < 0 ? changed.length + at : at] ^= 1;
    return changed;
  }

  /** Shorter by so many, or longer. */
  private static byte[] cut(byte[] bytes, int by) {
    return Arrays.copyOf(bytes, bytes.length - by);
  }
}
