package io.tenantkit.examples.tokenservice;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.Storage;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.secret.SecretAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A storage with the pools that it stands on. Closing closes all of them. */
final class Stores implements AutoCloseable {
  private static final int CONNECTIONS = 10;

  private final List<HikariDataSource> pools = new ArrayList<>();
  private final JdbcStorage storage;

  private Stores(StorageSettings settings) {
    boolean opened = false;
    try {
      Optional<Path> file = settings.h2();
      this.storage = file.isPresent() ? JdbcStorage.h2(file.get()).open() : postgresql(settings);
      opened = true;
    } finally {
      if (!opened) {
        pools.forEach(HikariDataSource::close);
      }
    }
  }

  /**
   * Opens the storage; a schema that is missing or old is made or migrated where the settings name
   * who may.
   */
  static Stores open(StorageSettings settings) {
    return new Stores(settings);
  }

  Storage storage() {
    return storage;
  }

  private JdbcStorage postgresql(StorageSettings settings) {
    String url = settings.postgresql().orElseThrow();
    JdbcStorage.PostgresqlBuilder builder =
        JdbcStorage.postgresql(pool(url, settings.application().orElseThrow(), CONNECTIONS));
    settings.admin().ifPresent(login -> builder.admin(pool(url, login, 2)));
    settings.owner().ifPresent(login -> builder.migrate(pool(url, login, 1)));
    return builder.open();
  }

  private HikariDataSource pool(String url, StorageSettings.Login login, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(login.user());
    config.setPassword(login.password().string(SecretAccess.get()));
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
    // The storage's own check says what is wrong, as an error that has a code.
    config.setInitializationFailTimeout(-1);
    HikariDataSource pool = new HikariDataSource(config);
    pools.add(pool);
    return pool;
  }

  @Override
  public void close() {
    storage.close();
    pools.forEach(HikariDataSource::close);
  }
}
