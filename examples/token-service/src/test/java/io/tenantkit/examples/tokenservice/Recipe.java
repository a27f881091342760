package io.tenantkit.examples.tokenservice;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The Dockerfile, line by line, as far as ours needs to be understood. */
final class Recipe {

  /**
   * A line of it.
   *
   * @param keyword as {@code COPY}
   * @param words what follows, between blanks
   */
  record Line(String keyword, List<String> words) {
    String text() {
      return String.join(" ", words);
    }
  }

  private final List<Line> lines = new ArrayList<>();

  private Recipe() {}

  static Recipe read() throws IOException {
    Recipe recipe = new Recipe();
    String joined = Module.read("Dockerfile").replace("\\\n", " ");
    for (String line : joined.split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        List<String> words = Arrays.asList(line.strip().split("\\s+", -1));
        recipe.lines.add(new Line(words.get(0), words.subList(1, words.size())));
      }
    }
    return recipe;
  }

  /** All lines, those of the stage that builds among them. */
  List<Line> lines() {
    return lines;
  }

  /** Lines of the image itself. */
  List<Line> image() {
    List<Line> last = new ArrayList<>();
    for (Line line : lines) {
      if (line.keyword().equals("FROM")) {
        last.clear();
      }
      last.add(line);
    }
    return last;
  }

  /** The one line of the image with this keyword. */
  Line only(String keyword) {
    List<Line> found = image().stream().filter(line -> line.keyword().equals(keyword)).toList();
    if (found.size() != 1) {
      throw new AssertionError(keyword + ": " + found);
    }
    return found.get(0);
  }

  /** The words that link a Java, writing it to this folder. */
  List<String> jlink(String output) {
    List<String> words =
        new ArrayList<>(
            lines.stream()
                .filter(line -> line.keyword().equals("RUN") && line.words().get(0).equals("jlink"))
                .findFirst()
                .orElseThrow()
                .words());
    words.set(words.indexOf("--output") + 1, output);
    return words;
  }

  String modules() {
    List<String> words = jlink("");
    return words.get(words.indexOf("--add-modules") + 1);
  }

  /** What the image sets. */
  Map<String, String> environment() {
    Map<String, String> set = new LinkedHashMap<>();
    for (String word : only("ENV").words()) {
      String[] pair = word.split("=", 2);
      set.put(pair[0], pair[1]);
    }
    return set;
  }

  /** The words that start the service. */
  List<String> entrypoint() throws IOException {
    return Arrays.asList(
        Objects.requireNonNull(
            RunningService.JSON.readValue(only("ENTRYPOINT").text(), String[].class)));
  }

  /** What the entry point tells the JVM, as far as the one that runs this knows it. */
  List<String> jvmOptions() throws IOException {
    List<String> words = entrypoint();
    return words.subList(1, words.indexOf("-jar")).stream()
        .filter(word -> Runtime.version().feature() >= 24 || !word.startsWith("--"))
        .toList();
  }
}
