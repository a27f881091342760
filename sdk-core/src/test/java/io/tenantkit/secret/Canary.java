package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** A secret that can be recognised in every form in which a printer may let it out. */
public final class Canary {
  /** With characters that base64 and JSON would have to change. */
  public static final String TEXT = "sk-CANARY-7f3a9c-äöü-\"quoted\"";

  private Canary() {}

  /** Fails if the text holds any recognisable part of the canary. */
  public static void assertAbsentFrom(String where, String text) {
    assertThat(sightings(TEXT, text)).as(where).isEmpty();
  }

  /** The forms of the secret that the text holds. */
  static List<String> sightings(String secret, String text) {
    return forms(secret).stream().filter(text::contains).toList();
  }

  private static List<String> forms(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    List<String> forms = new ArrayList<>();
    forms.add(secret.substring(0, 12));
    String hex = HexFormat.of().formatHex(bytes, 0, 12);
    forms.add(hex);
    forms.add(hex.toUpperCase(Locale.ROOT));
    forms.add(Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, 12)));
    for (String separator : new String[] {", ", ",", " "}) {
      List<String> numbers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        numbers.add(Byte.toString(bytes[i]));
      }
      forms.add(String.join(separator, numbers));
    }
    return forms;
  }
}
