package io.tenantkit.vault.egress;

import okio.Buffer;

/**
 * The buffers of the HTTP client. What was written to a connection or read from one stays in them,
 * and the client's library keeps a few for the thread's next call: a credential would lie there for
 * as long as nobody calls. For rooms that send secrets by a client of their own; {@link Egress}
 * does this itself.
 */
public final class HttpBuffers {
  /** As many bytes as the library keeps for a thread (Okio's SegmentPool). */
  private static final byte[] ZEROS = new byte[64 << 10];

  private HttpBuffers() {}

  /**
   * Overwrites what the library keeps for this thread, which made the call and ended it. Threads
   * share what is kept by groups: while another of the group takes or gives a buffer back, one may
   * be passed over, until its next use.
   */
  public static void wipe() {
    try (Buffer buffer = new Buffer()) {
      // Takes the kept buffers and fills them; clearing gives them back.
      buffer.write(ZEROS);
      buffer.clear();
    }
  }
}
