package io.tenantkit.livekit;

import java.text.Normalizer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what looks like a person's address or number in a name, as {@link
 * TokenPolicy.Builder#refusesPersonalData} says. No name has more than 256 bytes, and every
 * repetition is bounded, so a look takes no time that a caller could draw out.
 */
final class PersonalData {
  private static final Optional<String> EMAIL = Optional.of("an e-mail address");
  private static final Optional<String> TELEPHONE = Optional.of("a telephone number");

  /** The local part's last character, and a domain up to two letters after one of its dots. */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "[\\p{L}\\p{N}!#$&'*+/=?^_`{|}~.\"-](?:@|%40)"
              + "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,62}\\.[\\p{L}\\p{N}]){1,8}?"
              + "(?<=\\.\\p{L})\\p{L}");

  private static final String HYPHEN = "[-\u2010-\u2015]";

  private static final Pattern INTERNATIONAL =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}])[+]\\(?(?:"
              // In one piece.
              + "[1-9]\\d{6,14}(?!\\d)"
              // Or in groups, of which the first is no more than a country's code.
              + "|[1-9]\\d{0,2}(?!\\d)(?:[ \u2010-\u2015./()-]{0,3}\\d){6,14}(?!\\d))");

  private static final Pattern NORTH_AMERICAN =
      alone(
          "(?:1[ .\u2010-\u2015-])?"
              + "(?:\\([2-9]\\d\\d\\)[ .\u2010-\u2015-]?|[2-9]\\d\\d[ .\u2010-\u2015-])"
              + "[2-9]\\d\\d[ .\u2010-\u2015-]\\d{4}");

  /** Groups that begin with one 0; what is shorter, or of other groups, is as well a date. */
  private static final Pattern NATIONAL =
      alone(
          "0[1-9]\\d{0,3}(?: \\d{2,8}){1,4}"
              + "|\\(0[1-9]\\d{0,3}\\) ?\\d{3,8}(?: \\d{2,8}){0,3}"
              + "|0[1-9]\\d{1,3}/ ?\\d{5,8}"
              + ("|0[1-9]\\d{1,3}" + HYPHEN + "\\d{6,8}")
              + ("|0[1-9]\\d?" + HYPHEN + "(?!19|20)\\d{3,4}" + HYPHEN + "\\d{4}")
              + "|0[1-9](?:\\.\\d{2}){4}");

  private static final int LEAST_NATIONAL = 9;
  private static final int MOST_NATIONAL = 12;

  /** What LiveKit's telephony calls who is called, or calls. */
  private static final Pattern OF_TELEPHONY = Pattern.compile("sip_[+]?[0-9]{1,32}");

  private PersonalData() {}

  /** With no letter or digit before or after it, nor a further group of digits. */
  private static Pattern alone(String form) {
    return Pattern.compile(
        "(?<![\\p{L}\\p{N}])(?<!\\d[ .:/_-])(?:" + form + ")(?![\\p{L}\\p{N}]|[ .:/_-]\\d)");
  }

  /** What the name of a participant looks like; empty when it is as good as any. */
  static Optional<String> inIdentity(String text) {
    return OF_TELEPHONY.matcher(text).matches() ? Optional.empty() : in(text);
  }

  /** What a name looks like; empty when it is as good as any. */
  static Optional<String> in(String text) {
    // Full-width forms and the many spaces are one to a reader.
    String plain = Normalizer.normalize(text, Normalizer.Form.NFKC);
    if (ADDRESS.matcher(plain).find()) {
      return EMAIL;
    }
    boolean telephone =
        INTERNATIONAL.matcher(plain).find()
            || NORTH_AMERICAN.matcher(plain).find()
            || holdsNational(plain);
    return telephone ? TELEPHONE : Optional.empty();
  }

  private static boolean holdsNational(String text) {
    Matcher matcher = NATIONAL.matcher(text);
    while (matcher.find()) {
      long digits = matcher.group().chars().filter(Character::isDigit).count();
      if (digits >= LEAST_NATIONAL && digits <= MOST_NATIONAL) {
        return true;
      }
    }
    return false;
  }
}
