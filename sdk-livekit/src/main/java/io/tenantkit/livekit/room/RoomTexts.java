package io.tenantkit.livekit.room;

import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.spi.RequestTexts;

/** Texts that go to a server, as it counts them: in bytes of UTF-8. */
final class RoomTexts {
  static final int MAX_NAME = TokenRequest.MAX_NAME_BYTES;
  static final int MAX_METADATA = TokenRequest.MAX_METADATA_BYTES;
  static final int MAX_ATTRIBUTES = TokenRequest.MAX_ATTRIBUTES_BYTES;

  private RoomTexts() {}

  /** A name that reaches logs and lists. */
  static String name(String property, String text) {
    return RequestTexts.name(property, text, MAX_NAME);
  }

  /** Data that is passed on as it is. */
  static String data(String property, String text, int most) {
    return RequestTexts.data(property, text, most);
  }
}
