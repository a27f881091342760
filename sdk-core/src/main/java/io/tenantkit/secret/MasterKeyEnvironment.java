package io.tenantkit.secret;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The variables of {@link MasterKeys#fromEnvironment}. */
final class MasterKeyEnvironment {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

  private MasterKeyEnvironment() {}

  static MasterKeys read(
      Map<String, String> environment,
      Function<? super CharSequence, MasterKey> reader,
      String current,
      List<String> previous) {
    requireName(current);
    previous.forEach(MasterKeyEnvironment::requireName);
    MasterKey first =
        key(environment, reader, current).orElseThrow(() -> unusable(current, "is not set"));
    return LocalMasterKeys.of(
        first,
        previous.stream()
            .map(variable -> key(environment, reader, variable))
            .flatMap(Optional::stream)
            .toList());
  }

  private static Optional<MasterKey> key(
      Map<String, String> environment,
      Function<? super CharSequence, MasterKey> reader,
      String variable) {
    String text = environment.get(variable);
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(text));
    } catch (TenantkitException e) {
      // Without the cause, whose frames say nothing more.
      throw unusable(variable, String.valueOf(e.getMessage()));
    }
  }

  private static void requireName(String variable) {
    // Also so that a host which hands over the variable's text does not find it in the log.
    if (!NAME.matcher(variable).matches()) {
      throw new InvalidInputException(
          "environment variable",
          "a letter or underscore, then at most 127 letters, digits, underscores");
    }
  }

  private static TenantkitException unusable(String variable, String why) {
    return new TenantkitException(
        ErrorCode.MASTER_KEY_INVALID, "environment variable " + variable + ": " + why);
  }
}
