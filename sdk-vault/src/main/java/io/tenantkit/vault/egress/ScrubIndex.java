package io.tenantkit.vault.egress;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The forms in which one secret may be met, by the hashes of their parts, so that a text is read
 * once for all of them. Wiped when closed. For one thread.
 */
final class ScrubIndex implements AutoCloseable {
  /** So many bytes of a form are a sighting; a shorter form has to be there as a whole. */
  static final int GRAM = 12;

  private static final int FACTOR = 31;

  /** How many characters of base64 the bytes before may have a part in, by their number mod 3. */
  private static final int[] SHARED = {0, 2, 3};

  private final List<byte[]> forms = new ArrayList<>();

  /** By length and hash of a part: the forms and positions where it begins. */
  private final Map<Integer, Map<Integer, List<int[]>>> parts = new HashMap<>();

  private ScrubIndex() {}

  /** For the secret with these bytes, 4 or more. */
  static ScrubIndex of(byte[] secret) {
    ScrubIndex index = new ScrubIndex();
    index.add(secret);
    String hex = HexFormat.of().formatHex(secret);
    index.add(hex);
    index.add(hex.toUpperCase(Locale.ROOT));
    for (int before = 0; before < SHARED.length; before++) {
      byte[] shifted = new byte[before + secret.length];
      System.arraycopy(secret, 0, shifted, before, secret.length);
      // The last character holds bits of what follows, unless all its bits are ours.
      int whole = shifted.length * 8 / 6;
      String standard = Base64.getEncoder().encodeToString(shifted);
      String url = Base64.getUrlEncoder().encodeToString(shifted);
      Arrays.fill(shifted, (byte) 0);
      index.add(standard.substring(SHARED[before], whole));
      index.add(url.substring(SHARED[before], whole));
    }
    return index;
  }

  private void add(String ascii) {
    add(ascii.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private void add(byte[] given) {
    byte[] form = withoutSpace(given);
    if (form.length < Scrubber.MIN_SECRET_BYTES) {
      return;
    }
    int number = forms.size();
    forms.add(form);
    int length = Math.min(form.length, GRAM);
    Map<Integer, List<int[]>> ofLength = parts.computeIfAbsent(length, any -> new HashMap<>());
    int[] hashes = hashes(form, length);
    for (int at = 0; at < hashes.length; at++) {
      ofLength.computeIfAbsent(hashes[at], any -> new ArrayList<>(1)).add(new int[] {number, at});
    }
  }

  /** As the views have it. */
  private static byte[] withoutSpace(byte[] bytes) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
    for (byte each : bytes) {
      if (each < 0 || each > ' ') {
        kept.write(each);
      }
    }
    return kept.toByteArray();
  }

  /** Marks every part of a form that the view shows. */
  void mark(ScrubView view, boolean[] found) {
    byte[] text = view.bytes();
    parts.forEach(
        (length, ofLength) -> {
          int[] hashes = hashes(text, length);
          for (int at = 0; at < hashes.length; at++) {
            List<int[]> candidates = ofLength.get(hashes[at]);
            if (candidates != null && anyIsAt(candidates, text, at, length)) {
              view.mark(found, at, at + length - 1);
            }
          }
        });
  }

  private boolean anyIsAt(List<int[]> candidates, byte[] text, int at, int length) {
    for (int[] candidate : candidates) {
      byte[] form = forms.get(candidate[0]);
      int from = candidate[1];
      if (Arrays.equals(form, from, from + length, text, at, at + length)) {
        return true;
      }
    }
    return false;
  }

  /** The hash of each part of this length, from one to the next without reading it anew. */
  private static int[] hashes(byte[] bytes, int length) {
    if (bytes.length < length) {
      return new int[0];
    }
    int[] hashes = new int[bytes.length - length + 1];
    int highest = 1;
    for (int i = 1; i < length; i++) {
      highest *= FACTOR;
    }
    int hash = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (i >= length) {
        hash -= highest * bytes[i - length];
      }
      hash = hash * FACTOR + bytes[i];
      if (i >= length - 1) {
        hashes[i - length + 1] = hash;
      }
    }
    return hashes;
  }

  @Override
  public void close() {
    forms.forEach(form -> Arrays.fill(form, (byte) 0));
    parts.clear();
  }
}
