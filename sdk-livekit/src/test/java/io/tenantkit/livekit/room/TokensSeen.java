package io.tenantkit.livekit.room;

import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitTokenIssuer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hands on to a real LiveKit, and keeps hold of the tokens that it issued. */
final class TokensSeen {
  private final List<IssuedToken> issued = new CopyOnWriteArrayList<>();
  private final LiveKit livekit;

  TokensSeen(LiveKit real) {
    LiveKitTokenIssuer tokens =
        forwarding(
            LiveKitTokenIssuer.class,
            (method, arguments) -> {
              Object answer = call(real.tokens(), method, arguments);
              if (answer instanceof IssuedToken token) {
                issued.add(token);
              }
              return answer;
            });
    livekit =
        forwarding(
            LiveKit.class,
            (method, arguments) ->
                method.getName().equals("tokens") ? tokens : call(real, method, arguments));
  }

  private interface Step {
    Object run(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T forwarding(Class<T> type, Step step) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> step.run(method, arguments)));
  }

  private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  LiveKit livekit() {
    return livekit;
  }

  /** What was issued, in order. */
  List<IssuedToken> issued() {
    return List.copyOf(issued);
  }
}
