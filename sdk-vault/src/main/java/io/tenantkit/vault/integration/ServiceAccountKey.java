package io.tenantkit.vault.integration;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The key file of a Google Cloud service account. Its {@code token_uri} says where a signed
 * assertion would be sent, and the file comes from a tenant: so only Google's own is accepted, and
 * even that is taken from here and not from the file.
 */
final class ServiceAccountKey {
  /** Google's token endpoint, which is also the audience of the assertion. */
  static final String TOKEN_URI = "https://oauth2.googleapis.com/token";

  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----\n";
  private static final String END = "\n-----END PRIVATE KEY-----";
  private static final int MIN_RSA_BITS = 2_048;
  private static final int MAX_RSA_BITS = 8_192;
  private static final StrictJson JSON = StrictJson.bounded(TemplateField.MAX_KEY_FILE, 4);
  private static final FieldFormat EMAIL =
      FieldFormat.of("[a-z0-9-]{1,64}@[a-z0-9.-]{1,128}\\.iam\\.gserviceaccount\\.com");
  private static final FieldFormat KEY_ID = FieldFormat.of("[A-Za-z0-9_-]{1,128}");

  private final String clientEmail;
  private final Optional<String> keyId;
  private final PrivateKey key;
  private final String text;

  private ServiceAccountKey(
      String clientEmail, Optional<String> keyId, PrivateKey key, String text) {
    this.text = text;
    this.clientEmail = clientEmail;
    this.keyId = keyId;
    this.key = key;
  }

  static boolean isKeyFile(String json) {
    return parse(json).isPresent();
  }

  /** What the file says, when it is such a file. */
  static Optional<ServiceAccountKey> parse(String json) {
    JsonNode file;
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    try {
      file = JSON.parse(utf8);
    } catch (MalformedJsonException e) {
      return Optional.empty();
    } finally {
      Arrays.fill(utf8, (byte) 0);
    }
    String email = file.path("client_email").asText();
    if (!file.path("type").asText().equals("service_account")
        || !file.path("token_uri").asText().equals(TOKEN_URI)
        || !EMAIL.matches(email)) {
      return Optional.empty();
    }
    Optional<String> keyId =
        Optional.of(file.path("private_key_id").asText()).filter(KEY_ID::matches);
    String pem = file.path("private_key").asText();
    return privateKey(pem).map(key -> new ServiceAccountKey(email, keyId, key, keyText(pem)));
  }

  /** PKCS #8 between its two lines, standard base64 in lines of one length; nothing else. */
  private static Optional<PrivateKey> privateKey(String pem) {
    String text = pem.endsWith("\n") ? pem.substring(0, pem.length() - 1) : pem;
    if (!text.startsWith(BEGIN)
        || !text.endsWith(END)
        || text.length() < BEGIN.length() + END.length()) {
      return Optional.empty();
    }
    String body = text.substring(BEGIN.length(), text.length() - END.length());
    byte[] der = {};
    try {
      der = Base64.getDecoder().decode(body.replace("\n", ""));
      PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
      int bits = ((RSAPrivateKey) key).getModulus().bitLength();
      return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS ? Optional.of(key) : Optional.empty();
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      // Not passed on: the JDK's messages may quote the key.
      return Optional.empty();
    } finally {
      Arrays.fill(der, (byte) 0);
    }
  }

  String clientEmail() {
    return clientEmail;
  }

  Optional<String> keyId() {
    return keyId;
  }

  PrivateKey key() {
    return key;
  }

  /** The key as base64, for it must not be seen in an answer. */
  String text() {
    return text;
  }

  private static String keyText(String pem) {
    return pem.lines().filter(line -> !line.startsWith("-")).collect(Collectors.joining());
  }

  /** The account only. */
  @Override
  public String toString() {
    return "ServiceAccountKey[" + clientEmail + ", redacted]";
  }
}
