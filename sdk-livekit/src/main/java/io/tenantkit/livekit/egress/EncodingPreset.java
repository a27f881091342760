package io.tenantkit.livekit.egress;

/** LiveKit's own encodings: H.264 Main and Opus. */
public enum EncodingPreset implements EgressEncoding {
  /** 1280 × 720, 30 pictures a second, 3,000 kbit/s. */
  H264_720P_30,
  /** 1280 × 720, 60 pictures a second, 4,500 kbit/s. */
  H264_720P_60,
  /** 1920 × 1080, 30 pictures a second, 4,500 kbit/s. */
  H264_1080P_30,
  /** 1920 × 1080, 60 pictures a second, 6,000 kbit/s. */
  H264_1080P_60,
  /** 720 × 1280, 30 pictures a second, 3,000 kbit/s. */
  PORTRAIT_H264_720P_30,
  /** 720 × 1280, 60 pictures a second, 4,500 kbit/s. */
  PORTRAIT_H264_720P_60,
  /** 1080 × 1920, 30 pictures a second, 4,500 kbit/s. */
  PORTRAIT_H264_1080P_30,
  /** 1080 × 1920, 60 pictures a second, 6,000 kbit/s. */
  PORTRAIT_H264_1080P_60
}
