package io.tenantkit.livekit;

import org.jspecify.annotations.NullMarked;

/**
 * Our own mint without what surrounds it: no audit row, no vault, no policy; for the benchmarks only,
 * which is why it stands in the library's package. The key is copied and wiped at each call, as
 * {@link LiveKitTokenIssuer#issue} does.
 */
@NullMarked
public final class BareMint {
  private final TokenRequest<?> request;
  private final String apiKey;
  private final byte[] secret;

  /** A mint of tokens for this wish. */
  public BareMint(TokenRequest<?> request, String apiKey, byte[] secret) {
    this.request = request;
    this.apiKey = apiKey;
    this.secret = secret.clone();
  }

  /** A token as ASCII bytes. */
  public byte[] mint(String id, long issuedAt) {
    TokenSpec spec = request.spec;
    UnsignedToken unsigned =
        new UnsignedToken(spec, id, issuedAt, issuedAt + spec.ttl().toSeconds());
    try (SigningKey key = SigningKey.takeOver(secret.clone())) {
      return unsigned.sign(apiKey, key);
    }
  }
}
