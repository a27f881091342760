package io.tenantkit.examples.tokenservice;

import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads variables and gathers what is wrong with them, so that a start tells of all at once. An
 * empty variable is as good as none. Values never come into a message: they may be secrets that
 * somebody put into the wrong line.
 */
final class Variables {
  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  Variables(Map<String, String> environment) {
    this.environment = environment;
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  /** Text that must be there; empty after a complaint. */
  String required(String name, String what) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      problem(name, "required: " + what);
    }
    return value.orElse("");
  }

  /** A whole number in decimal digits. */
  long number(String name, long otherwise, long least, long most) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    String digits = value.get();
    if (digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      long number = Long.parseLong(digits);
      if (number >= least && number <= most) {
        return number;
      }
    }
    problem(name, "a whole number, " + least + " to " + most);
    return otherwise;
  }

  boolean flag(String name) {
    String value = text(name).orElse("false");
    if (!value.equals("true") && !value.equals("false")) {
      problem(name, "true or false");
    }
    return value.equals("true");
  }

  /** Parts between commas, without the blanks around them. */
  List<String> list(String name) {
    return text(name)
        .map(value -> Arrays.stream(value.split(",", -1)).map(String::strip).toList())
        .orElse(List.of());
  }

  /** What is made of a variable's text, or the complaint of whoever makes it. */
  <T> Optional<T> made(String name, Function<String, T> maker) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(maker.apply(value.get()));
    } catch (InvalidInputException e) {
      problem(name, e.bound());
    } catch (TenantkitException e) {
      problem(name, String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  void problem(String name, String what) {
    problems.add(name + ": " + what);
  }

  boolean isGood() {
    return problems.isEmpty();
  }

  /**
   * Ends the reading.
   *
   * @throws SettingsException when something was wrong
   */
  void requireGood() {
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
  }
}
