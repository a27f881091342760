package io.tenantkit.vault.rotation;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.StoredRotation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks the organizations that have something to rotate, one after the other. A run ends after its
 * budget, and the next one goes on from there; a rotator that does not answer in time is not called
 * again in that run. So no organization holds up another one's rotations for ever. When the room
 * closes, what is under way is left as it is, for another node or the next start. For one thread at
 * a time.
 */
final class RotationWork implements Maintenance.Task {
  /** How often the storage is asked what is due. */
  static final Duration INTERVAL = Duration.ofMinutes(1);

  static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "rotation");

  private static final int PAGE = 200;

  private final RotationParts parts;
  private final Duration budget;
  private @Nullable String goesOnAfter;

  RotationWork(RotationParts parts, Duration budget) {
    this.parts = parts;
    this.budget = budget;
  }

  @Override
  public void run(Instant now) {
    RotationTurn turn = new RotationTurn(budget);
    EachOrganization each = new EachOrganization();
    @Nullable String after = goesOnAfter;
    goesOnAfter = null;
    List<OrganizationId> ids;
    do {
      ids = parts.store().organizationsWithDue(now, after, PAGE);
      for (OrganizationId id : ids) {
        after = id.value();
        organization(TenantContext.trusted(id, ACTOR), turn, each, now);
        if (turn.isOver() || parts.calls().isClosed()) {
          goesOnAfter = after;
          each.end();
          return;
        }
      }
    } while (ids.size() == PAGE);
    each.end();
  }

  private void organization(
      TenantContext context, RotationTurn turn, EachOrganization each, Instant now) {
    @Nullable String after = null;
    List<StoredRotation> due;
    do {
      due = parts.store().due(context, now, after, PAGE);
      for (StoredRotation row : due) {
        after = row.secret().value();
        each.attempt(() -> advance(new RotationRun(parts, context, turn, now), row));
        if (turn.isOver() || parts.calls().isClosed()) {
          return;
        }
      }
    } while (due.size() == PAGE);
  }

  private void advance(RotationRun run, StoredRotation row) {
    try {
      run.advance(row);
    } catch (TenantkitException e) {
      if (e.code() != ErrorCode.CLOSED || !parts.calls().isClosed()) {
        throw e;
      }
    }
  }
}
