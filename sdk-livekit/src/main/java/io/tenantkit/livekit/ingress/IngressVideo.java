package io.tenantkit.livekit.ingress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How pictures that come in are published. Immutable.
 *
 * @param trackName of the track, at most 256 bytes
 * @param source as what they show; {@link TrackSource#CAMERA} or {@link TrackSource#SCREEN_SHARE}
 * @param preset one of LiveKit's encodings
 * @param options each setting by itself, instead of a preset
 */
public record IngressVideo(
    Optional<String> trackName,
    Optional<TrackSource> source,
    Optional<Preset> preset,
    Optional<Options> options) {

  /** LiveKit's encodings of pictures, H.264; more layers are for viewers with less bandwidth. */
  public enum Preset {
    /** 1280 × 720, 30 a second, three layers. */
    H264_720P_30FPS_3_LAYERS,
    /** 1920 × 1080, 30 a second, three layers. */
    H264_1080P_30FPS_3_LAYERS,
    /** 960 × 540, 25 a second, two layers. */
    H264_540P_25FPS_2_LAYERS,
    /** 1280 × 720, 30 a second, one layer. */
    H264_720P_30FPS_1_LAYER,
    /** 1920 × 1080, 30 a second, one layer. */
    H264_1080P_30FPS_1_LAYER,
    /** 1280 × 720, 30 a second, three layers, for much motion. */
    H264_720P_30FPS_3_LAYERS_HIGH_MOTION,
    /** 1920 × 1080, 30 a second, three layers, for much motion. */
    H264_1080P_30FPS_3_LAYERS_HIGH_MOTION,
    /** 960 × 540, 25 a second, two layers, for much motion. */
    H264_540P_25FPS_2_LAYERS_HIGH_MOTION,
    /** 1280 × 720, 30 a second, one layer, for much motion. */
    H264_720P_30FPS_1_LAYER_HIGH_MOTION,
    /** 1920 × 1080, 30 a second, one layer, for much motion. */
    H264_1080P_30FPS_1_LAYER_HIGH_MOTION
  }

  /** Codecs of pictures. */
  public enum Codec {
    /** The server's default. */
    DEFAULT_VC,
    /** H.264 Baseline. */
    H264_BASELINE,
    /** VP8. */
    VP8
  }

  /**
   * Each setting by itself.
   *
   * @param codec of the pictures
   * @param framerate pictures a second, 0 for the server's default, at most 120
   * @param layers 1 to 3, the largest first
   */
  public record Options(Codec codec, double framerate, List<Layer> layers) {
    /** Checks the bounds. */
    public Options {
      Objects.requireNonNull(codec, "codec");
      if (!(framerate >= 0 && framerate <= 120)) {
        throw new InvalidInputException("framerate", "0 to 120");
      }
      layers = List.copyOf(layers);
      if (layers.isEmpty() || layers.size() > 3) {
        throw new InvalidInputException("layers", "1 to 3");
      }
    }
  }

  /**
   * A layer.
   *
   * @param quality which of the three
   * @param width in pixels, 16 to 7,680
   * @param height likewise
   * @param bitrate bit/s, 1 to 100,000,000
   */
  public record Layer(Quality quality, int width, int height, int bitrate) {
    /** Checks the bounds. */
    public Layer {
      Objects.requireNonNull(quality, "quality");
      RequestTexts.number("width", width, 16, 7_680);
      RequestTexts.number("height", height, 16, 7_680);
      RequestTexts.number("bitrate", bitrate, 1, 100_000_000);
    }
  }

  /** Qualities of layers. */
  public enum Quality {
    /** The least. */
    LOW,
    /** Between them. */
    MEDIUM,
    /** The most, and that of a track with one layer. */
    HIGH
  }

  /** Checks the bounds. */
  public IngressVideo {
    RequestTexts.data("trackName", trackName, 256);
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(preset, "preset");
    Objects.requireNonNull(options, "options");
    if (preset.isPresent() && options.isPresent()) {
      throw new InvalidInputException("options", "not with a preset");
    }
  }

  /** By a preset. */
  public static IngressVideo of(Preset preset) {
    return new IngressVideo(
        Optional.empty(), Optional.empty(), Optional.of(preset), Optional.empty());
  }

  /** By settings. */
  public static IngressVideo of(Options options) {
    return new IngressVideo(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(options));
  }

  /** As a track of this name and source. */
  public IngressVideo as(String name, TrackSource wanted) {
    return new IngressVideo(Optional.of(name), Optional.of(wanted), preset, options);
  }
}
