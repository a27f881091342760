package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever copies the database's folder must not have its key as well, unless the host was told. */
class KeyBesideDatabaseTest {
  private static final String CODE = "master-key.beside-database";

  @TempDir Path directory;

  @Test
  void aKeyInTheDatabasesFolderOrBelowIsTold() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    Path below = Files.createDirectory(data.resolve("keys"));
    assertThat(codes(data, keyIn(data))).contains(CODE);
    assertThat(codes(data, keyIn(below))).contains(CODE);
    assertThat(codes(data, MasterKeys.combined(keyIn(directory), keyIn(below))))
        .as("of several sources every file is looked at")
        .contains(CODE);
  }

  @Test
  void aKeyElsewhereOrWithoutAFileIsNot() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    Path other = Files.createDirectory(directory.resolve("data-keys"));
    MasterKeys variable =
        MasterKeys.fromEnvironment(Map.of("KEY", "raw:another-key-of-32-characters-abc"), "KEY");
    assertThat(codes(data, keyIn(other))).doesNotContain(CODE);
    assertThat(codes(data, keyIn(directory))).doesNotContain(CODE);
    assertThat(codes(data, variable)).doesNotContain(CODE);
  }

  @Test
  void linksHideNothing() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    Path other = Files.createDirectory(directory.resolve("other"));
    Path toData = Files.createSymbolicLink(directory.resolve("link-to-data"), data);
    assertThat(codes(toData, keyIn(data))).contains(CODE);
    keyIn(other);
    Path linked = Files.createSymbolicLink(data.resolve("linked"), other.resolve("master.key"));
    assertThat(codes(data, MasterKeys.fromFile(linked)))
        .as("the link is in the folder, the key is not")
        .doesNotContain(CODE);
  }

  private static MasterKeys keyIn(Path folder) {
    return MasterKeys.createFileIfAbsent(folder.resolve("master.key"), new SecureRandom());
  }

  private static List<String> codes(Path data, MasterKeys keys) {
    try (ControlPlane plane =
        ControlPlane.builder(new Located(InMemoryStorage.create(), data), keys)
            .manualMaintenance()
            .build()) {
      return plane.readiness().stream().map(ReadinessIssue::code).toList();
    }
  }

  private record Located(Storage rows, Path folder) implements Storage {
    @Override
    public <F> Optional<F> stores(Class<F> family) {
      return rows.stores(family);
    }

    @Override
    public List<ReadinessIssue> readiness() {
      return rows.readiness();
    }

    @Override
    public Optional<Path> location() {
      return Optional.of(folder);
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
