package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is to change of a secret beside its values; what is not named stays. Immutable.
 *
 * @param text the description's new text
 * @param tags its tags from then on
 * @param metadata its metadata from then on
 * @param maxVersions how many versions it keeps from then on; older ones without a stage are
 *     destroyed at once
 * @param expectedRevision the revision that the secret must have for the change to happen
 */
public record SecretChange(
    Optional<String> text,
    Optional<SortedSet<String>> tags,
    Optional<SortedMap<String, String>> metadata,
    OptionalInt maxVersions,
    OptionalLong expectedRevision) {

  public SecretChange {
    // The bounds are the description's.
    text.ifPresent(SecretDescription.none()::withText);
    tags.ifPresent(SecretDescription.none()::withTags);
    metadata.ifPresent(SecretDescription.none()::withMetadata);
    maxVersions.ifPresent(Secret::requireMaxVersions);
    Objects.requireNonNull(expectedRevision, "expectedRevision");
    if (expectedRevision.isPresent() && expectedRevision.getAsLong() < 1) {
      throw new InvalidInputException("expectedRevision", "1 or more");
    }
  }

  /** Changes nothing yet. */
  public static SecretChange none() {
    return new SecretChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalLong.empty());
  }

  /** With this text; an empty one takes it away. */
  public SecretChange withText(String newText) {
    return new SecretChange(Optional.of(newText), tags, metadata, maxVersions, expectedRevision);
  }

  /** With these tags alone. */
  public SecretChange withTags(Collection<String> newTags) {
    return new SecretChange(
        text, Optional.of(new TreeSet<>(newTags)), metadata, maxVersions, expectedRevision);
  }

  /** With this metadata alone. */
  public SecretChange withMetadata(Map<String, String> newMetadata) {
    return new SecretChange(
        text, tags, Optional.of(new TreeMap<>(newMetadata)), maxVersions, expectedRevision);
  }

  /** Keeping so many versions, 1 to {@value Secret#MAX_VERSIONS}. */
  public SecretChange keeping(int versions) {
    return new SecretChange(text, tags, metadata, OptionalInt.of(versions), expectedRevision);
  }

  /** Only when the secret still has this revision. */
  public SecretChange onlyAtRevision(long revision) {
    return new SecretChange(text, tags, metadata, maxVersions, OptionalLong.of(revision));
  }

  SecretDescription appliedTo(SecretDescription before) {
    SecretDescription after = text.map(before::withText).orElse(before);
    after = tags.isPresent() ? after.withTags(tags.get()) : after;
    return metadata.isPresent() ? after.withMetadata(metadata.get()) : after;
  }
}
