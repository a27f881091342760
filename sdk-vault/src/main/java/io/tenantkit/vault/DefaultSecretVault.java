package io.tenantkit.vault;

import io.tenantkit.ControlPlane;

final class DefaultSecretVault {
  private DefaultSecretVault() {}

  static SecretVault of(ControlPlane plane) {
    throw new UnsupportedOperationException(String.valueOf(plane));
  }
}
