package io.tenantkit.apikey;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tenantkit.InvalidInputException;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the public keys that scanners publish. Stateless. */
public final class ReportKeys {
  private static final int MAX_BODY = 64 * 1024;
  private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String END = "-----END PUBLIC KEY-----";
  private static final ECParameterSpec P256 = p256();

  private ReportKeys() {}

  /**
   * The keys by identifier, from the document at {@code
   * https://api.github.com/meta/public_keys/secret_scanning}: an object with {@code public_keys},
   * an array of objects with {@code key_identifier} and {@code key}. Keys that are no longer
   * current are read, too: a report may have been signed before the change.
   *
   * @throws InvalidInputException when it is longer than 64 KiB, not such a document, or has a key
   *     that is not on P-256
   */
  public static Map<String, PublicKey> parse(byte[] document) {
    Map<String, PublicKey> keys = new LinkedHashMap<>();
    try (JsonParser json = ReportJson.parser(document, MAX_BODY)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw malformed();
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean list = json.currentName().equals("public_keys");
        JsonToken value = json.nextToken();
        if (list && value == JsonToken.START_ARRAY) {
          readKeys(json, keys);
        } else {
          json.skipChildren();
        }
      }
      ReportJson.requireEnd(json);
    } catch (IOException e) {
      throw malformed();
    }
    if (keys.isEmpty()) {
      throw malformed();
    }
    return Collections.unmodifiableMap(keys);
  }

  private static void readKeys(JsonParser json, Map<String, PublicKey> keys) throws IOException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      Map<String, String> fields = ReportJson.texts(json);
      String identifier = fields.get("key_identifier");
      String pem = fields.get("key");
      if (identifier == null || pem == null || keys.put(identifier, ofPem(pem)) != null) {
        throw malformed();
      }
    }
  }

  /**
   * One key in the form that begins {@code -----BEGIN PUBLIC KEY-----}.
   *
   * @throws InvalidInputException when it is none, or not on P-256
   */
  public static PublicKey ofPem(String pem) {
    String text = pem.strip();
    if (text.length() > MAX_BODY || !text.startsWith(BEGIN) || !text.endsWith(END)) {
      throw malformed();
    }
    try {
      byte[] der =
          Base64.getMimeDecoder()
              .decode(text.substring(BEGIN.length(), text.length() - END.length()));
      PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
      if (onP256(key)) {
        return key;
      }
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw malformed();
    }
    throw malformed();
  }

  /** Whether this is a key on the curve P-256. */
  static boolean onP256(@Nullable PublicKey key) {
    return key instanceof ECPublicKey ec
        && ec.getParams() != null
        && ec.getParams().getCurve().equals(P256.getCurve())
        && ec.getParams().getGenerator().equals(P256.getGenerator())
        && ec.getParams().getOrder().equals(P256.getOrder());
  }

  private static ECParameterSpec p256() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  private static InvalidInputException malformed() {
    return new InvalidInputException("reportKeys", "public keys on P-256 as GitHub publishes them");
  }
}
