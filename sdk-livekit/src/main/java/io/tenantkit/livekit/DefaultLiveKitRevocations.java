package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.Revocation.Removal;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.Denials;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenDenial.Target;
import io.tenantkit.token.TokenLedger;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

final class DefaultLiveKitRevocations implements LiveKitRevocations {
  private static final String TARGET = "livekit_token_denial";

  private final PlaneRuntime runtime;
  private final ActiveOrganizations organizations;
  private final TokenPolicies policies;
  private final TokenLedger ledger;
  private final RevokedPeople people;

  DefaultLiveKitRevocations(
      PlaneRuntime runtime,
      ActiveOrganizations organizations,
      TokenPolicies policies,
      TokenLedger ledger,
      RevokedPeople people) {
    this.runtime = runtime;
    this.organizations = organizations;
    this.policies = policies;
    this.ledger = ledger;
    this.people = people;
  }

  @Override
  public Revocation revoke(TenantContext context, String jti, String reason) {
    begin(context);
    ledger.flush(context.organization());
    LedgerEntry token =
        ledger
            .find(context, jti)
            .filter(found -> found.environment() == context.environment())
            .orElseThrow(() -> new NotFoundException("token"));
    if (token.place().isEmpty()) {
      throw new InvalidInputException(
          "jti", "a token that joins a room; against one for the server's API, a new key pair");
    }
    return revoke(
        context,
        denial(
            context,
            Target.TOKEN,
            token.id(),
            token.subject(),
            token.place(),
            later(token.expiresAt()),
            reason));
  }

  @Override
  public Revocation revoke(TenantContext context, String identity, String room, String reason) {
    begin(context);
    BoundedText.requireName("identity", identity, TokenRequest.MAX_NAME_BYTES);
    BoundedText.requireName("room", room, TokenRequest.MAX_NAME_BYTES);
    TokenPolicy policy = policies.policy(context, organizations.find(context));
    ledger.flush(context.organization());
    Instant now = runtime.now();
    Instant last =
        ledger
            .lastExpiry(context, LedgerQuery.all().of(identity).in(room))
            .filter(found -> found.isAfter(now))
            .orElseGet(() -> now.plus(policy.maxTtl()));
    return revoke(
        context, denial(context, Target.SUBJECT, "", identity, room, later(last), reason));
  }

  @Override
  public Revocation revokeAll(TenantContext context, String reason) {
    begin(context);
    TokenPolicy policy = policies.policy(context, organizations.find(context));
    ledger.flush(context.organization());
    // Another node may have tokens in its batch that no ledger knows: they live no longer than
    // that.
    Instant longest = runtime.now().plus(policy.maxTtl());
    Instant last =
        ledger
            .lastExpiry(context, LedgerQuery.all())
            .filter(found -> found.isAfter(longest))
            .orElse(longest);
    return revoke(context, denial(context, Target.ALL, "", "", "", later(last), reason));
  }

  private void begin(TenantContext context) {
    context.requireOwnTransaction("revocation of LiveKit tokens");
    context.require(Scopes.LIVEKIT_ADMIN);
    context.require(context.environment());
    // A suspended organization's people are in their rooms still.
    organizations.find(context);
  }

  /** Until the bearer cannot get in any more; of a token that has ended, from now on. */
  private Instant later(Instant expiry) {
    Instant now = runtime.now();
    return (expiry.isAfter(now) ? expiry : now).plus(WINDOW);
  }

  private TokenDenial denial(
      TenantContext context,
      Target target,
      String jti,
      String identity,
      String room,
      Instant until,
      String reason) {
    return new TokenDenial(
        runtime.ids().next("tdn"),
        DefaultTokenIssuer.ISSUER,
        context.environment(),
        target,
        jti,
        identity,
        room,
        runtime.now(),
        until,
        until,
        context.actor(),
        reason);
  }

  private Revocation revoke(TenantContext context, TokenDenial denial) {
    ledger.deny(
        context,
        denial,
        event(
            context,
            "livekit.tokens.denied",
            denial,
            Map.of(
                "target", denial.target().name(),
                "jti", denial.tokenId(),
                "identity", denial.subject(),
                "room", denial.place(),
                "until", denial.until().toString(),
                "reason", denial.reason())));
    TenantContext own = RevokedPeople.own(context.organization(), context.environment());
    return new Revocation(
        denial,
        everywhere(
            own, each -> each.putOut(own, List.of(denial), runtime.now(), new RevocationRound())));
  }

  /** On the tenant's server and on those that it is moving away from. */
  private Removal everywhere(TenantContext own, Function<RevokedPeople, Removal> look) {
    Removal sum = look.apply(people);
    for (RevokedPeople each : people.elsewhere(own)) {
      sum = RevokedPeople.both(sum, look.apply(each));
    }
    return sum;
  }

  private AuditEvent event(
      TenantContext context, String action, TokenDenial denial, Map<String, String> details) {
    return runtime
        .event(context, runtime.now(), action, TARGET, denial.id(), details)
        .with("environment", denial.environment().name());
  }

  @Override
  public Page<TokenDenial> list(TenantContext context, PageRequest page) {
    context.requireOwnTransaction("denials of LiveKit tokens");
    context.require(Scopes.LIVEKIT_READ);
    String after = Optional.ofNullable(page.afterId()).orElse("");
    return page.page(
        active(context).stream()
            .filter(each -> each.id().compareTo(after) > 0)
            .limit(page.limit() + 1L)
            .toList(),
        TokenDenial::id);
  }

  /** Those of the context's environment, by their ids. */
  private List<TokenDenial> active(TenantContext context) {
    context.require(context.environment());
    return ledger
        .denials(context.organization(), runtime.clock().millis())
        .active(runtime.now())
        .stream()
        .filter(each -> each.environment() == context.environment())
        .sorted(Comparator.comparing(TokenDenial::id))
        .toList();
  }

  @Override
  public void lift(TenantContext context, String denialId) {
    begin(context);
    TokenDenial denial =
        active(context).stream()
            .filter(each -> each.id().equals(denialId))
            .findFirst()
            .orElseThrow(() -> new NotFoundException("denial"));
    Map<String, String> details =
        Map.of("identity", denial.subject(), "room", denial.place(), "jti", denial.tokenId());
    if (!ledger.lift(
        context, denialId, event(context, "livekit.tokens.allowed", denial, details))) {
      throw new NotFoundException("denial");
    }
  }

  @Override
  public Removal seen(TenantContext context, String identity, String room) {
    context.requireOwnTransaction("removal of a LiveKit participant");
    context.require(Scopes.LIVEKIT_ADMIN);
    context.require(context.environment());
    Instant now = runtime.now();
    Denials denials = ledger.denials(context.organization(), now.toEpochMilli());
    Optional<TokenDenial> theirs = denials.of(context.environment(), identity, room, now);
    Optional<TokenDenial> all = denials.ofAll(context.environment(), now);
    if (theirs.isEmpty() && all.isEmpty()) {
      return Removal.NOT_THERE;
    }
    boolean rowsAreThere =
        theirs.isEmpty()
            && policies.policy(context, organizations.find(context)).ledger() == LedgerMode.DURABLE;
    TenantContext own = RevokedPeople.own(context.organization(), context.environment());
    return everywhere(own, each -> each.seen(own, identity, room, theirs, all, rowsAreThere, now));
  }
}
