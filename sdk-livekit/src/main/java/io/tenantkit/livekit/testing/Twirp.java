package io.tenantkit.livekit.testing;

import com.google.protobuf.Message;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The methods of the server's API. */
final class Twirp {
  /** Does what a request asks for, as far as the token allows it; under the world's lock. */
  interface Handler<Q extends Message> {
    Message handle(Q request, Optional<Grants> grants) throws Fault;
  }

  /** A method by its request. */
  record Method(Message prototype, Handler<Message> handler) {}

  private final World world;
  private final Map<String, Map<String, Method>> services = new HashMap<>();

  Twirp(World world) {
    this.world = world;
    new RoomApi(world).register(this);
    new DispatchApi(world).register(this);
    AbsentServices.register(this);
  }

  @SuppressWarnings("unchecked") // The codec reads what the prototype is.
  <Q extends Message> void add(String service, String method, Q prototype, Handler<Q> handler) {
    services
        .computeIfAbsent(service, key -> new HashMap<>())
        .put(
            method,
            new Method(prototype, (request, grants) -> handler.handle((Q) request, grants)));
  }

  boolean has(String service) {
    return services.containsKey(service);
  }

  @Nullable Method method(String service, String method) {
    return services.getOrDefault(service, Map.of()).get(method);
  }

  Message call(Method method, Message request, Optional<Grants> grants) throws Fault {
    return world.locked(() -> method.handler().handle(request, grants));
  }
}
