package io.tenantkit.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tck.Texts;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An outsider verifies an export with what the documentation says, and none of our code. */
final class AuditExportTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final InMemoryStorage storage = InMemoryStorage.create();
  private ControlPlane plane;

  @BeforeEach
  void writeATrail() {
    CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
    Samples samples = new Samples();
    stores
        .organizations()
        .insert(
            Operator.trusted("ops", "test"),
            samples.organization(ACME, "Name"),
            samples.event(ACME, "created"));
    int number = 0;
    for (String text : Texts.awkwardNames()) {
      stores
          .audit()
          .append(
              CONTEXT,
              new AuditEvent(
                  "evt_" + number++,
                  ACME,
                  Samples.NOW,
                  Actor.host(text),
                  "sample.done",
                  "sample",
                  text,
                  Map.of("name", text, "line", "a\nb\u2028\u0001\"\\")));
    }
    plane =
        ControlPlane.builder(
                storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
            .manualMaintenance()
            .build();
  }

  @AfterEach
  void close() {
    plane.close();
  }

  @Test
  void outsiderFindsItIntactAndEveryChangeOfIt() throws Exception {
    List<String> lines = export(0, Long.MAX_VALUE);

    assertThat(lines).hasSize(Texts.awkwardNames().size() + 1);
    assertThat(firstBroken(lines)).isZero();
    assertThat(firstBroken(export(4, 9))).isZero();
    assertThat(export(4, 9)).hasSize(5);
    for (int i = 0; i < lines.size(); i++) {
      List<String> changed = new ArrayList<>(lines);
      changed.set(i, changed.get(i).replace("\"target_type\":\"s", "\"target_type\":\"S"));
      assertThat(firstBroken(changed)).isEqualTo(i + 1);
    }
    List<String> cut = new ArrayList<>(lines);
    cut.remove(3);
    assertThat(firstBroken(cut)).isEqualTo(4);
  }

  @Test
  void lineIsAsciiWithItsMembersInOrder() throws IOException {
    String line = export(1, 2).get(0);

    assertThat(line).matches("[ -~]+");
    List<String> names = new ArrayList<>();
    JSON.readTree(line).fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactly(
            "seq",
            "previous",
            "hash",
            "organization",
            "id",
            "micros",
            "at",
            "actor_kind",
            "actor_id",
            "action",
            "target_type",
            "target_id",
            "details");
  }

  @Test
  void needsTheScope() {
    TenantContext none = CONTEXT.limitedTo(ScopeSet.of("flows:read"));

    assertThatThrownBy(() -> plane.audit().export(none, 0, 1, new StringBuilder()))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> plane.audit().verify(none)).isInstanceOf(AccessDeniedException.class);
  }

  private List<String> export(long after, long through) throws IOException {
    StringBuilder lines = new StringBuilder();
    long count = plane.audit().export(CONTEXT, after, through, lines);
    List<String> all = lines.toString().lines().toList();
    assertThat(all).hasSize((int) count);
    return all;
  }

  /** The first line that does not hold, from 1; 0 when all hold. */
  private static int firstBroken(List<String> lines) throws IOException, GeneralSecurityException {
    String last = null;
    for (int i = 0; i < lines.size(); i++) {
      JsonNode row = JSON.readTree(lines.get(i));
      String previous = row.get("previous").textValue();
      if (!(last == null || last.equals(previous))
          || !link(row).equals(row.get("hash").textValue())) {
        return i + 1;
      }
      last = row.get("hash").textValue();
    }
    return 0;
  }

  private static String link(JsonNode row) throws GeneralSecurityException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(HexFormat.of().parseHex(row.get("previous").textValue()));
    bytes.writeBytes(ascii(row.get("seq").longValue() + ":" + row.get("micros").longValue() + ":"));
    for (String name :
        List.of(
            "organization",
            "id",
            "actor_kind",
            "actor_id",
            "action",
            "target_type",
            "target_id",
            "details")) {
      byte[] text = row.get(name).textValue().getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(ascii(text.length + ":"));
      bytes.writeBytes(text);
    }
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
