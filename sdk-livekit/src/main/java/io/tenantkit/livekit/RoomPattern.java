package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.TenantContext;
import java.util.ArrayList;
import java.util.List;

/** A pattern of names of rooms; see {@link RoomRule#like}. Immutable. */
final class RoomPattern implements RoomRule {
  private static final String ORGANIZATION = "{organization}";
  private static final String ACTOR = "{actor}";
  private static final String ANY = "*";

  /** Placeholders and the texts between them. */
  private final List<String> parts;

  RoomPattern(String pattern) {
    if (pattern.isEmpty() || pattern.length() > TokenRequest.MAX_NAME_BYTES) {
      throw malformed();
    }
    List<String> found = new ArrayList<>();
    int at = 0;
    while (at < pattern.length()) {
      int end = endOfPart(pattern, at);
      found.add(pattern.substring(at, end));
      at = end;
    }
    for (int i = 1; i < found.size(); i++) {
      if (isSpecial(found.get(i - 1)) && isSpecial(found.get(i))) {
        throw malformed();
      }
    }
    this.parts = List.copyOf(found);
  }

  private static int endOfPart(String pattern, int at) {
    if (pattern.startsWith(ANY, at)) {
      return at + 1;
    }
    if (pattern.charAt(at) == '{') {
      for (String id : List.of(ORGANIZATION, ACTOR)) {
        if (pattern.startsWith(id, at)) {
          return at + id.length();
        }
      }
      throw malformed();
    }
    int end = at;
    while (end < pattern.length() && pattern.charAt(end) != '*' && pattern.charAt(end) != '{') {
      end++;
    }
    return end;
  }

  private static boolean isSpecial(String part) {
    return part.equals(ANY) || part.charAt(0) == '{';
  }

  private static InvalidInputException malformed() {
    return new InvalidInputException(
        "rooms",
        "1 to "
            + TokenRequest.MAX_NAME_BYTES
            + " characters; {organization}, {actor} and * with text between them");
  }

  @Override
  public boolean allows(TenantContext context, String room) {
    return matches(context, 0, room, 0);
  }

  private boolean matches(TenantContext context, int part, String room, int at) {
    if (part == parts.size()) {
      return at == room.length();
    }
    String text = parts.get(part);
    if (text.equals(ANY)) {
      for (int end = at + 1; end <= room.length(); end++) {
        if (matches(context, part + 1, room, end)) {
          return true;
        }
      }
      return false;
    }
    if (text.charAt(0) == '{') {
      text = text.equals(ACTOR) ? context.actor().id() : context.organization().value();
      if (part + 1 < parts.size() && text.indexOf(parts.get(part + 1).charAt(0)) >= 0) {
        return false;
      }
    }
    return room.startsWith(text, at) && matches(context, part + 1, room, at + text.length());
  }
}
