package io.tenantkit;

import io.tenantkit.memory.InMemoryStorage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a control plane keeps its rows. A storage hands out families of stores, each a few atomic
 * verbs; the rules live above them and are the same on every storage. Safe for use by several
 * threads.
 */
public interface Storage extends AutoCloseable {

  /** A storage for unit tests: nothing is durable, everything else answers as the databases do. */
  static Storage inMemory() {
    return InMemoryStorage.create();
  }

  /**
   * The stores of one family, for example {@link io.tenantkit.spi.CoreStores}.
   *
   * @return empty when this storage does not know the family
   */
  <F> Optional<F> stores(Class<F> family);

  /** What about this storage is not fit for production. */
  List<ReadinessIssue> readiness();

  /** The folder of the embedded files, when there is one. */
  default Optional<Path> location() {
    return Optional.empty();
  }

  /** Closes what the storage itself opened, never the host's pools. Idempotent. */
  @Override
  void close();
}
