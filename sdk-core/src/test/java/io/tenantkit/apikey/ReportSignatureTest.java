package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportSignatureTest {
  private final ReportSigner signer = new ReportSigner("secp256r1");
  private final byte[] body = "[{\"token\":\"x\"}]".getBytes(StandardCharsets.UTF_8);

  @Test
  void holdsForExactlyTheBytesThatWereSigned() {
    ReportSignature signature = signer.signature();

    assertThat(signature.holds(body, signer.headers(body))).isTrue();
    for (int bit = 0; bit < body.length * 8; bit++) {
      byte[] changed = body.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(signature.holds(changed, signer.headers(body))).isFalse();
    }
    assertThat(signature.holds(new byte[0], signer.headers(body))).isFalse();
    assertThat(signature.holds(new byte[0], signer.headers(new byte[0]))).isTrue();
  }

  @Test
  void hostileHeadersAreFalseAndThrowNothing() {
    ReportSignature signature = signer.signature();
    byte[] good = signer.sign(body);
    String encoded = Base64.getEncoder().encodeToString(good);

    assertThat(signature.holds(body, name -> null)).isFalse();
    assertThat(signature.holds(body, name -> name.equals(ReportSigner.ID) ? "k1" : null)).isFalse();
    assertThat(signature.holds(body, name -> name.equals(ReportSigner.ID) ? null : encoded))
        .isFalse();
    for (String id : List.of("", "k2", "K1", "k1 ", "k".repeat(10_000_000), "\u0000")) {
      assertThat(signature.holds(body, ReportSigner.headers(id, encoded))).isFalse();
    }
    for (String wrong :
        List.of("", "=", "not base64!", encoded + "\n", " " + encoded, "A".repeat(10_000_000))) {
      assertThat(signature.holds(body, ReportSigner.headers("k1", wrong))).isFalse();
    }
    // CVE-2022-21449: zeros, which broken verifiers take for a signature of anything.
    for (String der : List.of("3006020100020100", "30060201010201" + "00", "3000", "")) {
      byte[] zeros = java.util.HexFormat.of().parseHex(der);
      assertThat(
              signature.holds(
                  body, ReportSigner.headers("k1", Base64.getEncoder().encodeToString(zeros))))
          .isFalse();
    }
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      String text = Base64.getEncoder().encodeToString(changed);
      assertThat(signature.holds(body, ReportSigner.headers("k1", text))).isFalse();
    }
  }

  @Test
  void onlyKeysOnP256Count() throws GeneralSecurityException {
    ReportSigner p384 = new ReportSigner("secp384r1");
    PublicKey rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic();

    assertThat(p384.signature().holds(body, p384.headers(body))).isFalse();
    assertThat(ReportSignature.github(id -> Optional.of(rsa)).holds(body, signer.headers(body)))
        .isFalse();
    assertThat(new ReportSigner("secp256r1").signature().holds(body, signer.headers(body)))
        .isFalse();
    assertThatThrownBy(() -> ReportKeys.ofPem(p384.pem()))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void githubsKeysAreRead() {
    ReportSigner other = new ReportSigner("secp256r1");
    String document =
        "{\"note\":[1,{}],\"public_keys\":["
            + "{\"key_identifier\":\"k1\",\"key\":"
            + json(signer.pem())
            + ",\"is_current\":true},"
            + "{\"key\":"
            + json(other.pem())
            + ",\"is_current\":false,\"key_identifier\":\"k0\"}]}";

    Map<String, PublicKey> keys = ReportKeys.parse(document.getBytes(StandardCharsets.UTF_8));

    assertThat(keys).isEqualTo(Map.of("k1", signer.publicKey(), "k0", other.publicKey()));
    ReportSignature signature = ReportSignature.github(id -> Optional.ofNullable(keys.get(id)));
    assertThat(signature.holds(body, signer.headers(body))).isTrue();
    assertThat(ReportKeys.ofPem(signer.pem())).isEqualTo(signer.publicKey());
  }

  @Test
  void whatIsNoKeyDocumentIsRefused() {
    String entry = "{\"key_identifier\":\"k1\",\"key\":" + json(signer.pem()) + "}";
    for (String wrong :
        List.of(
            "",
            "null",
            "[]",
            "{}",
            "{\"public_keys\":{}}",
            "{\"public_keys\":[]}",
            "{\"public_keys\":[1]}",
            "{\"public_keys\":[{\"key_identifier\":\"k1\"}]}",
            "{\"public_keys\":[{\"key_identifier\":\"k1\",\"key\":\"x\"}]}",
            "{\"public_keys\":[" + entry + "," + entry + "]}",
            "{\"public_keys\":[" + entry + "]} {}",
            "{\"public_keys\":[" + entry + "],\"public_keys\":[]}",
            "{\"public_keys\":[" + entry,
            "[".repeat(60_000),
            "{\"x\":\"" + "y".repeat(70_000) + "\"}")) {
      assertThatThrownBy(() -> ReportKeys.parse(wrong.getBytes(StandardCharsets.UTF_8)))
          .as(wrong.substring(0, Math.min(60, wrong.length())))
          .isInstanceOf(InvalidInputException.class)
          .hasNoCause();
    }
  }

  private static String json(String text) {
    return "\"" + text.replace("\r", "").replace("\n", "\\n") + "\"";
  }
}
