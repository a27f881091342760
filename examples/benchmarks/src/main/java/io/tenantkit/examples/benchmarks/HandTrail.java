package io.tenantkit.examples.benchmarks;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The floor of an audit row in memory: the text that our chain hashes of a reveal, made by hand,
 * hashed after the link before, and kept with its link. For one thread.
 *
 * <p>Left out: ids that ascend, whether an id is there already, details that need escapes, undoing,
 * the lock. When it is full it begins anew.
 */
final class HandTrail {
  private final byte[] kept = new byte[64 << 20];
  private final MessageDigest sha256;
  private byte[] link = new byte[32];
  private int end;
  private long seq;

  HandTrail() throws NoSuchAlgorithmException {
    sha256 = MessageDigest.getInstance("SHA-256");
  }

  /** Adds the row; its link. */
  byte[] add(String organization, String target, String name) {
    String id = "evt_01kah2v9w0" + Long.toString(0x1000_0000_0000_0000L + seq, 32) + "e8s";
    String details =
        "{\"environment\":\"PRODUCTION\",\"name\":\""
            + name
            + "\",\"project\":\"chat\",\"version\":\"1\"}";
    StringBuilder text = new StringBuilder(320);
    text.append(++seq).append(':').append(System.currentTimeMillis()).append("000:");
    field(text, organization);
    field(text, id);
    field(text, "HOST");
    field(text, "benchmark");
    field(text, "secret.revealed");
    field(text, "secret");
    field(text, target);
    field(text, details);
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    sha256.update(link);
    link = sha256.digest(bytes);
    if (end + link.length + bytes.length > kept.length) {
      end = 0;
    }
    System.arraycopy(link, 0, kept, end, link.length);
    System.arraycopy(bytes, 0, kept, end + link.length, bytes.length);
    end += link.length + bytes.length;
    return link;
  }

  private static void field(StringBuilder text, String field) {
    text.append(field.length()).append(':').append(field);
  }
}
