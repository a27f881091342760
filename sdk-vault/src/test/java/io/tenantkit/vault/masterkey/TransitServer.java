package io.tenantkit.vault.masterkey;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.tenantkit.secret.SecretValue;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A local server that answers as the published API of the transit engine says, for the few
 * operations that are used: keys, encrypt, decrypt, hmac, verify. It is neither Vault nor OpenBao.
 */
public final class TransitServer implements AutoCloseable {
  public static final String TOKEN = "hvs.CANARYtoken-4711-transit";

  static {
    // Else each answer waits for a delayed acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A named key with its versions. */
  static final class Key {
    final List<byte[]> versions = new ArrayList<>();
    final List<byte[]> hmacs = new ArrayList<>();
    String type = "aes256-gcm96";
    boolean derived;
    int minDecryption = 1;
    int minEncryption;

    Key() {
      rotate();
    }

    final synchronized void rotate() {
      byte[] key = new byte[32];
      byte[] hmac = new byte[32];
      new SecureRandom().nextBytes(key);
      new SecureRandom().nextBytes(hmac);
      versions.add(key);
      hmacs.add(hmac);
    }
  }

  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    final int status;

    Refusal(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  /** By namespace, mount and name. */
  final Map<String, Key> keys = new ConcurrentHashMap<>();

  /** Instead of what the API says, when set. */
  final AtomicReference<HttpHandler> fault = new AtomicReference<>();

  volatile boolean ignoresAssociatedData;
  volatile Runnable beforeDecrypt = () -> {};
  volatile String token = TOKEN;

  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  public TransitServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
    keys.put("transit/tenantkit", new Key());
  }

  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The key named {@code tenantkit}, with the right token. */
  public TransitMasterKeys.Builder builder() {
    return TransitMasterKeys.builder(address(), "tenantkit", () -> SecretValue.of(TOKEN))
        .unsafePlainHttp();
  }

  public TransitMasterKeys open() {
    return builder().open();
  }

  /** Makes another token the right one. */
  public void accept(String wanted) {
    token = wanted;
  }

  Key key() {
    return keys.get("transit/tenantkit");
  }

  public void rotate() {
    key().rotate();
  }

  /** As if it were deleted and made again. */
  public void replaceKey() {
    keys.put("transit/tenantkit", new Key());
  }

  public int calls(String operation) {
    return calls.getOrDefault(operation, new AtomicInteger()).get();
  }

  public int calls() {
    return calls.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  public void forgetCalls() {
    calls.clear();
  }

  /** Called at each decrypt, before the answer. */
  public void beforeDecrypt(Runnable action) {
    this.beforeDecrypt = action;
  }

  /** Answers everything with this status and body. */
  public void answer(int status, String body) {
    fault.set(exchange -> send(exchange, status, body.getBytes(StandardCharsets.UTF_8)));
  }

  public void recover() {
    fault.set(null);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      byte[] body = exchange.getRequestBody().readAllBytes();
      String[] parts = path.split("/");
      int operationAt = Arrays.asList(parts).lastIndexOf("transit") + 1;
      String operation = operationAt < parts.length ? parts[operationAt] : "";
      calls.computeIfAbsent(operation, any -> new AtomicInteger()).incrementAndGet();
      HttpHandler handler = fault.get();
      if (handler != null) {
        handler.handle(exchange);
        return;
      }
      try {
        if (parts.length < operationAt + 2) {
          throw new Refusal(404, "no handler for route");
        }
        Map<String, Object> data = answer(exchange, parts, operationAt, body);
        send(exchange, 200, JSON.writeValueAsBytes(Map.of("data", data)));
      } catch (Refusal e) {
        send(
            exchange,
            e.status,
            JSON.writeValueAsBytes(Map.of("errors", List.of(String.valueOf(e.getMessage())))));
      } catch (GeneralSecurityException e) {
        send(exchange, 500, JSON.writeValueAsBytes(Map.of("errors", List.of("internal error"))));
      }
    }
  }

  private Map<String, Object> answer(
      HttpExchange exchange, String[] parts, int operationAt, byte[] body)
      throws IOException, Refusal, GeneralSecurityException {
    if (!token.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
      throw new Refusal(403, "permission denied");
    }
    String namespace = exchange.getRequestHeaders().getFirst("X-Vault-Namespace");
    String mount = String.join("/", Arrays.copyOfRange(parts, 2, operationAt));
    String name = parts[operationAt + 1];
    Key key = keys.get((namespace == null ? "" : namespace + "/") + mount + "/" + name);
    boolean reads = exchange.getRequestMethod().equals("GET");
    if (key == null) {
      throw new Refusal(reads ? 404 : 400, "encryption key not found");
    }
    synchronized (key) {
      if (reads) {
        return describe(key, name);
      }
      JsonNode given = JSON.readTree(body);
      return switch (parts[operationAt]) {
        case "encrypt" -> encrypt(key, given);
        case "decrypt" -> decrypt(key, given);
        case "hmac" -> hmac(key, given, parts[operationAt + 2]);
        case "verify" -> verify(key, given, parts[operationAt + 2]);
        default -> throw new Refusal(404, "unsupported path");
      };
    }
  }

  private static Map<String, Object> describe(Key key, String name) {
    Map<String, Object> data = new TreeMap<>();
    data.put("name", name);
    data.put("type", key.type);
    data.put("derived", key.derived);
    data.put("latest_version", key.versions.size());
    data.put("min_decryption_version", key.minDecryption);
    data.put("min_encryption_version", key.minEncryption);
    data.put("keys", Map.of(Integer.toString(key.versions.size()), 1_442_851_412));
    return data;
  }

  private Map<String, Object> encrypt(Key key, JsonNode given) throws GeneralSecurityException {
    int version = key.versions.size();
    byte[] nonce = new byte[12];
    new SecureRandom().nextBytes(nonce);
    byte[] sealed = gcm(Cipher.ENCRYPT_MODE, key, version, nonce, given, bytes(given, "plaintext"));
    byte[] all = Arrays.copyOf(nonce, 12 + sealed.length);
    System.arraycopy(sealed, 0, all, 12, sealed.length);
    return Map.of(
        "ciphertext",
        "vault:v" + version + ":" + Base64.getEncoder().encodeToString(all),
        "key_version",
        version);
  }

  private Map<String, Object> decrypt(Key key, JsonNode given)
      throws Refusal, GeneralSecurityException {
    beforeDecrypt.run();
    String[] parts = given.path("ciphertext").asText().split(":", 3);
    if (parts.length != 3 || !parts[0].equals("vault") || !parts[1].matches("v[0-9]{1,6}")) {
      throw new Refusal(400, "invalid ciphertext: no prefix");
    }
    int version = Integer.parseInt(parts[1].substring(1));
    if (version < 1 || version > key.versions.size()) {
      throw new Refusal(400, "invalid ciphertext: version is too new");
    }
    if (version < key.minDecryption) {
      throw new Refusal(400, "ciphertext or signature version is disallowed by policy (too old)");
    }
    try {
      byte[] all = Base64.getDecoder().decode(parts[2]);
      byte[] plain =
          gcm(
              Cipher.DECRYPT_MODE,
              key,
              version,
              Arrays.copyOf(all, 12),
              given,
              Arrays.copyOfRange(all, 12, all.length));
      return Map.of("plaintext", Base64.getEncoder().encodeToString(plain));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new Refusal(400, "cipher: message authentication failed");
    }
  }

  private byte[] gcm(int mode, Key key, int version, byte[] nonce, JsonNode given, byte[] text)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        mode,
        new SecretKeySpec(key.versions.get(version - 1), "AES"),
        new GCMParameterSpec(128, nonce));
    if (!ignoresAssociatedData) {
      cipher.updateAAD(bytes(given, "associated_data"));
    }
    return cipher.doFinal(text);
  }

  private static Map<String, Object> hmac(Key key, JsonNode given, String algorithm)
      throws Refusal, GeneralSecurityException {
    int version = given.path("key_version").asInt(0);
    if (version == 0) {
      version = key.versions.size();
    }
    if (version != key.versions.size() && version < key.minEncryption) {
      throw new Refusal(400, "cannot generate HMAC: version is too old (disallowed by policy)");
    }
    byte[] mac = mac(key, version, given, algorithm);
    return Map.of("hmac", "vault:v" + version + ":" + Base64.getEncoder().encodeToString(mac));
  }

  private static Map<String, Object> verify(Key key, JsonNode given, String algorithm)
      throws Refusal, GeneralSecurityException {
    String[] parts = given.path("hmac").asText().split(":", 3);
    int version = Integer.parseInt(parts[1].substring(1));
    if (version > key.versions.size()) {
      throw new Refusal(400, "invalid HMAC: version is too new");
    }
    if (version < key.minDecryption) {
      throw new Refusal(400, "cannot verify HMAC: version is too old (disallowed by policy)");
    }
    byte[] mac = mac(key, version, given, algorithm);
    return Map.of("valid", MessageDigest.isEqual(mac, Base64.getDecoder().decode(parts[2])));
  }

  private static byte[] mac(Key key, int version, JsonNode given, String algorithm)
      throws Refusal, GeneralSecurityException {
    if (!algorithm.equals("sha2-256")) {
      throw new Refusal(400, "unsupported algorithm");
    }
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key.hmacs.get(version - 1), "HmacSHA256"));
    return mac.doFinal(bytes(given, "input"));
  }

  private static byte[] bytes(JsonNode given, String field) {
    return Base64.getDecoder().decode(given.path(field).asText(""));
  }
}
