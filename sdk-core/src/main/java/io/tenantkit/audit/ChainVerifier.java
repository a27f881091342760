package io.tenantkit.audit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.audit.ChainVerification.Broken;
import io.tenantkit.audit.ChainVerification.Intact;
import io.tenantkit.audit.ChainVerification.Kind;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Verifies chains page by page, while others append to them and prune them. Safe for use by several
 * threads; blocks on the storage.
 */
final class ChainVerifier {
  private static final int PAGE = 1_000;

  private final AuditStore events;
  private final AuditCheckpointStore checkpoints;
  private final AuditKeys keys;

  ChainVerifier(CoreStores stores, AuditKeys keys) {
    this.events = stores.audit();
    this.checkpoints = stores.auditCheckpoints();
    this.keys = keys;
  }

  /** The whole chain, against the newest stored checkpoint and one from outside, if given. */
  ChainVerification verify(TenantContext context, @Nullable AuditCheckpoint given) {
    OrganizationId organization = context.organization();
    if (given != null && !given.organization().equals(organization)) {
      throw new InvalidInputException("checkpoint", "one of this organization");
    }
    while (true) {
      Optional<AuditCheckpoint> anchor = newest(context, AuditCheckpoint.Kind.ANCHOR);
      Optional<AuditCheckpoint> signed = newest(context, AuditCheckpoint.Kind.HEAD);
      ChainVerification found = verify(organization, context, anchor, signed, given);
      if (found instanceof Intact || anchor.equals(newest(context, AuditCheckpoint.Kind.ANCHOR))) {
        return found;
      }
      // It was pruned meanwhile.
    }
  }

  /** What was appended since the newest signed head, or since the anchor, up to the head. */
  ChainVerification verifyUnsigned(TenantContext context) {
    OrganizationId organization = context.organization();
    List<AuditCheckpoint> known = new ArrayList<>();
    newest(context, AuditCheckpoint.Kind.ANCHOR).ifPresent(known::add);
    newest(context, AuditCheckpoint.Kind.HEAD).ifPresent(known::add);
    for (AuditCheckpoint each : known) {
      if (!keys.isGenuine(each)) {
        return new Broken(organization, each.seq(), Kind.CHECKPOINT_FORGED);
      }
    }
    ChainWalk walk = walk(organization, last(known), List.of());
    return toHead(context, walk, walk.seq());
  }

  /**
   * Walks from the anchor as long as rows hold and the test holds for them.
   *
   * @param walk stands after the last row that did
   * @return where the chain breaks, if it does before
   */
  Optional<Broken> walkWhile(
      TenantContext context, ChainWalk walk, Predicate<StoredAuditEvent> test) {
    List<StoredAuditEvent> page;
    do {
      page = events.rows(context, walk.seq(), PAGE);
      for (StoredAuditEvent row : page) {
        if (!test.test(row)) {
          return Optional.empty();
        }
        Optional<Broken> broken = walk.next(row, page);
        if (broken.isPresent()) {
          return broken;
        }
      }
    } while (!page.isEmpty());
    return Optional.empty();
  }

  /** A walk from the newest anchor, or from the beginning. */
  ChainWalk fromAnchor(TenantContext context) {
    return walk(context.organization(), newest(context, AuditCheckpoint.Kind.ANCHOR), List.of());
  }

  private ChainVerification verify(
      OrganizationId organization,
      TenantContext context,
      Optional<AuditCheckpoint> anchor,
      Optional<AuditCheckpoint> signed,
      @Nullable AuditCheckpoint given) {
    List<AuditCheckpoint> pins = new ArrayList<>();
    anchor.ifPresent(pins::add);
    signed.ifPresent(pins::add);
    if (given != null) {
      pins.add(given);
    }
    for (AuditCheckpoint pin : pins) {
      if (!keys.isGenuine(pin)) {
        return new Broken(organization, pin.seq(), Kind.CHECKPOINT_FORGED);
      }
    }
    ChainWalk walk = walk(organization, anchor, pins);
    for (AuditCheckpoint pin : pins) {
      if (pin.seq() == walk.seq() && !pin.hash().equals(walk.hash())) {
        return new Broken(organization, pin.seq(), Kind.REWRITTEN);
      }
    }
    // From 0, so that a row of a number that was pruned does not go unseen.
    ChainVerification found = toHead(context, walk, 0);
    if (found instanceof Intact intact) {
      for (AuditCheckpoint pin : pins) {
        if (pin.seq() > intact.seq()) {
          return new Broken(organization, intact.seq() + 1, Kind.CUT_TAIL);
        }
      }
    }
    return found;
  }

  private ChainVerification toHead(TenantContext context, ChainWalk walk, long readFrom) {
    long from = readFrom;
    while (true) {
      List<StoredAuditEvent> page = events.rows(context, from, PAGE);
      for (StoredAuditEvent row : page) {
        Optional<Broken> broken = walk.next(row, page);
        if (broken.isPresent()) {
          return broken.get();
        }
      }
      from = walk.seq();
      if (page.isEmpty()) {
        Optional<AuditHead> head = events.head(context);
        // What was appended between the two reads is verified too.
        if (head.isEmpty()
            || head.get().seq() <= walk.seq()
            || events.rows(context, from, 1).isEmpty()) {
          return against(context.organization(), head, walk);
        }
      }
    }
  }

  private static ChainVerification against(
      OrganizationId organization, Optional<AuditHead> head, ChainWalk walk) {
    Intact intact = new Intact(organization, walk.events(), walk.seq(), walk.hash());
    if (head.isEmpty()) {
      return walk.seq() == 0 ? intact : new Broken(organization, walk.seq() + 1, Kind.CUT_TAIL);
    }
    AuditHead last = head.get();
    if (last.seq() > walk.seq()) {
      return new Broken(organization, walk.seq() + 1, Kind.CUT_TAIL);
    }
    if (last.seq() < walk.seq()) {
      return new Broken(organization, last.seq() + 1, Kind.FORKED);
    }
    return last.hash().equals(walk.hash())
        ? intact
        : new Broken(organization, last.seq(), Kind.FORKED);
  }

  private Optional<AuditCheckpoint> newest(TenantContext context, AuditCheckpoint.Kind kind) {
    return checkpoints.newest(context, kind);
  }

  private static Optional<AuditCheckpoint> last(List<AuditCheckpoint> known) {
    return known.stream().reduce((a, b) -> b.seq() >= a.seq() ? b : a);
  }

  private static ChainWalk walk(
      OrganizationId organization, Optional<AuditCheckpoint> start, List<AuditCheckpoint> pins) {
    return new ChainWalk(
        organization,
        start.map(AuditCheckpoint::seq).orElse(0L),
        start
            .map(AuditCheckpoint::hash)
            .orElseGet(() -> StoredAuditEvent.genesis(organization.value())),
        pins);
  }
}
