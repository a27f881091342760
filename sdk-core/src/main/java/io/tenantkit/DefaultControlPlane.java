package io.tenantkit;

import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.ApiKeys;
import io.tenantkit.apikey.LeakedKeys;
import io.tenantkit.audit.AuditLog;
import io.tenantkit.audit.AuditTrail;
import io.tenantkit.event.Events;
import io.tenantkit.oidc.ExternalLogins;
import io.tenantkit.oidc.ExternalOrganizations;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.IdGenerator;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organizations;
import io.tenantkit.tenant.Teams;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

final class DefaultControlPlane implements ControlPlane {
  private final PlaneRuntime runtime;
  private final Organizations organizations;
  private final Teams teams;
  private final ApiKeyManager apiKeys;
  private final LeakedKeys leakedKeys;
  private final ExternalOrganizations externalOrganizations;
  private final AuditLog audit;

  private final MaintenanceLoop maintenance;
  private final Closing closing;
  private final Duration closingPatience;

  private DefaultControlPlane(
      PlaneRuntime runtime,
      MaintenanceLoop maintenance,
      Closing closing,
      ControlPlane.Builder settings) {
    this.runtime = runtime;
    this.maintenance = maintenance;
    this.closing = closing;
    this.closingPatience = settings.closingPatience;
    AuditTrail trail = new AuditTrail(runtime, settings.auditSettings);
    this.audit = trail.log();
    ApiKeys keys = new ApiKeys(runtime, trail.failures(), settings.expiryNotice);
    this.apiKeys = keys.manager();
    this.leakedKeys = keys.leakedKeys();
    this.teams = Teams.of(runtime);
    ExternalLogins logins = new ExternalLogins(runtime);
    this.externalOrganizations = logins.organizations();
    this.organizations =
        Organizations.of(
            runtime,
            changed -> {
              keys.organizationChanged(changed);
              logins.organizationChanged(changed);
            });
  }

  static ControlPlane open(ControlPlane.Builder settings) {
    Storage storage = settings.storage;
    CoreStores stores =
        storage
            .stores(CoreStores.class)
            .orElseThrow(
                () ->
                    new TenantkitException(
                        ErrorCode.UNSUPPORTED_DATABASE, "this storage has no core stores"));
    Clock clock = new MonotonicClock(settings.clock);
    SecureRandom random = settings.random == null ? new SecureRandom() : settings.random;
    Closing closing = new Closing();
    Events events = new Events(settings.listeners);
    MaintenanceLoop maintenance = new MaintenanceLoop(clock, events, settings.closingPatience);
    PlaneRuntime runtime =
        new PlaneRuntime(
            clock,
            random,
            storage,
            stores,
            settings.masterKeys,
            new IdGenerator(clock, random),
            settings.revocationBound,
            events,
            settings.metrics,
            maintenance,
            settings.plans,
            closing);
    MasterKeyCheckpoint.pass(runtime);
    DefaultControlPlane plane = new DefaultControlPlane(runtime, maintenance, closing, settings);
    if (!settings.manualMaintenance) {
      maintenance.start();
    }
    return plane;
  }

  @Override
  public Organizations organizations() {
    return organizations;
  }

  @Override
  public Teams teams() {
    return teams;
  }

  @Override
  public ApiKeyManager apiKeys() {
    return apiKeys;
  }

  @Override
  public ExternalOrganizations externalOrganizations() {
    return externalOrganizations;
  }

  @Override
  public LeakedKeys leakedKeys() {
    return leakedKeys;
  }

  @Override
  public AuditLog audit() {
    return audit;
  }

  @Override
  public PlaneRuntime runtime() {
    return runtime;
  }

  @Override
  public List<ReadinessIssue> readiness() {
    List<ReadinessIssue> issues = new ArrayList<>(runtime.storage().readiness());
    Optional<Path> keys =
        runtime.masterKeys().location().map(path -> path.toAbsolutePath().normalize());
    Optional<Path> data =
        runtime.storage().location().map(path -> path.toAbsolutePath().normalize());
    if (keys.isPresent() && data.isPresent() && keys.get().startsWith(data.get())) {
      issues.add(
          new ReadinessIssue(
              "master-key.beside-database",
              "The master key file lies in the database's folder: whoever copies that folder has both."
                  + " Keep the key elsewhere."));
    }
    return List.copyOf(issues);
  }

  @Override
  public void runDue(Instant now) {
    maintenance.runDue(now);
  }

  @Override
  public void close() {
    maintenance.stop();
    try {
      closing.run();
    } finally {
      deliverLast();
    }
  }

  /** On a thread of its own, so that a listener that never returns does not hold the host. */
  private void deliverLast() {
    Thread delivery = new Thread(runtime.events()::deliver, "tenantkit-closing");
    delivery.setDaemon(true);
    delivery.start();
    try {
      delivery.join(closingPatience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What is to run at the end, the last first: whatever uses another room was made after it. What
   * is added after that runs at once, or it would never be closed.
   */
  private static final class Closing implements Consumer<Runnable>, Runnable {
    private final List<Runnable> actions = new ArrayList<>();
    private boolean closed;

    @Override
    public void accept(Runnable action) {
      synchronized (actions) {
        if (!closed) {
          actions.add(action);
          return;
        }
      }
      action.run();
    }

    @Override
    public void run() {
      List<Runnable> due;
      synchronized (actions) {
        closed = true;
        due = new ArrayList<>(actions);
        actions.clear();
      }
      Collections.reverse(due);
      RuntimeException failed = null;
      for (Runnable each : due) {
        try {
          each.run();
        } catch (RuntimeException e) {
          // The others still have to be closed.
          if (failed == null) {
            failed = e;
          } else {
            failed.addSuppressed(e);
          }
        }
      }
      if (failed != null) {
        throw failed;
      }
    }
  }
}
