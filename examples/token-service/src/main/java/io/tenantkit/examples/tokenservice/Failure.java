package io.tenantkit.examples.tokenservice;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.slf4j.Logger;

/** Logs a fault without its message, which may repeat what a client sent. */
final class Failure {
  private static final int FRAMES = 12;

  private Failure() {}

  static void log(Logger log, String what, Throwable error) {
    log.error(
        "{} failed: {} at {}",
        what,
        error.getClass().getName(),
        Arrays.stream(error.getStackTrace())
            .limit(FRAMES)
            .map(StackTraceElement::toString)
            .collect(Collectors.joining(" < ")));
  }
}
