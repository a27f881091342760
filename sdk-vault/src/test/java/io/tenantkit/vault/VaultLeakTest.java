package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKeys;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.SeededKeys;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditSettings;
import io.tenantkit.audit.AuditTrail;
import io.tenantkit.event.EventListener;
import io.tenantkit.metric.Metrics;
import io.tenantkit.oidc.ExternalLogins;
import io.tenantkit.oidc.OidcIssuer;
import io.tenantkit.oidc.OidcTenantResolver;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.secret.KeyLayer;
import io.tenantkit.secret.MacKey;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeFollower;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.TokenLedger;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.BackupRecipient;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.crypto.AssociatedData;
import io.tenantkit.vault.crypto.OrganizationKeyEnvelope;
import io.tenantkit.vault.crypto.SecretEnvelope;
import io.tenantkit.vault.crypto.SecretVersionId;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.Scrubber;
import io.tenantkit.vault.imports.CredentialImport;
import io.tenantkit.vault.imports.CredentialSource;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.HostCredential;
import io.tenantkit.vault.integration.IntegrationChange;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.masterkey.TransitMasterKeys;
import io.tenantkit.vault.masterkey.TransitServer;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.usage.ComplianceReport;
import io.tenantkit.vault.usage.OverdueRotations;
import io.tenantkit.vault.usage.SecretUsage;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.IssuedWebhook;
import io.tenantkit.vault.webhook.WebhookEndpoint;
import io.tenantkit.vault.webhook.WebhookVerifier;
import io.tenantkit.vault.webhook.Webhooks;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.io.Writer;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Three canaries (a secret's value, an API key, a master key) go through every printer that a host
 * may have, as parts of every public type that leads to them, and never come out.
 */
class VaultLeakTest {
  private static final String VALUE = "sk-CANARY-7f3a9c-value-4411";
  private static final byte[] VALUE_BYTES = VALUE.getBytes(StandardCharsets.UTF_8);
  private static final byte[] MASTER_BYTES =
      "mk-CANARY-0123456789-abcdefghijk".getBytes(StandardCharsets.US_ASCII);

  private final TransitServer transit = new TransitServer();

  private ControlPlane plane;
  private ControlPlane.Builder builder;
  private SecretVault vault;
  private IssuedApiKey issued;
  private byte[] issuedBytes;

  @BeforeEach
  void open() {
    // A plane of its own, since its master key is a canary.
    var storage = io.tenantkit.memory.InMemoryStorage.create();
    builder = ControlPlane.builder(storage, masterKeys()).random(new SecureRandom());
    plane = builder.build();
    plane
        .organizations()
        .create(io.tenantkit.tenant.Operator.trusted("operator", "tests"), VaultHouse.ACME, "Acme");
    vault = SecretVault.of(plane);
    issued = plane.apiKeys().create(acme(), NewApiKey.live("leak").scopes("secrets:*"));
    issuedBytes = VaultHouse.text(issued.secret()).getBytes(StandardCharsets.UTF_8);
  }

  @AfterEach
  void close() {
    plane.close();
    transit.close();
  }

  private static io.tenantkit.tenant.TenantContext acme() {
    return io.tenantkit.tenant.TenantContext.trusted(VaultHouse.ACME, "acme-host");
  }

  private static MasterKeys masterKeys() {
    return MasterKeys.of(MasterKey.of(MASTER_BYTES), VaultHouse.masterKey(7));
  }

  /** An instance of each public type that leads to a secret; a new type belongs in here. */
  private List<Object> carriers() {
    vault.put(acme(), REF, pair());
    SecretFields fields = vault.reveal(acme(), REF);
    SealingKeys keys = SealingKeys.create();
    SealingKey sealing =
        keys.key(KeyLayer.ORGANIZATION, new byte[SealingKey.ID_BYTES], MASTER_BYTES);
    SecretEnvelope envelope = SecretEnvelope.of(keys, new SecureRandom());
    transit.accept(VALUE);
    TransitMasterKeys.Builder transitKeys =
        TransitMasterKeys.builder(transit.address(), "tenantkit", () -> SecretValue.of(VALUE))
            .unsafePlainHttp();
    List<Object> carriers = new ArrayList<>(rooms());
    EgressRequest.Builder request =
        EgressRequest.post("https://example.com/")
            .secretHeader("X-Api-Key", SecretValue.of(VALUE))
            .secretHeader("Authorization", "Bearer ", SecretValue.of(VALUE))
            .secretBody(SecretValue.of(VALUE), "text/plain");
    carriers.addAll(
        List.of(request, request.build(), Scrubber.of(SecretValue.of(VALUE)), Egress.create()));
    carriers.addAll(webhooks());
    carriers.add(TokenLedger.of(plane.runtime(), "test", entry -> Map.of()));
    carriers.addAll(
        List.of(
            SecretValue.of(VALUE),
            NewSecret.of(SecretValue.of(VALUE)),
            pair(),
            fields,
            fields.field("a"),
            issued,
            MasterKey.of(MASTER_BYTES),
            masterKeys(),
            MasterKeys.combined(masterKeys(), transitKeys.open()),
            transitKeys,
            transitKeys.open(),
            sealing,
            keys,
            envelope,
            envelope.seal(
                sealing,
                AssociatedData.of(new SecretVersionId("acme", "p", "production", "s", 1)),
                Map.of("a", SecretValue.of(VALUE))),
            OrganizationKeyEnvelope.of(keys, masterKeys(), new SecureRandom()),
            plane,
            plane.runtime(),
            plane.apiKeys(),
            plane.organizations(),
            plane.teams(),
            plane.audit(),
            plane.apiKeys().verify(VaultHouse.text(issued.secret()), ScopeQuery.none()),
            builder,
            plane.leakedKeys(),
            plane.externalOrganizations(),
            vault,
            vault.archive(),
            visitor(fields.field("a")),
            VaultBackup.of(vault),
            BackupKey.passphrase(SecretValue.of(VALUE)),
            new BackupKeyPair(
                BackupKeyPair.generate(new SecureRandom()).recipient(), SecretValue.of(VALUE)),
            vault.get(acme(), REF),
            SecretRotations.builder(vault),
            SecretRotations.of(vault),
            vault.versions(acme(), REF),
            vault.uses(),
            vault.marker(),
            SecretUsage.of(vault),
            ComplianceReport.of(vault, OverdueRotations.none()),
            plane.runtime().storage()));
    Integrations.Builder integrations = Integrations.builder(vault);
    Map<String, SecretValue> credential = Map.of("api_key", SecretValue.of(VALUE));
    carriers.addAll(
        List.of(
            new NewIntegration("openai", Environment.PRODUCTION, "Main", credential, Map.of()),
            IntegrationChange.none().credential(credential),
            integrations,
            integrations.build()));
    HostCredential legacy =
        new HostCredential("1", "openai", Map.of("api_key", SecretValue.of(VALUE)));
    CredentialTarget target = CredentialTarget.secrets(vault, row -> ref(row.id()));
    CredentialSource source =
        new CredentialSource() {
          @Override
          public List<HostCredential> pending(
              TenantContext context, @Nullable String afterId, int limit) {
            return List.of(legacy);
          }

          @Override
          public boolean scrub(
              TenantContext context, HostCredential read, Consumer<TenantContext> evidence) {
            return false;
          }
        };
    carriers.addAll(List.of(legacy, target, CredentialImport.of(vault, source, target)));
    return carriers;
  }

  private static SecretArchive.Visitor visitor(SecretValue last) {
    return new SecretArchive.Visitor() {
      @Override
      public void secret(Secret secret) {}

      @Override
      public void version(SecretVersion version, Map<String, SecretValue> fields) {
        assertThat(last).isNotNull();
      }
    };
  }

  private List<Object> webhooks() {
    Egress egress = Egress.create();
    Webhooks.Builder webhooks = Webhooks.builder(vault, egress);
    Webhooks built = webhooks.build();
    IssuedWebhook hook = built.create(acme(), "https://example.com/", "", EventFilter.all());
    SecretValue key =
        SecretValue.of("whsec_" + java.util.Base64.getEncoder().encodeToString(MASTER_BYTES));
    EventListener listener = event -> built.list(acme(), PageRequest.first(1));
    return List.of(
        webhooks,
        built,
        hook,
        hook.secret(),
        WebhookVerifier.of(key),
        plane.runtime().events(),
        listener,
        plane.teams());
  }

  /** What the control plane is assembled of. */
  private List<Object> rooms() {
    PlaneRuntime runtime = plane.runtime();
    AuditTrail trail = new AuditTrail(runtime, AuditSettings.DEFAULT);
    RateLimiter limiter = RateLimiter.of(runtime);
    OidcTenantResolver.Builder logins =
        OidcTenantResolver.builder(plane)
            .issuer(
                OidcIssuer.builder("https://login.example.com/oidc")
                    .audience("https://api.example.com")
                    .build());
    ChangeFollower follower =
        new ChangeFollower(runtime.coreStores().changes(), runtime.clock(), Metrics.none());
    Maintenance.Task task = now -> follower.poll();
    ChangeFollower.Listener listener =
        new ChangeFollower.Listener() {
          @Override
          public void changed(List<Change> changes) {
            follower.poll();
          }

          @Override
          public void everythingChanged() {
            follower.poll();
          }
        };
    return List.of(
        trail,
        trail.failures(),
        new ApiKeys(runtime, trail.failures(), Duration.ofDays(7)),
        new SeededKeys(runtime),
        new ExternalLogins(runtime),
        logins,
        logins.build(),
        limiter,
        limiter.prepare(
            new LimitSubject(VaultHouse.ACME, "family"),
            Limits.of(RateLimit.of("minute", 1, Duration.ofMinutes(1))),
            List.of()),
        new MacKey(MASTER_BYTES),
        follower,
        listener,
        runtime.maintenance(),
        VaultKeys.of(SecretVault.of(plane)),
        task);
  }

  private static NewSecret pair() {
    return NewSecret.of("pair", Map.of("a", SecretValue.of(VALUE), "b", SecretValue.of(VALUE)));
  }

  @Test
  void everyPublicTypeThatLeadsToASecretIsTried() throws Exception {
    Set<Class<?>> all = new LinkedHashSet<>(CompiledTypes.besides(SecretValue.class));
    all.addAll(CompiledTypes.besides(SecretVault.class));
    Set<Class<?>> leading =
        CompiledTypes.leadingTo(
            Set.of(
                SecretValue.class,
                MasterKey.class,
                MasterKeys.class,
                SealingKey.class,
                Class.forName("io.tenantkit.secret.RawKey")),
            all);
    // The scan sees what is known to be there, so that it does not pass by seeing nothing.
    assertThat(leading)
        .contains(
            NewSecret.class,
            SecretFields.class,
            IssuedApiKey.class,
            OrganizationKeyEnvelope.class,
            ControlPlane.class,
            ControlPlane.Builder.class,
            SecretVault.class,
            io.tenantkit.spi.PlaneRuntime.class);

    List<Object> carriers = carriers();
    Set<String> untried = new TreeSet<>();
    for (Class<?> type : leading) {
      if (CompiledTypes.isPublic(type) && carriers.stream().noneMatch(type::isInstance)) {
        untried.add(type.getName());
      }
    }
    assertThat(untried).as("add an instance of each to carriers()").isEmpty();
  }

  @Test
  void aNewTypeWithASecretWouldBeMissed() {
    record Fresh(Optional<List<SecretValue>> values) {}
    record Around(Fresh fresh) {}
    record Apart(String name) {}
    assertThat(
            CompiledTypes.leadingTo(
                Set.of(SecretValue.class), Set.of(Fresh.class, Around.class, Apart.class)))
        .containsExactlyInAnyOrder(SecretValue.class, Fresh.class, Around.class);
  }

  @Test
  void noPrinterLetsACanaryOut() {
    List<Printer> printers = printers();
    for (Object carrier : carriers()) {
      for (Object printed : wrapped(carrier)) {
        for (Printer printer : printers) {
          byte[] out = print(printer, printed);
          assertAbsent(printer.name() + " of " + carrier.getClass().getName(), out);
        }
      }
    }
  }

  /** Each printer shows what is not protected, so that their silence above means something. */
  @Test
  void everyPrinterWouldLetAnUnprotectedCanaryOut() {
    record Leaky(String text) implements Serializable {}
    for (Printer printer : printers()) {
      byte[] out = print(printer, new Leaky(VALUE));
      assertThat(Sightings.in(out, VALUE_BYTES)).as(printer.name()).isNotEmpty();
    }
    record LeakyBytes(byte[] bytes) {}
    for (Printer printer : printers()) {
      if (printer.name().startsWith("Gson") || printer.name().startsWith("Jackson")) {
        byte[] out = print(printer, new LeakyBytes(VALUE_BYTES));
        assertThat(Sightings.in(out, VALUE_BYTES)).as(printer.name()).isNotEmpty();
      }
    }
  }

  /** Equal or not, a value shows nothing of itself in the hash of whatever carries it. */
  @Test
  void hashesTellNothing() throws Exception {
    BackupRecipient recipient = BackupKeyPair.generate(new SecureRandom()).recipient();
    IssuedWebhook hook;
    try (Egress egress = Egress.create()) {
      hook =
          Webhooks.builder(vault, egress)
              .build()
              .create(acme(), "https://example.com/", "", EventFilter.all());
    }
    List<Object> ones = hashed(VALUE, recipient, hook.endpoint());
    List<Object> others = hashed("other", recipient, hook.endpoint());
    for (int i = 0; i < ones.size(); i++) {
      assertThat(ones.get(i)).as(ones.get(i).getClass().getName()).hasSameHashCodeAs(others.get(i));
    }
    assertThat(NewSecret.of(SecretValue.of(VALUE)))
        .isNotEqualTo(NewSecret.of(SecretValue.of("other")))
        .isEqualTo(NewSecret.of(SecretValue.of(VALUE)));
    vault.put(acme(), REF, SecretValue.of(VALUE));
    try (SecretFields one = vault.reveal(acme(), REF);
        SecretFields two = vault.reveal(acme(), REF)) {
      assertThat(one.value()).isEqualTo(two.value());
      assertThat(one).isNotEqualTo(two);
    }

    // Whoever else has a hash of its own, and not that of its place in memory, must be tried too.
    Set<Class<?>> all = new LinkedHashSet<>(CompiledTypes.besides(SecretValue.class));
    all.addAll(CompiledTypes.besides(SecretVault.class));
    Set<String> untried = new TreeSet<>();
    // Which lead to values by what they are given to work with, and hold none themselves.
    all.removeAll(Set.of(io.tenantkit.spi.PlaneRuntime.class, Verdict.Valid.class));
    for (Class<?> type : CompiledTypes.leadingTo(Set.of(SecretValue.class), all)) {
      boolean plain =
          type.isInterface() || type.getMethod("hashCode").getDeclaringClass() == Object.class;
      if (!plain && CompiledTypes.isPublic(type) && ones.stream().noneMatch(type::isInstance)) {
        untried.add(type.getName());
      }
    }
    assertThat(untried).as("add an instance of each to hashed()").isEmpty();
  }

  /** Alike in all but the value. */
  private List<Object> hashed(String value, BackupRecipient recipient, WebhookEndpoint endpoint) {
    Map<String, SecretValue> values = Map.of("a", SecretValue.of(value));
    return List.of(
        SecretValue.of(value),
        NewSecret.of(SecretValue.of(value)),
        NewSecret.of("x", values),
        new NewIntegration("openai", Environment.PRODUCTION, "Main", values, Map.of()),
        new BackupKeyPair(recipient, SecretValue.of(value)),
        new IssuedWebhook(endpoint, SecretValue.of(value)),
        new IssuedApiKey(issued.key(), SecretValue.of(value)));
  }

  @Test
  void errorsHoldNoCanary() {
    vault.put(acme(), REF, pair());
    List<Throwable> thrown = new ArrayList<>();
    for (VaultCalls.Operation operation : VaultCalls.onASecret()) {
      for (var context :
          List.of(
              acme().limitedTo(io.tenantkit.tenant.ScopeSet.none()),
              acme().within(Set.of(Environment.STAGING)))) {
        thrown.add(catchThrowable(() -> operation.call().on(vault, context, REF)));
      }
      thrown.add(catchThrowable(() -> operation.call().on(vault, acme(), ref("unknown"))));
    }
    thrown.add(catchThrowable(() -> vault.put(acme(), REF, SecretValue.of(VALUE))));
    thrown.add(catchThrowable(() -> vault.put(acme(), REF, pair().onlyNew())));
    thrown.add(catchThrowable(() -> SecretValue.of(VALUE.repeat(50_000))));
    thrown.add(catchThrowable(() -> SecretValue.of(VALUE + "\uD83D")));
    thrown.add(catchThrowable(() -> ref(VALUE + "/")));
    thrown.add(catchThrowable(() -> Purpose.of(VALUE + "\n")));
    thrown.add(catchThrowable(() -> new SecretId(VALUE + " ")));
    thrown.add(catchThrowable(() -> NewSecret.of(VALUE + "\0", Map.of("a", SecretValue.of("v")))));
    thrown.add(catchThrowable(() -> MasterKey.parse("base64:" + VALUE)));
    thrown.add(catchThrowable(() -> MasterKey.parse("hex:" + VALUE.repeat(4).substring(0, 64))));
    thrown.add(
        catchThrowable(
            () ->
                ControlPlane.builder(
                        plane.runtime().storage(), MasterKeys.of(VaultHouse.masterKey(9)))
                    .build()));
    thrown.add(
        catchThrowable(() -> vault.useFields(acme(), REF, Purpose.of("x"), SecretFields::value)));
    SecretFields closed = vault.reveal(acme(), REF);
    closed.close();
    thrown.add(catchThrowable(() -> VaultHouse.text(closed.field("a"))));
    plane.close();
    thrown.add(catchThrowable(() -> vault.put(acme(), REF, pair())));
    assertThat(thrown).doesNotContainNull();
    for (Throwable each : thrown) {
      assertAbsent(each.getClass().getName(), stackTrace(each).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void rowsAuditAndLogsHoldNoCanary() throws Exception {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
    java.util.logging.Level level = root.getLevel();
    java.util.logging.Handler handler =
        new java.util.logging.StreamHandler(console, new java.util.logging.SimpleFormatter());
    handler.setLevel(java.util.logging.Level.ALL);
    PrintStream captured = new PrintStream(console, true, StandardCharsets.UTF_8);
    try {
      System.setOut(captured);
      System.setErr(captured);
      root.addHandler(handler);
      root.setLevel(java.util.logging.Level.ALL);
      System.getLogger("test").log(System.Logger.Level.INFO, "the capture works");
      LoggerFactory.getLogger("test").debug("the capture works {}", "here too");
      workADay();
      handler.flush();
    } finally {
      System.setOut(out);
      System.setErr(err);
      root.removeHandler(handler);
      root.setLevel(level);
    }
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("the capture works");
    assertThat(CapturedLogs.lines()).contains("DEBUG test the capture works here too");
    assertAbsent("console and java.util.logging", console.toByteArray());
    assertAbsent("slf4j", String.join("\n", CapturedLogs.lines()).getBytes(StandardCharsets.UTF_8));

    List<String> seen = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    ObjectWalk.from(
        plane.runtime().storage(),
        bytes -> {
          rows.add(new String(bytes, StandardCharsets.ISO_8859_1));
          seen.addAll(sightings(bytes));
        });
    assertThat(rows)
        .as("the walk comes to the rows")
        .contains("db-password")
        .anyMatch(row -> row.contains("secret.revealed"));
    assertThat(rows).as("ciphertexts").anyMatch(row -> row.startsWith("\1\3"));
    assertThat(seen).as("in the storage").isEmpty();
    List<String> actions = new ArrayList<>();
    plane
        .audit()
        .list(acme(), io.tenantkit.PageRequest.first(1_000))
        .items()
        .forEach(
            event -> {
              actions.add(event.action());
              assertAbsent("audit", event.toString().getBytes(StandardCharsets.UTF_8));
            });
    assertThat(actions).contains("secret.created", "secret.used", "secret.revealed");

    // The walk sees what is there.
    SecretFields open = vault.reveal(acme(), REF);
    ObjectWalk.from(open, bytes -> seen.addAll(sightings(bytes)));
    assertThat(seen).contains("as it is");
    open.close();
    seen.clear();
    ObjectWalk.from(List.of(open, vault), bytes -> seen.addAll(Sightings.in(bytes, VALUE_BYTES)));
    assertThat(seen).as("in the vault and in closed fields").isEmpty();
  }

  private void workADay() {
    vault.put(acme(), REF, pair());
    vault.put(acme(), REF, pair().onlyAfter(1));
    vault.put(acme(), ref("one"), SecretValue.of(VALUE));
    vault.use(acme(), ref("one"), "work", VaultHouse::text);
    vault.reveal(acme(), REF, 1).close();
    assertThat(catchThrowable(() -> vault.put(acme(), REF, pair().onlyNew()))).isNotNull();
    Throwable mine =
        catchThrowable(
            () ->
                vault.use(
                    acme(),
                    ref("one"),
                    "fail",
                    secret -> {
                      throw new IllegalStateException("mine");
                    }));
    assertThat(mine).hasMessage("mine");
    vault.list(acme(), io.tenantkit.PageRequest.first(10));
    plane.apiKeys().verify(VaultHouse.text(issued.secret()), ScopeQuery.of("secrets:use"));
    vault.destroy(acme(), ref("one"));
  }

  private void assertAbsent(String where, byte[] out) {
    assertThat(sightings(out)).as(where).isEmpty();
  }

  private List<String> sightings(byte[] out) {
    List<String> seen = new ArrayList<>(Sightings.in(out, VALUE_BYTES));
    seen.addAll(Sightings.in(out, MASTER_BYTES));
    // The key's prefix is public; what comes after it is not.
    seen.addAll(
        Sightings.in(
            out,
            Arrays.copyOfRange(issuedBytes, issued.key().prefix().length(), issuedBytes.length)));
    return seen;
  }

  private static List<Object> wrapped(Object carrier) {
    record Holder(String name, Object held) {}
    record SerializableHolder(Object held) implements Serializable {}
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("held", carrier);
    return List.of(
        carrier,
        List.of(carrier),
        map,
        new Holder("name", carrier),
        new SerializableHolder(carrier),
        new IllegalStateException("holding " + carrier));
  }

  private interface Printing {
    void print(Object object, OutputStream out) throws Exception;
  }

  private record Printer(String name, Printing printing) {}

  /** What came out, also before it failed, and what the failure says. */
  private static byte[] print(Printer printer, Object object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      printer.printing().print(object, out);
    } catch (Exception | StackOverflowError e) {
      out.writeBytes(stackTrace(e).getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static List<Printer> printers() {
    ObjectMapper open2 =
        JsonMapper.builder()
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .build();
    ObjectMapper all2 =
        JsonMapper.builder()
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.ANY)
            .build();
    var default3 = new tools.jackson.databind.ObjectMapper();
    var open3 =
        tools.jackson.databind.json.JsonMapper.builder()
            .disable(tools.jackson.databind.SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .changeDefaultVisibility(
                v -> v.withVisibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.ANY))
            .build();
    Gson transients = new GsonBuilder().excludeFieldsWithModifiers(Modifier.STATIC).create();
    return List.of(
        new Printer("toString", (object, out) -> write(out, object.toString())),
        new Printer("String.format", (object, out) -> write(out, String.format("%s %<h", object))),
        new Printer("Jackson 2", (object, out) -> new ObjectMapper().writeValue(out, object)),
        new Printer("Jackson 2, fields", (object, out) -> open2.writeValue(out, object)),
        new Printer("Jackson 2, all", (object, out) -> all2.writeValue(out, object)),
        new Printer("Jackson 3", (object, out) -> default3.writeValue(out, object)),
        new Printer("Jackson 3, all", (object, out) -> open3.writeValue(out, object)),
        new Printer("Gson", (object, out) -> gson(new Gson(), object, out)),
        new Printer("Gson, transients", (object, out) -> gson(transients, object, out)),
        new Printer(
            "Java serialization",
            (object, out) -> {
              try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
                objects.writeObject(object);
              }
            }));
  }

  private static void gson(Gson gson, Object object, OutputStream out) throws Exception {
    try (Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
      gson.toJson(object, writer);
    }
  }

  private static void write(OutputStream out, String text) throws Exception {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
