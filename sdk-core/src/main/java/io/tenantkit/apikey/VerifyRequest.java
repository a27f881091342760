package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Environment;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key as it was presented, and what it is asked for. Immutable; each method answers a changed
 * copy.
 */
public final class VerifyRequest {
  /** The most that one call may cost. */
  public static final long MAX_COST = 1_000_000_000L;

  private final @Nullable String presented;
  private final ScopeQuery scopes;
  private final @Nullable Environment environment;
  private final @Nullable InetAddress address;
  private final long cost;

  private VerifyRequest(
      @Nullable String presented,
      ScopeQuery scopes,
      @Nullable Environment environment,
      @Nullable InetAddress address,
      long cost) {
    this.presented = presented;
    this.scopes = Objects.requireNonNull(scopes, "scopes");
    this.environment = environment;
    this.address = address;
    this.cost = cost;
  }

  /**
   * This text, asked for no scope, from an unknown address, at a cost of one.
   *
   * @param presented what the caller sent as its key: anything, also null
   */
  public static VerifyRequest of(@Nullable String presented) {
    return new VerifyRequest(presented, ScopeQuery.none(), null, null, 1);
  }

  /** It must hold these scopes. */
  public VerifyRequest scopes(ScopeQuery wanted) {
    return new VerifyRequest(presented, wanted, environment, address, cost);
  }

  /** It must reach this environment. */
  public VerifyRequest environment(Environment wanted) {
    return new VerifyRequest(
        presented, scopes, Objects.requireNonNull(wanted, "environment"), address, cost);
  }

  /**
   * It comes from this address. Without one, a key that is bound to addresses is refused.
   *
   * @param from the socket's, or what {@link io.tenantkit.address} makes of trusted proxies'
   *     headers; never simply a header
   */
  public VerifyRequest address(InetAddress from) {
    return new VerifyRequest(
        presented, scopes, environment, Objects.requireNonNull(from, "address"), cost);
  }

  /**
   * It takes this much of each limit and of the credits, zero to {@link #MAX_COST}; one unless set.
   */
  public VerifyRequest cost(long wanted) {
    if (wanted < 0 || wanted > MAX_COST) {
      throw new InvalidInputException("cost", "0 to 1,000,000,000");
    }
    return new VerifyRequest(presented, scopes, environment, address, wanted);
  }

  @Nullable String presented() {
    return presented;
  }

  ScopeQuery scopes() {
    return scopes;
  }

  Optional<Environment> environment() {
    return Optional.ofNullable(environment);
  }

  @Nullable InetAddress address() {
    return address;
  }

  long cost() {
    return cost;
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "VerifyRequest[scopes=" + scopes + ", cost=" + cost + "]";
  }
}
