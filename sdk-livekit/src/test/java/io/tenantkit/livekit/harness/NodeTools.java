package io.tenantkit.livekit.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the scripts in {@code examples/quickstart/src/test/node}: LiveKit's own server SDK and
 * native client, written by others in another language. Safe for use by several threads.
 */
public final class NodeTools {
  private static final String FOLDER = "examples/quickstart/src/test/node";
  private static final String HOW =
      "LiveKit's npm packages are not installed: npm ci --prefix " + FOLDER;
  private static final long DEADLINE_SECONDS = 120;
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;

  private NodeTools(Path folder) {
    this.folder = folder;
  }

  /** The scripts, or a skipped test when their packages are not installed. */
  public static NodeTools find() {
    Path start = Path.of("").toAbsolutePath();
    for (Path at = start; at != null; at = at.getParent()) {
      Path folder = at.resolve(FOLDER);
      if (Files.isDirectory(folder)) {
        if (Files.isDirectory(folder.resolve("node_modules/@livekit/rtc-node"))
            && Files.isDirectory(folder.resolve("node_modules/livekit-server-sdk"))) {
          return new NodeTools(folder);
        }
        break;
      }
    }
    throw AbsentTool.skipOrFail(HOW);
  }

  /**
   * Runs a script with this input and gives its answer.
   *
   * @throws AssertionError with the script's error output when it fails or takes over two minutes
   */
  public JsonNode run(String script, Map<String, ?> input) {
    try {
      Path errors = Files.createTempFile("node", ".log");
      Path output = Files.createTempFile("node", ".json");
      try {
        return run(script, JSON.writeValueAsBytes(input), output, errors);
      } finally {
        Files.delete(errors);
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new AssertionError("node cannot be run", e);
    }
  }

  /** Starts a script that stays, and says this to it first. */
  public NodeSession open(String script, Map<String, ?> first) {
    return open(new ProcessBuilder(), script, first);
  }

  /** The same in the environment of this builder, whose command does not count. */
  public NodeSession open(ProcessBuilder environment, String script, Map<String, ?> first) {
    return NodeSession.start(environment.command("node", script).directory(folder.toFile()), first);
  }

  private JsonNode run(String script, byte[] input, Path output, Path errors) throws IOException {
    Process node =
        new ProcessBuilder("node", script)
            .directory(folder.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      try (OutputStream in = node.getOutputStream()) {
        in.write(input);
      }
      boolean ended = node.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
      if (!ended || node.exitValue() != 0) {
        throw new AssertionError(
            script + (ended ? " failed: " : " did not end: ") + Files.readString(errors));
      }
      return JSON.readTree(Files.readAllBytes(output));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      RealLiveKitServer.kill(node);
    }
  }
}
