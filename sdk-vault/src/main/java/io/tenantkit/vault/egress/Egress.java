package io.tenantkit.vault.egress;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.address.AddressRange;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Calls outside services at addresses that tenants name, so that none of them reaches what only
 * this machine may reach.
 *
 * <p>HTTPS only, on the ports given. A name is looked up once; one answer of several that may not
 * be called refuses the name, and the socket asks again at the moment of connecting. Public
 * addresses may be called, by IANA's registries, and the ranges that the host allows; metadata
 * services of clouds never. No redirect is followed, no proxy of the JVM is used, no cookie kept,
 * nothing cached, nothing sent twice. The time of a call is bounded as a whole and the answer in
 * size; answers are not decompressed. Nothing of a request or an answer is logged.
 *
 * <p>{@link #send} blocks and works in the caller's thread, which may be virtual. Safe for use by
 * several threads. Each call has a connection of its own: an answer that a service sent too many
 * would else be the next caller's. {@link #close} ends all calls; the client's own threads are
 * daemons that end when they are idle.
 */
public final class Egress implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final String LOCALHOST = "localhost";

  private final HttpExchange exchange;
  private final NameResolver names;
  private final AddressGuard guard;
  private final Set<Integer> ports;
  private final boolean loopback;
  private final Map<String, Integer> routes;
  private final Duration callTimeout;
  private final int maxAnswerBytes;
  private final Semaphore places;
  private final int patientOfOne;
  private final Map<String, Integer> patient = new ConcurrentHashMap<>();
  private final int mostOfOne;

  /** Calls under way by whom they are for. Guarded by itself. */
  private final Map<String, Integer> running = new HashMap<>();

  private volatile boolean closed;

  private Egress(Builder builder) {
    this.guard = new AddressGuard(builder.allowed, builder.loopback);
    this.ports = Set.copyOf(builder.ports);
    this.loopback = builder.loopback;
    this.routes = Map.copyOf(builder.routes);
    this.callTimeout = builder.callTimeout;
    this.maxAnswerBytes = builder.maxAnswerBytes;
    this.places = new Semaphore(builder.maxConcurrent, true);
    this.patientOfOne = Math.max(1, builder.maxConcurrent / 8);
    this.mostOfOne = Math.max(Math.min(builder.maxConcurrent, 8), builder.maxConcurrent / 4);
    this.names = new NameResolver(builder.lookup, builder.maxConcurrent);
    this.exchange =
        new HttpExchange(
            guard, builder.connectTimeout, builder.readTimeout, builder.sockets, builder.trust);
  }

  /** A client to be configured; as it comes, it is fit for production. */
  public static Builder builder() {
    return new Builder();
  }

  /** A client as it comes. */
  public static Egress create() {
    return builder().build();
  }

  /**
   * Whether a URL could be called as far as its text tells: its form, scheme and port, and its host
   * when that is an address. For set-up, where a typing error should be told at once; names are not
   * looked up.
   *
   * @throws EgressException with {@link EgressFailure#BLOCKED_URL} or {@link
   *     EgressFailure#BLOCKED_ADDRESS} when it could not
   */
  public void check(String url) {
    TargetUrl target = TargetUrl.parse(url);
    if (!routes.containsKey(target.host())) {
      requireAllowed(target);
      AddressRange literal = target.literal();
      if (literal != null) {
        requireAdmitted(names.literal(target.host()));
      }
    }
  }

  /**
   * Sends the request and reads the answer, whatever its status.
   *
   * @throws EgressException when there is no answer; its {@link EgressException#failure()} tells
   *     whether anything may have been sent
   * @throws IllegalStateException when a secret of the request was closed
   * @throws TenantkitException with {@link ErrorCode#CLOSED} after {@link #close}
   */
  public EgressResponse send(EgressRequest request) {
    if (closed) {
      throw new TenantkitException(ErrorCode.CLOSED, "the egress client was closed");
    }
    TargetUrl target = request.target();
    requireHost(request);
    Integer routed = routes.get(target.host());
    if (routed == null) {
      requireAllowed(target);
    }
    if (request.patience().isPresent()) {
      return patiently(request, routed, longer(request.patience().get(), callTimeout));
    }
    Duration whole =
        request.timeout().filter(each -> each.compareTo(callTimeout) < 0).orElse(callTimeout);
    return within(request, routed, whole);
  }

  /** One whose calls wait for people leaves places to the others. */
  private EgressResponse patiently(
      EgressRequest request, @Nullable Integer routed, Duration whole) {
    String whom = request.onBehalfOf();
    int waiting = patient.merge(whom, 1, Integer::sum);
    try {
      if (waiting > patientOfOne) {
        throw new EgressException(EgressFailure.BUSY);
      }
      return within(request, routed, whole);
    } finally {
      patient.computeIfPresent(whom, (name, calls) -> calls > 1 ? calls - 1 : null);
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private EgressResponse within(EgressRequest request, @Nullable Integer routed, Duration whole) {
    TargetUrl target = request.target();
    long end = System.nanoTime() + whole.toNanos();
    String whom = request.onBehalfOf();
    takeShare(whom, end);
    try {
      takePlace(remaining(end));
      return placed(request, routed, target, end);
    } finally {
      leaveShare(whom);
    }
  }

  private EgressResponse placed(
      EgressRequest request, @Nullable Integer routed, TargetUrl target, long end) {
    try {
      List<InetAddress> addresses =
          routed != null
              ? names.loopback()
              : addresses(target, request.onBehalfOf(), remaining(end));
      requireAdmitted(addresses);
      HttpExchange.Way way =
          new HttpExchange.Way(addresses, routed, target.isHttps(), remaining(end));
      return exchange.call(request, way, Math.min(maxAnswerBytes, request.maxAnswerBytes()));
    } finally {
      places.release();
    }
  }

  private static void requireHost(EgressRequest request) {
    if (request.allowedHosts().isPresent()
        && !HostPattern.anyMatches(request.allowedHosts().get(), request.target().host())) {
      throw TargetUrl.blocked("not a host that this request may go to");
    }
  }

  private void requireAllowed(TargetUrl target) {
    boolean local = loopback && isLoopback(target);
    if (!target.isHttps() && !local) {
      throw TargetUrl.blocked("https only");
    }
    if (!ports.contains(target.port()) && !local) {
      throw TargetUrl.blocked("not a port that may be called");
    }
  }

  private boolean isLoopback(TargetUrl target) {
    return target.host().equals(LOCALHOST)
        || (target.literal() != null
            && names.literal(target.host()).stream().allMatch(AddressGuard::isLoopback));
  }

  private List<InetAddress> addresses(TargetUrl target, String whom, Duration atMost) {
    return target.literal() != null
        ? names.literal(target.host())
        : names.resolve(target.host(), whom, atMost);
  }

  private void requireAdmitted(List<InetAddress> addresses) {
    if (!addresses.stream().allMatch(guard::admits)) {
      throw new EgressException(EgressFailure.BLOCKED_ADDRESS);
    }
  }

  /** A quarter of the places is the most that one party has, however slow its servers are. */
  private void takeShare(String whom, long end) {
    synchronized (running) {
      try {
        while (running.getOrDefault(whom, 0) >= mostOfOne) {
          long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          if (millis <= 0) {
            throw new EgressException(EgressFailure.BUSY);
          }
          running.wait(millis);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EgressException(EgressFailure.UNREACHABLE, "interrupted");
      }
      running.merge(whom, 1, Integer::sum);
    }
  }

  private void leaveShare(String whom) {
    synchronized (running) {
      running.computeIfPresent(whom, (name, calls) -> calls > 1 ? calls - 1 : null);
      running.notifyAll();
    }
  }

  private void takePlace(Duration atMost) {
    try {
      if (!places.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new EgressException(EgressFailure.BUSY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EgressException(EgressFailure.UNREACHABLE, "interrupted");
    }
  }

  private static Duration remaining(long end) {
    long nanos = end - System.nanoTime();
    if (nanos < TimeUnit.MILLISECONDS.toNanos(1)) {
      throw new EgressException(EgressFailure.TIMEOUT);
    }
    return Duration.ofNanos(nanos);
  }

  /** Cancels the calls under way, which end as unreachable. Further calls do nothing. */
  @Override
  public void close() {
    closed = true;
    exchange.close();
    names.close();
  }

  static Duration requireTime(String property, Duration time) {
    if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(LONGEST) > 0) {
      throw new InvalidInputException(property, "1 ms to 10 minutes");
    }
    return time;
  }

  /** Collects a client's settings. For one thread. */
  public static final class Builder {
    private List<AddressRange> allowed = List.of();
    private Set<Integer> ports = Set.of(443, 8443);
    private Duration connectTimeout = Duration.ofSeconds(5);
    private Duration readTimeout = Duration.ofSeconds(10);
    private Duration callTimeout = Duration.ofSeconds(20);
    private int maxAnswerBytes = 1 << 20;
    private int maxConcurrent = 64;
    private boolean loopback;
    private final Map<String, Integer> routes = new LinkedHashMap<>();
    private NameLookup lookup = NameLookup.system();
    private @Nullable SSLSocketFactory sockets;
    private @Nullable X509TrustManager trust;

    private Builder() {}

    /**
     * Ranges of the host's own network that may be called beside the public ones. No range opens
     * the metadata services of clouds, link-local or multicast addresses.
     */
    public Builder allowPrivate(Collection<AddressRange> ranges) {
      allowed = List.copyOf(ranges);
      return this;
    }

    /**
     * As {@link #allowPrivate(Collection)}, from texts as {@link AddressRange#parse} reads them.
     */
    public Builder allowPrivate(String... ranges) {
      return allowPrivate(Arrays.stream(ranges).map(AddressRange::parse).toList());
    }

    /** The ports that may be called; 443 and 8443 unless told. */
    public Builder ports(Integer... allowedPorts) {
      Set<Integer> given = Arrays.stream(allowedPorts).collect(Collectors.toSet());
      if (given.isEmpty() || given.stream().anyMatch(port -> port < 1 || port > 65_535)) {
        throw new InvalidInputException("ports", "one or more of 1 to 65535");
      }
      ports = given;
      return this;
    }

    /** How long connecting to one address may take; 5 seconds unless told. */
    public Builder connectTimeout(Duration atMost) {
      connectTimeout = requireTime("connectTimeout", atMost);
      return this;
    }

    /** How long a service may be silent between two bytes; 10 seconds unless told. */
    public Builder readTimeout(Duration atMost) {
      readTimeout = requireTime("readTimeout", atMost);
      return this;
    }

    /** How long a call may take, from waiting for its turn to the last byte; 20 seconds. */
    public Builder callTimeout(Duration atMost) {
      callTimeout = requireTime("callTimeout", atMost);
      return this;
    }

    /** How many bytes of an answer's body are read; 1 MiB unless told. */
    public Builder maxAnswerBytes(int bytes) {
      if (bytes < 0 || bytes > 1 << 28) {
        throw new InvalidInputException("maxAnswerBytes", "0 to 256 MiB");
      }
      maxAnswerBytes = bytes;
      return this;
    }

    /** How many calls may be under way at once, others waiting; 64 unless told. */
    public Builder maxConcurrent(int calls) {
      if (calls < 1 || calls > 10_000) {
        throw new InvalidInputException("maxConcurrent", "1 to 10000");
      }
      maxConcurrent = calls;
      return this;
    }

    /**
     * For tests only: this machine may be called, by HTTP too and on every port, when the URL's
     * host is {@code localhost} or a loopback address.
     */
    public Builder unsafeAllowLoopback() {
      loopback = true;
      return this;
    }

    /**
     * For tests only: what is sent to this host goes by plain HTTP to a port of this machine, with
     * the host's name in the header, after all that needs no look-up was checked as ever. A service
     * with a fixed name is so replaced by a local one.
     */
    public Builder unsafeRoute(String host, int loopbackPort) {
      if (!TargetUrl.isHost(host) || loopbackPort < 1 || loopbackPort > 65_535) {
        throw new InvalidInputException("unsafeRoute", "a host, and a port of 1 to 65535");
      }
      loopback = true;
      routes.put(host.toLowerCase(Locale.ROOT), loopbackPort);
      return this;
    }

    /** Another resolver, for tests. */
    Builder lookup(NameLookup given) {
      lookup = Objects.requireNonNull(given, "lookup");
      return this;
    }

    /** Other roots of trust, for tests. */
    Builder trust(SSLSocketFactory factory, X509TrustManager manager) {
      sockets = Objects.requireNonNull(factory, "factory");
      trust = Objects.requireNonNull(manager, "manager");
      return this;
    }

    /** The client. */
    public Egress build() {
      return new Egress(this);
    }
  }
}
