package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Environment;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key as it was presented, and what it is asked for. Immutable; each method answers a changed
 * copy.
 */
public final class VerifyRequest {
  /** The most that one call may cost. */
  public static final long MAX_COST = 1_000_000_000L;

  private static final int MAX_COSTS = 32;

  private final @Nullable String presented;
  private final ScopeQuery scopes;
  private final @Nullable Environment environment;
  private final @Nullable InetAddress address;
  private final long cost;
  private final Map<String, Long> costs;

  private VerifyRequest(
      @Nullable String presented,
      ScopeQuery scopes,
      @Nullable Environment environment,
      @Nullable InetAddress address,
      long cost,
      Map<String, Long> costs) {
    this.presented = presented;
    this.scopes = Objects.requireNonNull(scopes, "scopes");
    this.environment = environment;
    this.address = address;
    this.cost = cost;
    this.costs = costs;
  }

  /**
   * This text, asked for no scope, from an unknown address, at a cost of one.
   *
   * @param presented what the caller sent as its key: anything, also null
   */
  public static VerifyRequest of(@Nullable String presented) {
    return new VerifyRequest(presented, ScopeQuery.none(), null, null, 1, Map.of());
  }

  /** It must hold these scopes. */
  public VerifyRequest scopes(ScopeQuery wanted) {
    return new VerifyRequest(presented, wanted, environment, address, cost, costs);
  }

  /** It must reach this environment. */
  public VerifyRequest environment(Environment wanted) {
    return new VerifyRequest(
        presented, scopes, Objects.requireNonNull(wanted, "environment"), address, cost, costs);
  }

  /**
   * It comes from this address. Without one, a key that is bound to addresses is refused.
   *
   * @param from the socket's, or what {@link io.tenantkit.address} makes of trusted proxies'
   *     headers; never simply a header
   */
  public VerifyRequest address(InetAddress from) {
    return new VerifyRequest(
        presented, scopes, environment, Objects.requireNonNull(from, "address"), cost, costs);
  }

  /**
   * It takes this much of each limit and of the credits, zero to {@link #MAX_COST}; one unless set.
   */
  public VerifyRequest cost(long wanted) {
    requireCost(wanted);
    return new VerifyRequest(presented, scopes, environment, address, wanted, costs);
  }

  /**
   * It takes this much of the limit of that name, or of the {@code credits}, instead of {@link
   * #cost(long)}; a name that the key has no limit of is passed over.
   */
  public VerifyRequest cost(String limit, long wanted) {
    requireCost(wanted);
    Map<String, Long> more = new HashMap<>(costs);
    more.put(Texts.require("limit", limit, 64), wanted);
    if (more.size() > MAX_COSTS) {
      throw new InvalidInputException("costs", "at most " + MAX_COSTS);
    }
    return new VerifyRequest(presented, scopes, environment, address, cost, Map.copyOf(more));
  }

  private static void requireCost(long wanted) {
    if (wanted < 0 || wanted > MAX_COST) {
      throw new InvalidInputException("cost", "0 to 1,000,000,000");
    }
  }

  @Nullable String presented() {
    return presented;
  }

  ScopeQuery scopes() {
    return scopes;
  }

  @Nullable Environment environment() {
    return environment;
  }

  @Nullable InetAddress address() {
    return address;
  }

  long cost() {
    return cost;
  }

  Map<String, Long> costs() {
    return costs;
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "VerifyRequest[scopes=" + scopes + ", cost=" + cost + "]";
  }
}
