package io.tenantkit;

import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.spi.UsageStore;

/** Stores that hand everything on; a test overrides what it wants to step into. */
public abstract class ForwardingCoreStores implements CoreStores {
  private final CoreStores core;

  /** To these stores. */
  protected ForwardingCoreStores(CoreStores core) {
    this.core = core;
  }

  @Override
  public OrganizationStore organizations() {
    return core.organizations();
  }

  @Override
  public TeamStore teams() {
    return core.teams();
  }

  @Override
  public ApiKeyStore apiKeys() {
    return core.apiKeys();
  }

  @Override
  public KeyUpkeepStore keyUpkeep() {
    return core.keyUpkeep();
  }

  @Override
  public ExternalOrganizationStore externalOrganizations() {
    return core.externalOrganizations();
  }

  @Override
  public AuditStore audit() {
    return core.audit();
  }

  @Override
  public AuditCheckpointStore auditCheckpoints() {
    return core.auditCheckpoints();
  }

  @Override
  public MasterKeyStore masterKeys() {
    return core.masterKeys();
  }

  @Override
  public RateLimitStore rateLimits() {
    return core.rateLimits();
  }

  @Override
  public ChangeStore changes() {
    return core.changes();
  }

  @Override
  public UsageStore usage() {
    return core.usage();
  }

  @Override
  public TokenLedgerStore tokenLedger() {
    return core.tokenLedger();
  }

  @Override
  public ReceivedEventStore receivedEvents() {
    return core.receivedEvents();
  }

  @Override
  public PresenceStore presences() {
    return core.presences();
  }
}
