package io.tenantkit.livekit.spi;

import java.io.IOException;

/** Reads what a server answered. */
@FunctionalInterface
public interface AnswerReader<T> {
  /**
   * Reads it.
   *
   * @param body the bytes, which are wiped afterwards
   * @throws IOException when it is not what it should be; what it says goes nowhere
   */
  T read(byte[] body) throws IOException;
}
