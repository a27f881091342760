package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What all contracts share: an empty storage for each test with the organizations {@code acme} and
 * {@code globex}, which no event tells of, and samples of rows.
 */
public abstract class StorageContract {
  /** The tenant that acts. */
  protected static final OrganizationId ACME = OrganizationId.of("acme");

  /** The other tenant. */
  protected static final OrganizationId GLOBEX = OrganizationId.of("globex");

  /** A tenant that does not exist. */
  protected static final OrganizationId NOBODY = OrganizationId.of("nobody");

  protected final Operator operator = Operator.trusted("ops", "storage contract");
  protected final TenantContext acme = TenantContext.trusted(ACME, "contract");
  protected final TenantContext globex = TenantContext.trusted(GLOBEX, "contract");
  protected final TenantContext nobody = TenantContext.trusted(NOBODY, "contract");
  protected final Samples samples = new Samples();

  protected StorageHarness harness;
  protected CoreStores stores;

  /** Opens an empty storage; see {@link StorageHarness}. */
  protected abstract StorageHarness openHarness();

  @BeforeEach
  final void openStorageWithTwoOrganizations() {
    harness = openHarness();
    stores = harness.storage().stores(CoreStores.class).orElseThrow();
    addOrganization(ACME);
    addOrganization(GLOBEX);
  }

  @AfterEach
  final void closeStorage() {
    if (harness != null) {
      harness.close();
    }
  }

  protected final Organization addOrganization(OrganizationId id) {
    Organization added = samples.organization(id, nameOf(id));
    stores
        .organizations()
        .insert(operator, added, samples.event(id, Samples.CREATED_BY_SETUP).with("setup", "yes"));
    return added;
  }

  /** Gives an organization another status, as an operator does. */
  protected final void become(OrganizationId id, Organization.Status status) {
    Organization before = stores.organizations().find(operator, id).orElseThrow();
    assertThat(
            stores
                .organizations()
                .update(
                    operator,
                    before.withStatus(status, Samples.NOW),
                    before.version(),
                    samples.event(id, Samples.CREATED_BY_SETUP).with("setup", "yes")))
        .isTrue();
  }

  /** At most 255 characters, whatever the id. */
  private static String nameOf(OrganizationId id) {
    String name = "Name of " + id;
    return name.substring(0, Math.min(name.length(), 255));
  }

  protected final StoredApiKey addKey(TenantContext context, String id) {
    StoredApiKey added = samples.key(context.organization(), id);
    stores.apiKeys().insert(context, added, samples.event(context.organization(), "key.added"));
    return added;
  }

  protected final StoredApiKey stored(TenantContext context, StoredApiKey key) {
    return stores.apiKeys().find(context, key.key().id()).orElseThrow();
  }

  protected final boolean found(KeyHash hash) {
    return stores.apiKeys().lookup(hash).isPresent();
  }

  /** The events after those of the set-up. */
  protected final List<AuditEvent> trail(TenantContext context) {
    return stores.audit().list(context, null, 10_000).stream()
        .filter(event -> !event.action().equals(Samples.CREATED_BY_SETUP))
        .toList();
  }

  /** The actions of the events after those of the set-up. */
  protected final List<String> actions(TenantContext context) {
    return trail(context).stream().map(AuditEvent::action).toList();
  }

  /** All that a tenant has in the core's stores, to be compared before and after. */
  protected final List<Object> everything(TenantContext context) {
    return List.of(
        stores.organizations().find(context),
        stores.apiKeys().list(context, null, 10_000),
        stores.audit().list(context, null, 10_000));
  }

  protected final List<String> keyIds(TenantContext context) {
    return stores.apiKeys().list(context, null, 10_000).stream()
        .map(row -> row.key().id().value())
        .toList();
  }

  protected final void assertNoKey(TenantContext context, String id) {
    assertThat(stores.apiKeys().find(context, ApiKeyId.of(id))).isEmpty();
  }
}
