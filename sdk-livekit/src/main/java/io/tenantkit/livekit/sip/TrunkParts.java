package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Objects;
import java.util.Optional;

/**
 * What is said of a trunk whichever way its calls go, of a new one and of one that is changed. What
 * is not said is not sent. Immutable.
 */
record TrunkParts(
    Optional<String> name,
    Optional<String> metadata,
    Optional<SipAuth> auth,
    SipHeaders headers,
    Optional<SipEncryption> encryption) {
  TrunkParts {
    RequestTexts.name("name", name, SipBounds.MAX_NAME);
    RequestTexts.data("metadata", metadata, SipBounds.MAX_METADATA);
    Objects.requireNonNull(auth, "auth");
    Objects.requireNonNull(headers, "headers");
    encryption.ifPresent(SipJson::known);
  }

  /** A trunk of this name, and nothing else of it. */
  static TrunkParts named(String name) {
    return new TrunkParts(
        Optional.of(name), Optional.empty(), Optional.empty(), SipHeaders.NONE, Optional.empty());
  }

  /** What shall be otherwise; headers stay as they are. */
  static TrunkParts changed(
      Optional<String> name,
      Optional<String> metadata,
      Optional<SipAuth> auth,
      Optional<SipEncryption> encryption) {
    return new TrunkParts(name, metadata, auth, SipHeaders.NONE, encryption);
  }

  /** Checks the bounds of what shall be otherwise. */
  static void require(
      Optional<String> name,
      Optional<String> metadata,
      Optional<SipAuth> auth,
      Optional<SipEncryption> encryption) {
    changed(name, metadata, auth, encryption);
  }

  TrunkParts metadata(String text) {
    return new TrunkParts(name, Optional.of(text), auth, headers, encryption);
  }

  TrunkParts auth(SipAuth wanted) {
    return new TrunkParts(name, metadata, Optional.of(wanted), headers, encryption);
  }

  TrunkParts headers(SipHeaders wanted) {
    return new TrunkParts(name, metadata, auth, wanted, encryption);
  }

  /** As a new trunk has it, which is not encrypted unless said. */
  TrunkParts encryption(SipEncryption wanted) {
    return new TrunkParts(
        name,
        metadata,
        auth,
        headers,
        Optional.of(wanted).filter(each -> each != SipEncryption.DISABLE));
  }

  RequestJson json() {
    RequestJson json = RequestJson.object().text("name", name).text("metadata", metadata);
    SipJson.auth(json, auth);
    json.text("mediaEncryption", encryption.map(SipJson::word));
    return headers.into(json);
  }
}
