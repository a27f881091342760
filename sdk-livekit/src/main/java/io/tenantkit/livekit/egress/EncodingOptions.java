package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Objects;

/**
 * Each setting of an encoding by itself; what is 0 is the server's default. Immutable.
 *
 * @param width in pixels, 16 to 7,680
 * @param height in pixels, likewise
 * @param framerate pictures a second, at most 120
 * @param audioCodec of sound
 * @param audioBitrate kbit/s, at most 1,000
 * @param audioFrequency Hz, at most 192,000
 * @param videoCodec of pictures
 * @param videoBitrate kbit/s, at most 100,000
 * @param keyFrameInterval seconds, at most 60
 */
public record EncodingOptions(
    int width,
    int height,
    int framerate,
    AudioCodec audioCodec,
    int audioBitrate,
    int audioFrequency,
    VideoCodec videoCodec,
    int videoBitrate,
    double keyFrameInterval)
    implements EgressEncoding {

  /** Codecs of sound. */
  public enum AudioCodec {
    /** The server's default. */
    DEFAULT_AC,
    /** Opus. */
    OPUS,
    /** AAC. */
    AAC,
    /** MP3. */
    AC_MP3
  }

  /** Codecs of pictures. */
  public enum VideoCodec {
    /** The server's default. */
    DEFAULT_VC,
    /** H.264 Baseline. */
    H264_BASELINE,
    /** H.264 Main. */
    H264_MAIN,
    /** H.264 High. */
    H264_HIGH,
    /** VP8. */
    VP8
  }

  private static final int MAX_SIDE = 7_680;

  /** Checks the bounds. */
  public EncodingOptions {
    requireSide("width", width);
    requireSide("height", height);
    RequestTexts.number("framerate", framerate, 0, 120);
    Objects.requireNonNull(audioCodec, "audioCodec");
    RequestTexts.number("audioBitrate", audioBitrate, 0, 1_000);
    RequestTexts.number("audioFrequency", audioFrequency, 0, 192_000);
    Objects.requireNonNull(videoCodec, "videoCodec");
    RequestTexts.number("videoBitrate", videoBitrate, 0, 100_000);
    if (!(keyFrameInterval >= 0 && keyFrameInterval <= 60)) {
      throw new InvalidInputException("keyFrameInterval", "0 to 60");
    }
  }

  /** The server's defaults. */
  public static EncodingOptions defaults() {
    return new EncodingOptions(0, 0, 0, AudioCodec.DEFAULT_AC, 0, 0, VideoCodec.DEFAULT_VC, 0, 0);
  }

  /** With pictures of this size and so many a second. */
  public EncodingOptions picture(int wide, int high, int perSecond) {
    return new EncodingOptions(
        wide,
        high,
        perSecond,
        audioCodec,
        audioBitrate,
        audioFrequency,
        videoCodec,
        videoBitrate,
        keyFrameInterval);
  }

  /** With sound so. */
  public EncodingOptions audio(AudioCodec codec, int kilobits, int hertz) {
    return new EncodingOptions(
        width,
        height,
        framerate,
        codec,
        kilobits,
        hertz,
        videoCodec,
        videoBitrate,
        keyFrameInterval);
  }

  /** With pictures so. */
  public EncodingOptions video(VideoCodec codec, int kilobits, double keyFrameSeconds) {
    return new EncodingOptions(
        width,
        height,
        framerate,
        audioCodec,
        audioBitrate,
        audioFrequency,
        codec,
        kilobits,
        keyFrameSeconds);
  }

  static void requireSide(String property, int pixels) {
    if (pixels != 0 && (pixels < 16 || pixels > MAX_SIDE)) {
      throw new InvalidInputException(property, "16 to " + MAX_SIDE + ", or 0");
    }
  }
}
