package io.tenantkit.vault;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Looks for a secret in all the forms in which a program may let it out. */
public final class Sightings {
  private static final int PART = 12;

  private Sightings() {}

  public static List<String> in(String text, byte[] secret) {
    return in(text.getBytes(StandardCharsets.UTF_8), secret);
  }

  public static List<String> in(byte[] haystack, byte[] secret) {
    return List.copyOf(search(haystack, haystack.length, forms(secret)));
  }

  /** How often each form is in a stream that is too long for the memory. */
  public static Map<String, Integer> count(InputStream in, byte[] secret) throws IOException {
    Map<String, byte[]> forms = forms(secret);
    Map<String, Integer> seen = new LinkedHashMap<>();
    int overlap = 64;
    byte[] window = new byte[1 << 20];
    int kept = 0;
    for (int read; (read = in.read(window, kept, window.length - kept)) > 0; ) {
      int filled = kept + read;
      search(window, filled, forms).forEach(form -> seen.merge(form, 1, Integer::sum));
      kept = Math.min(overlap, filled);
      System.arraycopy(window, filled - kept, window, 0, kept);
    }
    Arrays.fill(window, (byte) 0);
    return seen;
  }

  /** A part is enough to be seen; the part has 12 bytes of at least 14. */
  private static Map<String, byte[]> forms(byte[] secret) {
    Map<String, byte[]> forms = new LinkedHashMap<>();
    byte[] part = Arrays.copyOf(secret, PART);
    forms.put("as it is", part);
    String hex = HexFormat.of().formatHex(part);
    forms.put("hex", ascii(hex));
    forms.put("HEX", ascii(hex.toUpperCase(Locale.ROOT)));
    for (int at = 0; at < 3; at++) {
      byte[] shifted = Arrays.copyOfRange(secret, at, at + PART);
      forms.put("base64 from " + at, Base64.getEncoder().encode(shifted));
      forms.put("base64url from " + at, Base64.getUrlEncoder().encode(shifted));
    }
    String latin = new String(part, StandardCharsets.ISO_8859_1);
    forms.put("UTF-16LE", latin.getBytes(StandardCharsets.UTF_16LE));
    forms.put("UTF-16BE", latin.getBytes(StandardCharsets.UTF_16BE));
    for (String separator : new String[] {", ", ",", " "}) {
      StringBuilder numbers = new StringBuilder();
      for (int i = 0; i < 6; i++) {
        numbers.append(i == 0 ? "" : separator).append(part[i]);
      }
      forms.put("numbers with '" + separator + "'", ascii(numbers.toString()));
    }
    return forms;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** One pass for all forms: most bytes begin none of them. */
  private static Set<String> search(byte[] haystack, int length, Map<String, byte[]> forms) {
    boolean[] begins = new boolean[256];
    forms.values().forEach(needle -> begins[needle[0] & 0xFF] = true);
    Set<String> seen = new LinkedHashSet<>();
    for (int i = 0; i < length; i++) {
      if (begins[haystack[i] & 0xFF]) {
        for (Map.Entry<String, byte[]> form : forms.entrySet()) {
          byte[] needle = form.getValue();
          if (i + needle.length <= length
              && Arrays.equals(haystack, i, i + needle.length, needle, 0, needle.length)) {
            seen.add(form.getKey());
          }
        }
      }
    }
    return seen;
  }
}
