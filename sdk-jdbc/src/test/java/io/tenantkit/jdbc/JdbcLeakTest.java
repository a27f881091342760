package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tenantkit.ControlPlane;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.CompiledTypes;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.Sightings;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No public type of this module that leads to a secret lets one out, printed in any of the ways in
 * which a host prints what it holds.
 */
final class JdbcLeakTest {
  private static final String VALUE = "Zq8CANARYjdbc7Lw2Kd90a";
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");
  private static final SecretRef REF = SecretRef.of("app", Environment.PRODUCTION, "one");

  @TempDir private Path folder;

  @Test
  void everyPublicTypeThatLeadsToASecretIsTriedAndSilent() throws Exception {
    Set<Class<?>> ours = CompiledTypes.besides(JdbcStorage.class);
    Set<Class<?>> all = new LinkedHashSet<>(ours);
    all.addAll(CompiledTypes.besides(SecretValue.class));
    all.addAll(CompiledTypes.besides(SecretVault.class));
    Set<Class<?>> leading =
        CompiledTypes.leadingTo(Set.of(SecretValue.class, MasterKey.class, MasterKeys.class), all);
    leading.retainAll(ours);
    // The scan sees what is known to be there, so that it does not pass by seeing nothing.
    assertThat(ours).contains(JdbcStorage.class, HostCredentialTable.class);

    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("vault")).open();
        ControlPlane plane =
            ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build()) {
      plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
      SecretVault vault = SecretVault.of(plane);
      try (SecretValue value = SecretValue.of(VALUE)) {
        vault.put(CONTEXT, REF, value);
      }
      try (SecretFields open = vault.reveal(CONTEXT, REF)) {
        List<Object> carriers =
            storage.inTenant(
                CONTEXT,
                (joined, connection) -> {
                  connection
                      .createStatement()
                      .execute(
                          "CREATE TABLE IF NOT EXISTS legacy (id varchar, organization_id varchar,"
                              + " kind varchar, secret varchar, done boolean)");
                  return List.<Object>of(joined);
                });
        List<Object> tried = new ArrayList<>(carriers);
        HostCredentialTable.Builder table =
            HostCredentialTable.in(storage, "legacy")
                .id("id")
                .organization("organization_id")
                .kind("kind")
                .field("secret", "secret")
                .imported("done");
        tried.addAll(
            List.of(open, storage, table, table.build(), JdbcStorage.h2(folder.resolve("other"))));
        Set<String> untried = new TreeSet<>();
        for (Class<?> type : leading) {
          if (CompiledTypes.isPublic(type) && tried.stream().noneMatch(type::isInstance)) {
            untried.add(type.getName());
          }
        }
        assertThat(untried).as("add an instance of each").isEmpty();
        for (Object each : tried) {
          for (Object printed : List.of(each, List.of(each), Map.of("held", each))) {
            printers()
                .forEach(
                    (name, printer) ->
                        assertThat(Sightings.in(print(printer, printed), bytes()))
                            .as(name + " of " + each.getClass().getName())
                            .isEmpty());
          }
        }
      }
    }
  }

  /** Each shows what is not protected, so that their silence above means something. */
  @Test
  void everyPrinterWouldLetAnUnprotectedCanaryOut() {
    record Leaky(String text) implements java.io.Serializable {}
    printers()
        .forEach(
            (name, printer) ->
                assertThat(Sightings.in(print(printer, new Leaky(VALUE)), bytes()))
                    .as(name)
                    .isNotEmpty());
  }

  private static byte[] bytes() {
    return VALUE.getBytes(StandardCharsets.UTF_8);
  }

  private interface Printer {
    void print(Object object, OutputStream out) throws Exception;
  }

  private static Map<String, Printer> printers() {
    ObjectMapper fields =
        JsonMapper.builder()
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.ANY)
            .build();
    Map<String, Printer> printers = new LinkedHashMap<>();
    printers.put(
        "toString", (object, out) -> out.write(object.toString().getBytes(StandardCharsets.UTF_8)));
    printers.put(
        "format",
        (object, out) ->
            out.write(String.format("%s %<h", object).getBytes(StandardCharsets.UTF_8)));
    printers.put("Jackson", (object, out) -> new ObjectMapper().writeValue(out, object));
    printers.put("Jackson, all", (object, out) -> fields.writeValue(out, object));
    printers.put(
        "serialization",
        (object, out) -> {
          try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
            objects.writeObject(object);
          }
        });
    return printers;
  }

  /** What came out, also before it failed, and what the failure says. */
  private static byte[] print(Printer printer, Object object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      printer.print(object, out);
    } catch (Exception | StackOverflowError e) {
      StringWriter text = new StringWriter();
      e.printStackTrace(new PrintWriter(text));
      out.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }
}
