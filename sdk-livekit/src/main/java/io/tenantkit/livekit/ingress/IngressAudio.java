package io.tenantkit.livekit.ingress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Objects;
import java.util.Optional;

/**
 * How sound that comes in is published. Immutable.
 *
 * @param trackName of the track, at most 256 bytes
 * @param source as what it shows; {@link TrackSource#MICROPHONE} or {@link
 *     TrackSource#SCREEN_SHARE_AUDIO}
 * @param preset one of LiveKit's encodings
 * @param options each setting by itself, instead of a preset
 */
public record IngressAudio(
    Optional<String> trackName,
    Optional<TrackSource> source,
    Optional<Preset> preset,
    Optional<Options> options) {

  /** LiveKit's encodings of sound. */
  public enum Preset {
    /** Opus, two channels, 96 kbit/s. */
    OPUS_STEREO_96KBPS,
    /** Opus, one channel, 64 kbit/s. */
    OPUS_MONO_64KBS
  }

  /**
   * Each setting by itself; what is 0 is the server's default. The codec is Opus.
   *
   * @param bitrate bit/s, at most 1,000,000
   * @param channels 0 to 2
   * @param withoutDtx whether silence, too, is sent
   */
  public record Options(int bitrate, int channels, boolean withoutDtx) {
    /** Checks the bounds. */
    public Options {
      RequestTexts.number("bitrate", bitrate, 0, 1_000_000);
      RequestTexts.number("channels", channels, 0, 2);
    }
  }

  /** Checks the bounds. */
  public IngressAudio {
    RequestTexts.data("trackName", trackName, 256);
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(preset, "preset");
    Objects.requireNonNull(options, "options");
    if (preset.isPresent() && options.isPresent()) {
      throw new InvalidInputException("options", "not with a preset");
    }
  }

  /** By a preset. */
  public static IngressAudio of(Preset preset) {
    return new IngressAudio(
        Optional.empty(), Optional.empty(), Optional.of(preset), Optional.empty());
  }

  /** By settings. */
  public static IngressAudio of(Options options) {
    return new IngressAudio(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(options));
  }

  /** As a track of this name and source. */
  public IngressAudio as(String name, TrackSource wanted) {
    return new IngressAudio(Optional.of(name), Optional.of(wanted), preset, options);
  }
}
