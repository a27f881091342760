package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs a POSIX file system, as CI has. */
class MasterKeyFileTest {
  private static final String ONE =
      "hex:5871372163616e6172792d4142434445464748494a4b4c4d4e4f505152535455";
  private static final String TWO = "raw:another-key-of-32-characters-abc";

  @TempDir Path directory;

  @Test
  void firstKeyIsCurrentAndCommentsAreSkipped() throws Exception {
    Path file =
        write("# Schlüssel, in any encoding\r\n\n  \t\n " + ONE + " \r\n#old\n" + TWO, "rw-------");
    MasterKeys keys = MasterKeys.fromFile(file);
    assertThat(keys.ids()).containsExactly(MasterKey.parse(ONE).id(), MasterKey.parse(TWO).id());
    assertThat(keys.currentId()).isEqualTo(MasterKey.parse(ONE).id());
    assertThat(keys.location()).contains(file.toRealPath());
    assertThat(MasterKeys.fromFile(write(ONE, "r--------")).ids()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw-rw-rw-"})
  void aFileOpenToOthersIsRefusedWithItsMending(String permissions) throws Exception {
    Path file = write(ONE, permissions);
    refused(
        file,
        "is open to others than its owner ("
            + permissions
            + "); mend it with: chmod 600 '"
            + file.toRealPath()
            + "'");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(MasterKeys.fromFile(file).ids()).hasSize(1);
  }

  @Test
  void theMendingCommandSurvivesTheShell() throws Exception {
    Path file = directory.resolve("it's $(here)");
    Files.writeString(file, ONE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    String message = refused(file, "chmod 600");
    String command = message.substring(message.indexOf("chmod"));
    assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
    assertThat(MasterKeys.fromFile(file).ids()).hasSize(1);
  }

  @Test
  void symbolicLinksAreFollowedAndTheirEndIsChecked() throws Exception {
    Path link = directory.resolve("link");
    Path file = write(ONE, "rw-r--r--");
    Files.createSymbolicLink(link, file);
    refused(link, "chmod 600 '" + file.toRealPath() + "'");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(MasterKeys.fromFile(link).location()).contains(file.toRealPath());
  }

  @Test
  void whatHoldsNoKeyIsRefused() throws Exception {
    refused(directory.resolve("missing"), "does not exist");
    Path dangling = directory.resolve("dangling");
    Files.createSymbolicLink(dangling, directory.resolve("missing"));
    refused(dangling, "does not exist");
    refused(directory, "is not a regular file");
    refused(write("", "rw-------"), "holds no key");
    refused(write("# only\n\n# comments\n", "rw-------"), "holds no key");
    refused(write(ONE + "\n" + "#".repeat(65_536), "rw-------"), "is longer than 65536 bytes");
    refused(
        write(ONE + "\n\n5871372163616e6172792d41\n", "rw-------"),
        "line 3: master key: begins with base64:, hex: or raw: and holds exactly 32 bytes");
    refused(write("raw:Xq7!canary", "rw-------"), "line 1: master key: raw: exactly 32 bytes");
    refused(write(ONE + "\n" + ONE, "rw-------"), "each key once");
  }

  @Test
  void aPipeIsRefusedAndNotWaitedFor() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", "-m", "600", pipe.toString()).start().waitFor())
        .isZero();
    refused(pipe, "is not a regular file");
  }

  @Test
  void createsAPrivateFileOnceAndLeavesNothingElse() throws Exception {
    Path file = directory.resolve("master.key");
    MasterKeys made = MasterKeys.createFileIfAbsent(file, new SecureRandom());
    byte[] content = Files.readAllBytes(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(new String(content, StandardCharsets.US_ASCII)).contains("\nbase64:");
    assertThat(made.location()).contains(file.toRealPath());

    MasterKeys again = MasterKeys.createFileIfAbsent(file, new SecureRandom());
    assertThat(again.ids()).isEqualTo(made.ids());
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
    assertThat(MasterKeys.createFileIfAbsent(directory.resolve("b"), new SecureRandom()).ids())
        .doesNotContainAnyElementsOf(made.ids());
  }

  @Test
  void anExistingFileIsNeverMendedOrReplaced() throws Exception {
    Path open = write(ONE, "rw-r--r--");
    assertThatThrownBy(() -> MasterKeys.createFileIfAbsent(open, new SecureRandom()))
        .isInstanceOf(TenantkitException.class);
    assertThat(Files.readString(open)).isEqualTo(ONE);
    Path nowhere = directory.resolve("no/such/directory/key");
    assertThatThrownBy(() -> MasterKeys.createFileIfAbsent(nowhere, new SecureRandom()))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
        .hasMessageContaining(nowhere.toString());
  }

  @Test
  void ofManyThatStartAtOnceOneMakesTheKey() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 20; round++) {
        Path file = directory.resolve("race" + round);
        CyclicBarrier start = new CyclicBarrier(8);
        List<Callable<String>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          calls.add(
              () -> {
                start.await();
                return MasterKeys.createFileIfAbsent(file, new SecureRandom()).currentId();
              });
        }
        List<String> ids = new ArrayList<>();
        for (Future<String> id : executor.invokeAll(calls)) {
          ids.add(id.get());
        }
        assertThat(ids).hasSize(8).containsOnly(MasterKeys.fromFile(file).currentId());
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private Path write(String content, String permissions) throws IOException {
    Path file = Files.createTempFile(directory, "master", ".key");
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    return file;
  }

  private static String refused(Path file, String why) {
    Throwable thrown =
        org.assertj.core.api.Assertions.catchThrowable(() -> MasterKeys.fromFile(file));
    assertThat(thrown)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
        .hasMessageContaining(why);
    assertThat(thrown.getMessage()).doesNotContain("5871372163616e", "Xq7!canary", "another-key");
    return thrown.getMessage();
  }
}
