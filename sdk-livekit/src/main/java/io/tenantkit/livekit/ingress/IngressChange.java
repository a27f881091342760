package io.tenantkit.livekit.ingress;

import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Objects;
import java.util.Optional;

/**
 * What shall be otherwise of an ingress; what is not said stays, and nothing can be made empty.
 * Immutable.
 *
 * @param name another name for people, 1 to 256 bytes
 * @param room into another room, 1 to 256 bytes
 * @param identity as somebody else, 1 to 256 bytes
 * @param participantName another name to display, 1 to 256 bytes
 * @param participantMetadata another text for the others, at most 512 KiB
 * @param transcoding encoded again, or not
 * @param audio sound so
 * @param video pictures so
 * @param enabled whether encoders may connect
 */
public record IngressChange(
    Optional<String> name,
    Optional<String> room,
    Optional<String> identity,
    Optional<String> participantName,
    Optional<String> participantMetadata,
    Optional<Boolean> transcoding,
    Optional<IngressAudio> audio,
    Optional<IngressVideo> video,
    Optional<Boolean> enabled) {
  /** Checks the bounds. */
  public IngressChange {
    RequestTexts.name("name", name, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.name("room", room, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.name("identity", identity, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.name("participantName", participantName, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.data("participantMetadata", participantMetadata, TokenRequest.MAX_METADATA_BYTES);
    Objects.requireNonNull(transcoding, "transcoding");
    Objects.requireNonNull(audio, "audio");
    Objects.requireNonNull(video, "video");
    Objects.requireNonNull(enabled, "enabled");
  }

  /** Nothing, to begin with. */
  public static IngressChange none() {
    return new IngressChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Called so, for people. */
  public IngressChange name(String wanted) {
    return new IngressChange(
        Optional.of(wanted),
        room,
        identity,
        participantName,
        participantMetadata,
        transcoding,
        audio,
        video,
        enabled);
  }

  /** Into this room as this one. */
  public IngressChange into(String wantedRoom, String wantedIdentity) {
    return new IngressChange(
        name,
        Optional.of(wantedRoom),
        Optional.of(wantedIdentity),
        participantName,
        participantMetadata,
        transcoding,
        audio,
        video,
        enabled);
  }

  /** Displayed so. */
  public IngressChange participantName(String wanted) {
    return new IngressChange(
        name,
        room,
        identity,
        Optional.of(wanted),
        participantMetadata,
        transcoding,
        audio,
        video,
        enabled);
  }

  /** With sound and pictures so. */
  public IngressChange media(IngressAudio sound, IngressVideo pictures) {
    return new IngressChange(
        name,
        room,
        identity,
        participantName,
        participantMetadata,
        transcoding,
        Optional.of(sound),
        Optional.of(pictures),
        enabled);
  }

  /** To be connected to, or not. */
  public IngressChange enabled(boolean wanted) {
    return new IngressChange(
        name,
        room,
        identity,
        participantName,
        participantMetadata,
        transcoding,
        audio,
        video,
        Optional.of(wanted));
  }

  /** Whether it can be connected to; not the texts, which may be personal. */
  @Override
  public String toString() {
    return "IngressChange[enabled=" + enabled + "]";
  }
}
