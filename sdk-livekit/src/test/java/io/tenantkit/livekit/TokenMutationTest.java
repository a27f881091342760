package io.tenantkit.livekit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every text that is one edit away from a good token is refused: none is its twin. */
final class TokenMutationTest {
  private static final String KEY = "APIacme";
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final String INSERTED = "A-_=.+/ \n\r\t\0~%é\u200b\ud83d";
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  @Test
  void one_edit_anywhere_is_refused() {
    // Three lengths, so that each way in which base64 can end is met in the payload.
    for (String identity : new String[] {"ada", "adaa", "adaaa"}) {
      ParticipantToken request =
          ParticipantToken.join("standup", identity).attributes(Map.of("a", "b"));
      String jwt = Tokens.sign(request.spec, KEY, SECRET, NOW);
      assertThat(verify(jwt)).isInstanceOf(TokenVerification.Valid.class);

      List<String> survivors = new ArrayList<>();
      int tried = 0;
      for (String mutant : mutants(jwt)) {
        tried++;
        if (verify(mutant) instanceof TokenVerification.Valid) {
          survivors.add(mutant);
        }
      }
      assertThat(survivors).isEmpty();
      assertThat(tried).isGreaterThan(jwt.length() * 80);
    }
  }

  /** Claims in plain form have a reader of their own, which must never be of another opinion. */
  @Test
  void both_readers_of_claims_agree_on_everything_one_edit_away() throws Exception {
    ParticipantToken request =
        ParticipantToken.join("hall", "ada").name("Ada").metadata("m").canPublish(false);
    String jwt = Tokens.sign(request.spec, KEY, SECRET, NOW);
    byte[] claims = CompactJws.parse(jwt).payload();
    String text = new String(claims, US_ASCII);
    assertThat(read(claims)).isEqualTo(strict(claims)).isNotEqualTo("refused");

    int understood = 0;
    List<byte[]> edits = new ArrayList<>();
    for (int at = 0; at <= claims.length; at++) {
      for (int b = 0; b < 256; b++) {
        byte[] inserted = new byte[claims.length + 1];
        System.arraycopy(claims, 0, inserted, 0, at);
        inserted[at] = (byte) b;
        System.arraycopy(claims, at, inserted, at + 1, claims.length - at);
        edits.add(inserted);
        if (at < claims.length) {
          byte[] changed = claims.clone();
          changed[at] = (byte) b;
          edits.add(changed);
        }
      }
    }
    for (String more :
        List.of(
            "\"iss\":\"x\"",
            "\"video\":{}",
            "\"exp\":1",
            "\"exp\":-1",
            "\"exp\":01",
            "\"iat\":1e3",
            "\"iat\":1.0",
            "\"iat\":253402300800",
            "\"iat\":9999999999999",
            "\"kind\":null",
            "\"sip\":{\"admin\":true}",
            "\"x\":[{}]",
            "\"name\":7")) {
      edits.add((text.substring(0, text.length() - 1) + "," + more + "}").getBytes(US_ASCII));
      edits.add(("{" + more + "," + text.substring(1)).getBytes(US_ASCII));
      edits.add(("{" + more + "}").getBytes(US_ASCII));
    }
    for (byte[] edit : edits) {
      String read = read(edit);
      assertThat(read).as(new String(edit, US_ASCII)).isEqualTo(strict(edit));
      understood += read.equals("refused") ? 0 : 1;
    }
    assertThat(understood).isGreaterThan(claims.length);
  }

  private static String read(byte[] claims) {
    try {
      return shown(ClaimsReader.read(claims));
    } catch (TokenRefusal e) {
      return "refused";
    }
  }

  private static String strict(byte[] claims) {
    try {
      return shown(ClaimsReader.strict(claims));
    } catch (TokenRefusal e) {
      return "refused";
    }
  }

  /** All of them; the record's own text leaves out what may be personal. */
  private static String shown(ClaimsReader read) {
    TokenClaims claims = read.verified("x", read.expiresAt().orElse(NOW));
    return read.issuer()
        + ", "
        + read.expiresAt()
        + ", "
        + claims
        + claims.identity()
        + claims.id()
        + claims.issuedAt()
        + claims.notBefore()
        + claims.name()
        + claims.metadata()
        + claims.attributes()
        + claims.video()
        + claims.grants()
        + claims.otherClaims();
  }

  private static List<String> mutants(String jwt) {
    List<String> mutants = new ArrayList<>();
    for (int i = 0; i <= jwt.length(); i++) {
      String before = jwt.substring(0, i);
      for (char c : INSERTED.toCharArray()) {
        mutants.add(before + c + jwt.substring(i));
      }
      if (i == jwt.length()) {
        break;
      }
      String after = jwt.substring(i + 1);
      mutants.add(before + after);
      mutants.add(before);
      for (char c : (ALPHABET + ".= ").toCharArray()) {
        if (c != jwt.charAt(i)) {
          mutants.add(before + c + after);
        }
      }
      if (i + 1 < jwt.length() && jwt.charAt(i) != jwt.charAt(i + 1)) {
        mutants.add(before + jwt.charAt(i + 1) + jwt.charAt(i) + jwt.substring(i + 2));
      }
    }
    return mutants;
  }

  private static TokenVerification verify(String jwt) {
    try (SigningKey key = SigningKey.takeOver(Tokens.utf8(SECRET))) {
      return ReceivedToken.parse(jwt).verify(KEY, key, NOW);
    } catch (TokenRefusal refusal) {
      return new TokenVerification.Refused(EnumSet.of(refusal.reason()));
    }
  }
}
