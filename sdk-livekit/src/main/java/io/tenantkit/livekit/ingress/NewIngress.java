package io.tenantkit.livekit.ingress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Objects;
import java.util.Optional;

/**
 * What shall come in, and as whom. Immutable.
 *
 * @param input how it comes
 * @param url from where, for {@link IngressInput#URL} alone: {@code https}, {@code http} or {@code
 *     srt}, one file or an HLS stream
 * @param room into which, 1 to 256 bytes
 * @param identity as whom, 1 to 256 bytes
 * @param name of the ingress, for people, 1 to 256 bytes
 * @param participantName to display, at most 256 bytes
 * @param participantMetadata text for the others, at most 512 KiB
 * @param transcoding whether it is encoded again; only WHIP can leave it, and does unless said
 * @param audio how sound is published
 * @param video how pictures are published
 * @param enabled whether encoders may connect; yes unless said
 */
public record NewIngress(
    IngressInput input,
    Optional<SecretUrl> url,
    String room,
    String identity,
    Optional<String> name,
    Optional<String> participantName,
    Optional<String> participantMetadata,
    Optional<Boolean> transcoding,
    Optional<IngressAudio> audio,
    Optional<IngressVideo> video,
    Optional<Boolean> enabled) {
  /** Checks the bounds. */
  public NewIngress {
    Objects.requireNonNull(input, "input");
    if (input == IngressInput.UNKNOWN) {
      throw new InvalidInputException("input", "RTMP, WHIP or URL");
    }
    if (url.isPresent() != (input == IngressInput.URL)) {
      throw new InvalidInputException("url", "with URL, and with nothing else");
    }
    url.ifPresent(from -> from.require("url", "https", "http", "srt"));
    RequestTexts.name("room", room, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.name("identity", identity, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.name("name", name, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.data("participantName", participantName, TokenRequest.MAX_NAME_BYTES);
    RequestTexts.data("participantMetadata", participantMetadata, TokenRequest.MAX_METADATA_BYTES);
    Objects.requireNonNull(transcoding, "transcoding");
    Objects.requireNonNull(audio, "audio");
    Objects.requireNonNull(video, "video");
    Objects.requireNonNull(enabled, "enabled");
    if (input != IngressInput.WHIP && transcoding.equals(Optional.of(false))) {
      throw new InvalidInputException("transcoding", "left out with WHIP alone");
    }
    if (input == IngressInput.URL && enabled.equals(Optional.of(false))) {
      throw new InvalidInputException("enabled", "yes for a URL, which begins at once");
    }
  }

  /** For encoders that speak RTMP. */
  public static NewIngress rtmp(String room, String identity) {
    return of(IngressInput.RTMP, Optional.empty(), room, identity);
  }

  /** For encoders that speak WHIP. */
  public static NewIngress whip(String room, String identity) {
    return of(IngressInput.WHIP, Optional.empty(), room, identity);
  }

  /** From a file or stream that the server fetches. */
  public static NewIngress from(SecretUrl url, String room, String identity) {
    return of(IngressInput.URL, Optional.of(url), room, identity);
  }

  private static NewIngress of(
      IngressInput input, Optional<SecretUrl> url, String room, String identity) {
    return new NewIngress(
        input,
        url,
        room,
        identity,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Called so, for people. */
  public NewIngress name(String wanted) {
    return with(
        Optional.of(wanted), participantName, participantMetadata, transcoding, audio, video);
  }

  /** Displayed so, with a text for the others. */
  public NewIngress participant(String displayed, String metadata) {
    return with(name, Optional.of(displayed), Optional.of(metadata), transcoding, audio, video);
  }

  /** Encoded again, or not. */
  public NewIngress transcoding(boolean wanted) {
    return with(name, participantName, participantMetadata, Optional.of(wanted), audio, video);
  }

  /** With sound so. */
  public NewIngress audio(IngressAudio wanted) {
    return with(
        name, participantName, participantMetadata, transcoding, Optional.of(wanted), video);
  }

  /** With pictures so. */
  public NewIngress video(IngressVideo wanted) {
    return with(
        name, participantName, participantMetadata, transcoding, audio, Optional.of(wanted));
  }

  /** Not to be connected to yet. */
  public NewIngress disabled() {
    return new NewIngress(
        input,
        url,
        room,
        identity,
        name,
        participantName,
        participantMetadata,
        transcoding,
        audio,
        video,
        Optional.of(false));
  }

  private NewIngress with(
      Optional<String> called,
      Optional<String> displayed,
      Optional<String> metadata,
      Optional<Boolean> encoded,
      Optional<IngressAudio> sound,
      Optional<IngressVideo> pictures) {
    return new NewIngress(
        input, url, room, identity, called, displayed, metadata, encoded, sound, pictures, enabled);
  }

  /** How it comes, into which room and as whom; not the metadata, which may be personal. */
  @Override
  public String toString() {
    return "NewIngress[" + input + ", " + identity + " in " + room + "]";
  }
}
