package io.tenantkit.examples.quickstart;

import io.tenantkit.secret.MasterKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;

/**
 * Tenantkit's main job: two organizations, an API key, LiveKit credentials in the vault, tokens issued with them, the key rotated;
 * then the process is killed with SIGKILL and a second one finds everything again.
 */
public final class Quickstart {
  private Quickstart() {}

  public static void main(String[] args) throws IOException {
    Path home = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("tenantkit-quickstart");
    Files.createDirectories(home);
    System.out.println("Tenantkit quickstart in " + home);
    MasterKeys.createFileIfAbsent(home.resolve("master.keys"), new SecureRandom());

    System.out.println("First life:");
    Map<String, String> handedOver = firstLife(home);
    System.out.println("Killed (SIGKILL). Second life:");
    SecondLife.run(home, handedOver);
    SecondLife.refuseWrongKey(home);
  }

  /** Runs {@link FirstLife} in a process of its own and kills it when it has done its work. */
  private static Map<String, String> firstLife(Path home) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                FirstLife.class.getName(),
                home.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Map<String, String> handedOver = new HashMap<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("> ")) {
          String[] nameAndValue = line.substring(2).split(" ", 2);
          handedOver.put(nameAndValue[0], nameAndValue[1]);
        } else {
          System.out.println(line);
        }
        if (handedOver.containsKey("done")) {
          break;
        }
      }
    } finally {
      process.destroyForcibly().onExit().join();
    }
    if (!handedOver.containsKey("done")) {
      throw new IllegalStateException("the first life ended before its work was done");
    }
    return handedOver;
  }
}
