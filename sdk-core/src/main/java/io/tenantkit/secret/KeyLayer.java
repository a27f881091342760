package io.tenantkit.secret;

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
  private final String label;

  KeyLayer(int code, String label) {
    this.code = (byte) code;
    this.label = label;
  }

  /** The layer byte of a record: 1, 2 or 3. */
  public byte code() {
    return code;
  }

  /** Its name in the labels of derivations. */
  String label() {
    return label;
  }
}
