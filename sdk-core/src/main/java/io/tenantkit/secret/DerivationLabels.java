package io.tenantkit.secret;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The labels under which the keys of a layer are derived, as bytes and made once: each sealing and
 * each opening needs them. Nobody writes to them.
 */
final class DerivationLabels {
  private static final Map<KeyLayer, DerivationLabels> ALL = all();

  private final byte[] encrypt;
  private final byte[] commit;

  private DerivationLabels(KeyLayer layer) {
    this.encrypt = ascii("tenantkit/v1/" + layer.label() + "/encrypt");
    this.commit = ascii("tenantkit/v1/" + layer.label() + "/commit");
  }

  static DerivationLabels of(KeyLayer layer) {
    DerivationLabels labels = ALL.get(layer);
    if (labels == null) {
      throw new IllegalStateException("a layer without labels");
    }
    return labels;
  }

  /** The label of the layer's encryption keys. */
  byte[] encrypt() {
    return encrypt;
  }

  /** The label of the layer's commitments. */
  byte[] commit() {
    return commit;
  }

  private static Map<KeyLayer, DerivationLabels> all() {
    EnumMap<KeyLayer, DerivationLabels> all = new EnumMap<>(KeyLayer.class);
    for (KeyLayer layer : KeyLayer.values()) {
      all.put(layer, new DerivationLabels(layer));
    }
    return Collections.unmodifiableMap(all);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
