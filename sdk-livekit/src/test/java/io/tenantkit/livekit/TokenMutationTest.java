package io.tenantkit.livekit;

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
