package io.tenantkit.livekit.testing;

import java.security.SecureRandom;

/** Ids in the server's form: a prefix and twelve letters or digits. */
final class Ids {
  private static final String ALPHABET =
      "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final int LENGTH = 12;

  private final SecureRandom random;

  Ids(SecureRandom random) {
    this.random = random;
  }

  String next(String prefix) {
    StringBuilder id = new StringBuilder(prefix);
    for (int i = 0; i < LENGTH; i++) {
      id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return id.toString();
  }
}
