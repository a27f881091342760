package io.tenantkit.examples.quickstart;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.vault.SecretVault;
import java.nio.file.Path;

/** What a host opens once and closes at its end. */
record Host(Storage storage, ControlPlane plane, SecretVault vault, LiveKit livekit)
    implements AutoCloseable {

  static Host open(Path home, MasterKeys masterKeys) {
    Storage storage = JdbcStorage.h2(home.resolve("data/tenantkit")).open();
    try {
      ControlPlane plane = ControlPlane.builder(storage, masterKeys).build();
      SecretVault vault = SecretVault.of(plane);
      return new Host(storage, plane, vault, LiveKit.of(vault));
    } catch (RuntimeException e) {
      storage.close();
      throw e;
    }
  }

  @Override
  public void close() {
    plane.close();
    storage.close();
  }
}
