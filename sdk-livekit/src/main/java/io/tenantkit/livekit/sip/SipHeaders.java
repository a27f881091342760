package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Map;
import java.util.Objects;

/**
 * What goes between headers of SIP and attributes of participants; at most 32 of each, with texts
 * of at most 1,024 bytes. Immutable.
 *
 * @param send headers to send, by name
 * @param toAttributes attributes by the header that gives them
 * @param fromAttributes headers by the attribute that gives them
 * @param include which other headers become attributes {@code sip.h.*}
 */
public record SipHeaders(
    Map<String, String> send,
    Map<String, String> toAttributes,
    Map<String, String> fromAttributes,
    Include include) {
  private static final int MOST = 32;
  private static final int MOST_BYTES = 1_024;

  /** Which headers become attributes by themselves. */
  public enum Include {
    /** None. */
    SIP_NO_HEADERS,
    /** Those whose names begin with {@code X-}. */
    SIP_X_HEADERS,
    /** All. */
    SIP_ALL_HEADERS
  }

  static final SipHeaders NONE =
      new SipHeaders(Map.of(), Map.of(), Map.of(), Include.SIP_NO_HEADERS);

  /** Checks the bounds. */
  public SipHeaders {
    send = RequestTexts.texts("headers", send, MOST, MOST_BYTES);
    toAttributes = RequestTexts.texts("toAttributes", toAttributes, MOST, MOST_BYTES);
    fromAttributes = RequestTexts.texts("fromAttributes", fromAttributes, MOST, MOST_BYTES);
    Objects.requireNonNull(include, "include");
  }

  /** These sent, and nothing else. */
  public static SipHeaders sending(Map<String, String> headers) {
    return new SipHeaders(headers, Map.of(), Map.of(), Include.SIP_NO_HEADERS);
  }

  /** With these headers becoming attributes. */
  public SipHeaders toAttributes(Map<String, String> attributesByHeader) {
    return new SipHeaders(send, attributesByHeader, fromAttributes, include);
  }

  /** With these attributes becoming headers. */
  public SipHeaders fromAttributes(Map<String, String> headersByAttribute) {
    return new SipHeaders(send, toAttributes, headersByAttribute, include);
  }

  /** With these, too, becoming attributes. */
  public SipHeaders include(Include wanted) {
    return new SipHeaders(send, toAttributes, fromAttributes, wanted);
  }

  RequestJson into(RequestJson json) {
    json.texts("headers", send);
    mappings(json);
    if (include != Include.SIP_NO_HEADERS) {
      json.text("includeHeaders", include.name());
    }
    return json;
  }

  RequestJson mappings(RequestJson json) {
    return json.texts("headersToAttributes", toAttributes)
        .texts("attributesToHeaders", fromAttributes);
  }

  /** The headers' names; not their texts, which may be personal. */
  @Override
  public String toString() {
    return "SipHeaders" + send.keySet();
  }
}
