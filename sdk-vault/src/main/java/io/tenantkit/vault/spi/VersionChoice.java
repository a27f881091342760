package io.tenantkit.vault.spi;

import io.tenantkit.vault.Stage;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which version of a secret is meant: the one at a stage, or the one with a number.
 *
 * @param stage the stage, when no number is given
 * @param number the number, when no stage is given
 */
public record VersionChoice(Optional<Stage> stage, OptionalLong number) {
  /** What is in force. */
  public static final VersionChoice CURRENT = at(Stage.CURRENT);

  public VersionChoice {
    if (stage.isPresent() == number.isPresent()) {
      throw new IllegalArgumentException("a stage or a number");
    }
  }

  /** The version at this stage. */
  public static VersionChoice at(Stage stage) {
    return new VersionChoice(Optional.of(stage), OptionalLong.empty());
  }

  /** The version with this number. */
  public static VersionChoice numbered(long number) {
    return new VersionChoice(Optional.empty(), OptionalLong.of(number));
  }
}
