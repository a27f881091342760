package io.tenantkit.livekit;

/** What a published track shows or sounds like, as LiveKit's {@code canPublishSources} names it. */
public enum TrackSource {
  /** A camera's video. */
  CAMERA("camera"),
  /** A microphone's sound. */
  MICROPHONE("microphone"),
  /** A shared screen's video. */
  SCREEN_SHARE("screen_share"),
  /** A shared screen's sound. */
  SCREEN_SHARE_AUDIO("screen_share_audio");

  private final String claim;

  TrackSource(String claim) {
    this.claim = claim;
  }

  /** The name within a token. */
  public String claim() {
    return claim;
  }
}
