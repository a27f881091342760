package io.tenantkit.spi;

import io.tenantkit.InvalidInputException;

/** The bound that every name, reason and other text for people is held to. Stateless. */
public final class Texts {
  private Texts() {}

  /**
   * Demands 1 to {@code max} characters that are not all blank, without control characters and
   * without halves of surrogate pairs, which no database would keep as they are.
   *
   * @param property the argument's name, for the error
   * @return the text
   * @throws InvalidInputException naming the property and the bound
   */
  public static String require(String property, String text, int max) {
    if (text.isBlank() || text.length() > max || holdsRefused(text)) {
      throw new InvalidInputException(
          property,
          String.format(
              java.util.Locale.ROOT, "1 to %,d characters without control characters", max));
    }
    return text;
  }

  private static boolean holdsRefused(String text) {
    int codePoint;
    for (int i = 0; i < text.length(); i += Character.charCount(codePoint)) {
      codePoint = text.codePointAt(i);
      if (refused(codePoint)) {
        return true;
      }
    }
    return false;
  }

  private static boolean refused(int codePoint) {
    // A surrogate that code points still show is one without its other half.
    return Character.isISOControl(codePoint)
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
  }
}
