package io.tenantkit.secret;

import java.nio.charset.StandardCharsets;

/**
 * What a key seals: the layers of the envelope, from the outermost key inwards.
 *
 * <p>The layer is part of every record and of every derivation, so that bytes wrapped at one layer
 * never open at another, even where two layers were given the same key by mistake. Codes and labels
 * are final: they are in stored data.
 */
public enum KeyLayer {
  /** A master key, which seals the keys of organizations. */
  MASTER(1, "master"),
  /** A key of one organization, which seals the data keys of its secret versions. */
  ORGANIZATION(2, "organization"),
  /** The data key of one secret version, which seals the version's fields. */
  DATA(3, "data");

  private final byte code;
  private final byte[] encryptLabel;
  private final byte[] commitLabel;

  KeyLayer(int code, String label) {
    this.code = (byte) code;
    this.encryptLabel = ascii("tenantkit/v1/" + label + "/encrypt");
    this.commitLabel = ascii("tenantkit/v1/" + label + "/commit");
  }

  /** The layer byte of a record: 1, 2 or 3. */
  public byte code() {
    return code;
  }

  /** The derivation label of the layer's encryption keys; not to be written to. */
  byte[] encryptLabel() {
    return encryptLabel;
  }

  /** The derivation label of the layer's commitments; not to be written to. */
  byte[] commitLabel() {
    return commitLabel;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
