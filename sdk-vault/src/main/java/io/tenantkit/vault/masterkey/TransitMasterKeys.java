package io.tenantkit.vault.masterkey;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SecretValue;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Authenticator;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * A master key that never leaves a HashiCorp Vault or OpenBao server: its transit engine wraps and
 * unwraps, over HTTP. Written from the published API and tested against a local server that follows
 * it; no server of either product ran in these tests.
 *
 * <p><b>The key</b> is made on the server beforehand, of type {@code aes256-gcm96}, {@code
 * chacha20-poly1305} or {@code xchacha20-poly1305}, not derived. The token needs {@code read} on
 * {@code keys/<name>} and {@code update} on {@code encrypt/}, {@code decrypt/}, {@code hmac/} and
 * {@code verify/<name>/*}; with {@code create} on {@code encrypt/} the server would make a missing
 * key anew instead of refusing. Whoever deletes the key deletes every secret.
 *
 * <p><b>Rotation.</b> The server numbers versions of the key itself: what is new is wrapped with
 * its latest, and all versions from {@code min_decryption_version} on unwrap. To this library it
 * stays one key under one id, {@code transit:} and namespace, mount and name. Before {@code
 * min_decryption_version} is raised, everything that was wrapped with older versions must have been
 * wrapped again.
 *
 * <p><b>The check value</b> is a version's number and its HMAC-SHA-256 of a fixed text, so that a
 * key which was deleted and made again under the same name is found out at the next start. Once the
 * server has retired that version it can no longer be told and the key is taken at its word.
 *
 * <p><b>Failures.</b> {@link ErrorCode#MASTER_KEY_UNAVAILABLE} (worth repeating): no connection, no
 * answer in time, a redirect, 408, 412, 429, 5xx, an answer that is too long or none of a transit
 * engine. {@link ErrorCode#MASTER_KEY_DENIED}: 401, 403, or a token that cannot be sent. {@link
 * ErrorCode#MASTER_KEY_INVALID}: 404, and 400 where nothing stored is to blame. {@link
 * ErrorCode#CIPHERTEXT_REJECTED}: the server does not unwrap what it was given. No message holds
 * the token, a key, or the server's words.
 *
 * <p>Safe for use by several threads. Every call blocks for one HTTP exchange, five seconds at the
 * most unless set; the vault keeps unwrapped keys of organizations for five minutes, so that a call
 * falls due once in that time for an organization. What passes through HTTP and JSON buffers on the
 * way cannot be wiped.
 */
public final class TransitMasterKeys implements MasterKeys, AutoCloseable {
  /** The longest key that can be wrapped, in bytes. */
  public static final int MAX_KEY_BYTES = 1_024;

  private static final Set<String> TYPES =
      Set.of("aes256-gcm96", "chacha20-poly1305", "xchacha20-poly1305");
  private static final String HASH = "sha2-256";
  private static final byte[] CHECK_TEXT =
      "tenantkit/v1/transit/check".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PROBE =
      "tenantkit/v1/transit/probe".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern HMAC = Pattern.compile("vault:v([1-9][0-9]{0,8}):([A-Za-z0-9+/=]+)");
  private static final Pattern CHECK_VALUE = Pattern.compile("[0-9a-f]{72}");
  private static final HexFormat HEX = HexFormat.of();

  private final transient String id;
  private final transient TransitClient client;
  private final transient @Nullable OkHttpClient owned;
  private transient volatile boolean closed;

  private TransitMasterKeys(String id, TransitClient client, @Nullable OkHttpClient owned) {
    this.id = id;
    this.client = client;
    this.owned = owned;
  }

  /**
   * Keys of one server.
   *
   * @param address {@code https://host} or {@code https://host:port}, nothing behind it
   * @param keyName name of the key in the transit engine: 1 to 128 letters, digits, {@code . _ -}
   * @param token asked for the token at each call, so that the host may renew it; it must not
   *     block. The value is read and left open.
   * @throws InvalidInputException if the address or the name is none
   */
  public static Builder builder(String address, String keyName, Supplier<SecretValue> token) {
    return new Builder(address, keyName, token);
  }

  @Override
  public String currentId() {
    return id;
  }

  @Override
  public List<String> ids() {
    return List.of(id);
  }

  /** 72 digits: a version of the key in 8, and its HMAC. Another one after a rotation. */
  @Override
  public String checkValue(String wantedId) {
    requireId(wantedId);
    ObjectNode body = TransitClient.body().put("input", CHECK_TEXT);
    Matcher hmac = HMAC.matcher(client.text(post("hmac", HASH, body), "hmac"));
    if (!hmac.matches()) {
      throw client.nonsense();
    }
    byte[] mac;
    try {
      mac = Base64.getDecoder().decode(hmac.group(2));
    } catch (IllegalArgumentException e) {
      throw client.nonsense();
    }
    if (mac.length != 32) {
      throw client.nonsense();
    }
    return HEX.toHexDigits(Integer.parseInt(hmac.group(1))) + HEX.formatHex(mac);
  }

  @Override
  public boolean matches(String wantedId, String storedCheckValue) {
    requireId(wantedId);
    if (!CHECK_VALUE.matcher(storedCheckValue).matches()) {
      return false;
    }
    int version = HexFormat.fromHexDigits(storedCheckValue, 0, 8);
    requireOpen();
    JsonNode key = client.describe();
    if (version > key.path("latest_version").asInt(version)) {
      return false;
    }
    if (version < key.path("min_decryption_version").asInt(0)) {
      return true;
    }
    byte[] mac = HEX.parseHex(storedCheckValue, 8, storedCheckValue.length());
    ObjectNode body =
        TransitClient.body()
            .put("input", CHECK_TEXT)
            .put("hmac", "vault:v" + version + ":" + Base64.getEncoder().encodeToString(mac));
    JsonNode valid = post("verify", HASH, body).path("valid");
    if (!valid.isBoolean()) {
      throw client.nonsense();
    }
    return valid.booleanValue();
  }

  @Override
  public boolean knows(byte[] record) {
    return TransitRecord.isOf(id, record);
  }

  /**
   * As the port says; the server draws the nonce.
   *
   * @throws InvalidInputException if the key is not 1 to {@value #MAX_KEY_BYTES} bytes, or the
   *     associated data longer than {@link SealingKey#MAX_ASSOCIATED_DATA_BYTES}
   */
  @Override
  public byte[] wrap(byte[] key, byte[] associatedData, SecureRandom random) {
    if (key.length == 0 || key.length > MAX_KEY_BYTES) {
      throw new InvalidInputException("key", "1 to " + MAX_KEY_BYTES + " bytes");
    }
    if (associatedData.length > SealingKey.MAX_ASSOCIATED_DATA_BYTES) {
      throw new InvalidInputException(
          "associated data", "at most " + SealingKey.MAX_ASSOCIATED_DATA_BYTES + " bytes");
    }
    ObjectNode body =
        TransitClient.body()
            .put("plaintext", key)
            .put("associated_data", TransitRecord.boundData(id, associatedData));
    String ciphertext = client.text(post("encrypt", null, body), "ciphertext");
    if (!TransitRecord.CIPHERTEXT.matcher(ciphertext).matches()) {
      throw client.nonsense();
    }
    return TransitRecord.of(id, ciphertext);
  }

  @Override
  public byte[] unwrap(byte[] record, byte[] associatedData) {
    String ciphertext = TransitRecord.ciphertext(id, record);
    if (associatedData.length > SealingKey.MAX_ASSOCIATED_DATA_BYTES) {
      throw SealingKey.rejected();
    }
    requireOpen();
    ObjectNode body =
        TransitClient.body()
            .put("ciphertext", ciphertext)
            .put("associated_data", TransitRecord.boundData(id, associatedData));
    JsonNode data = client.postOrRefused("decrypt", null, body);
    if (data == null) {
      throw SealingKey.rejected();
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(client.text(data, "plaintext"));
    } catch (IllegalArgumentException e) {
      throw client.nonsense();
    }
    if (key.length == 0 || key.length > MAX_KEY_BYTES) {
      Arrays.fill(key, (byte) 0);
      throw client.nonsense();
    }
    return key;
  }

  /** Empty: the key is not in a file. */
  @Override
  public Optional<Path> location() {
    return Optional.empty();
  }

  /** Ends the connections, unless the host gave the client. Further calls of others are refused. */
  @Override
  public void close() {
    closed = true;
    if (owned != null) {
      owned.connectionPool().evictAll();
    }
  }

  /** The id only. */
  @Override
  public String toString() {
    return "MasterKeys[" + id + ", redacted]";
  }

  private JsonNode post(String operation, @Nullable String algorithm, ObjectNode body) {
    requireOpen();
    return client.post(operation, algorithm, body);
  }

  private void requireId(String wantedId) {
    if (!id.equals(wantedId)) {
      throw new InvalidInputException("master key id", "one of " + ids());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new TenantkitException(ErrorCode.CLOSED, "the master keys were closed");
    }
  }

  /** Refuses a key that cannot do what is asked of it, before anything is wrapped with it. */
  private TransitMasterKeys proven() {
    JsonNode key = client.describe();
    if (!TYPES.contains(client.text(key, "type"))) {
      throw client.invalid("its type must be one of " + TYPES.stream().sorted().toList());
    }
    if (key.path("derived").asBoolean(false)) {
      throw client.invalid("a derived key needs a context, which is not sent");
    }
    byte[] record = wrap(PROBE, PROBE, new SecureRandom());
    if (!MessageDigest.isEqual(PROBE, unwrap(record, PROBE))) {
      throw client.nonsense();
    }
    // A server of before associated data ignores it, and would open what was moved.
    if (opens(record, CHECK_TEXT)) {
      throw client.invalid("the server ignores associated data; it is too old");
    }
    return this;
  }

  private boolean opens(byte[] record, byte[] associatedData) {
    try {
      unwrap(record, associatedData);
      return true;
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        return false;
      }
      throw e;
    }
  }

  /** Collects what the keys of one server need. Not safe for use by several threads. */
  public static final class Builder {
    private static final Duration MIN_TIMEOUT = Duration.ofMillis(50);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");
    private static final Pattern PATH =
        Pattern.compile(
            "(?=.{1,128}$)[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");

    private final transient HttpUrl address;
    private final transient String keyName;
    private final transient Supplier<SecretValue> token;
    private transient String mount = "transit";
    private transient @Nullable String namespace;
    private transient @Nullable String id;
    private transient @Nullable OkHttpClient client;
    private transient Duration timeout = Duration.ofSeconds(5);
    private transient boolean plainHttp;

    private Builder(String address, String keyName, Supplier<SecretValue> token) {
      this.address = parsed(address);
      this.keyName = matching(NAME, "key name", keyName, "1 to 128 letters, digits, . _ -");
      this.token = Objects.requireNonNull(token, "token");
    }

    /** Where the transit engine is mounted; {@code transit} unless set. */
    public Builder mount(String wanted) {
      this.mount = matching(PATH, "mount", wanted, "1 to 128 letters, digits, . _ - and /");
      return this;
    }

    /** The namespace (Vault Enterprise, OpenBao); none unless set. */
    public Builder namespace(String wanted) {
      this.namespace = matching(PATH, "namespace", wanted, "1 to 128 letters, digits, . _ - and /");
      return this;
    }

    /**
     * The id under which records and the storage name this key, instead of {@code transit:} and its
     * place: for a host whose keys on two servers have the same place. It is final once used.
     */
    public Builder id(String wanted) {
      this.id = matching(TransitRecord.ID, "master key id", wanted, "1 to 200 printable ASCII");
      return this;
    }

    /**
     * The host's client, with its TLS and proxy; redirects, cookies and the cache are off all the
     * same. Without it one is made that takes no proxy from the system.
     */
    public Builder client(OkHttpClient wanted) {
      this.client = Objects.requireNonNull(wanted, "client");
      return this;
    }

    /** How long a call may take in all: 50 milliseconds to 1 minute, 5 seconds unless set. */
    public Builder timeout(Duration wanted) {
      if (wanted.compareTo(MIN_TIMEOUT) < 0 || wanted.compareTo(MAX_TIMEOUT) > 0) {
        throw new InvalidInputException("timeout", "50 milliseconds to 1 minute");
      }
      this.timeout = wanted;
      return this;
    }

    /**
     * Lets the address be {@code http:}: token and keys then cross the network in the clear. For
     * tests, and for an agent of the server on the same machine.
     */
    public Builder unsafePlainHttp() {
      this.plainHttp = true;
      return this;
    }

    /**
     * Asks the server for the key and wraps and unwraps a fixed text with it, four calls, so that a
     * wrong name, type or permission is told now and not at the first secret.
     *
     * @throws TenantkitException as the class says
     * @throws InvalidInputException if the address is not {@code https:}
     */
    public TransitMasterKeys open() {
      if (!address.isHttps() && !plainHttp) {
        throw new InvalidInputException("address", "https: only");
      }
      OkHttpClient own = client == null ? ownClient() : null;
      OkHttpClient used =
          (own == null ? Objects.requireNonNull(client) : own)
              .newBuilder()
              .followRedirects(false)
              .followSslRedirects(false)
              .authenticator(Authenticator.NONE)
              .cookieJar(CookieJar.NO_COOKIES)
              .cache(null)
              .callTimeout(timeout)
              .connectTimeout(timeout)
              .readTimeout(timeout)
              .writeTimeout(timeout)
              .build();
      HttpUrl url = address.newBuilder().addPathSegment("v1").addPathSegments(mount).build();
      String place = (namespace == null ? "" : namespace + "/") + mount + "/" + keyName;
      TransitMasterKeys keys =
          new TransitMasterKeys(
              id == null ? idOf(place) : id,
              new TransitClient(used, url, keyName, namespace, token),
              own);
      try {
        return keys.proven();
      } catch (RuntimeException e) {
        keys.close();
        throw e;
      }
    }

    /** Nothing of the address or the token. */
    @Override
    public String toString() {
      return "TransitMasterKeys.Builder[redacted]";
    }

    private static OkHttpClient ownClient() {
      return new OkHttpClient.Builder()
          .proxy(Proxy.NO_PROXY)
          .socketFactory(new DirectSockets())
          .build();
    }

    private static String idOf(String place) {
      String id = "transit:" + place;
      if (!TransitRecord.ID.matcher(id).matches()) {
        throw new InvalidInputException(
            "master key id", "the key's place is longer than 200 characters; give an id");
      }
      return id;
    }

    private static HttpUrl parsed(String address) {
      HttpUrl url = HttpUrl.parse(address);
      if (url == null
          || !url.encodedPath().equals("/")
          || url.encodedQuery() != null
          || url.encodedFragment() != null
          || !url.encodedUsername().isEmpty()
          || !url.encodedPassword().isEmpty()) {
        // Not quoted: people put tokens into addresses.
        throw new InvalidInputException("address", "https://host or https://host:port");
      }
      return url;
    }

    private static String matching(Pattern pattern, String property, String value, String bound) {
      if (!pattern.matcher(value).matches()) {
        throw new InvalidInputException(property, bound);
      }
      return value;
    }
  }
}
