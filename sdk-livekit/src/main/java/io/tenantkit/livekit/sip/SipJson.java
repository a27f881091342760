package io.tenantkit.livekit.sip;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.AnswerJson;
import io.tenantkit.livekit.spi.RequestJson;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How telephony is said to servers and told by them. Passwords and pins, which some of them tell,
 * are passed over.
 */
final class SipJson {
  private static final Pattern COUNTRY = Pattern.compile("[A-Z]{2}");

  private SipJson() {}

  static SipEncryption known(SipEncryption encryption) {
    if (encryption == SipEncryption.UNKNOWN) {
      throw new InvalidInputException("encryption", "DISABLE, ALLOW or REQUIRE");
    }
    return encryption;
  }

  static SipTransport known(SipTransport transport) {
    if (transport == SipTransport.UNKNOWN) {
      throw new InvalidInputException("transport", "AUTO, UDP, TCP or TLS");
    }
    return transport;
  }

  static String country(String country) {
    if (!COUNTRY.matcher(country).matches()) {
      throw new InvalidInputException("country", "two letters A-Z, as ISO 3166-1 has them");
    }
    return country;
  }

  /** In the protocol's words. */
  static String word(SipEncryption encryption) {
    return "SIP_MEDIA_ENCRYPT_" + encryption.name();
  }

  /** In the protocol's words; none where the server shall choose. */
  static Optional<String> word(SipTransport transport) {
    return transport == SipTransport.AUTO
        ? Optional.empty()
        : Optional.of("SIP_TRANSPORT_" + transport.name());
  }

  /** A user and password, as all requests have them. */
  static void auth(RequestJson json, Optional<SipAuth> auth) {
    auth.ifPresent(
        given ->
            json.text("authUsername", given.username()).secret("authPassword", given.password()));
  }

  static InboundTrunk inbound(JsonNode json) {
    return new InboundTrunk(
        AnswerJson.text(json, "sip_trunk_id"),
        AnswerJson.text(json, "name"),
        AnswerJson.text(json, "metadata"),
        AnswerJson.texts(json, "numbers"),
        AnswerJson.texts(json, "allowed_addresses"),
        AnswerJson.texts(json, "allowed_numbers"),
        AnswerJson.present(json, "auth_username"),
        headers(json),
        AnswerJson.duration(json, "ringing_timeout"),
        AnswerJson.duration(json, "max_call_duration"),
        AnswerJson.flag(json, "krisp_enabled"),
        encryption(json));
  }

  static OutboundTrunk outbound(JsonNode json) {
    return new OutboundTrunk(
        AnswerJson.text(json, "sip_trunk_id"),
        AnswerJson.text(json, "name"),
        AnswerJson.text(json, "metadata"),
        AnswerJson.text(json, "address"),
        AnswerJson.present(json, "destination_country"),
        AnswerJson.oneOf(
            json,
            "transport",
            "SIP_TRANSPORT_",
            List.of(SipTransport.values()),
            SipTransport.UNKNOWN),
        AnswerJson.texts(json, "numbers"),
        AnswerJson.present(json, "auth_username"),
        headers(json),
        encryption(json),
        AnswerJson.present(json, "from_host"));
  }

  static DispatchRule rule(JsonNode json) {
    JsonNode rule = AnswerJson.field(json, "rule");
    JsonNode direct = AnswerJson.field(rule, "dispatch_rule_direct");
    JsonNode individual = AnswerJson.field(rule, "dispatch_rule_individual");
    JsonNode callee = AnswerJson.field(rule, "dispatch_rule_callee");
    DispatchTarget.Kind kind = DispatchTarget.Kind.UNKNOWN;
    JsonNode target = direct;
    if (direct.isObject()) {
      kind = DispatchTarget.Kind.DIRECT;
    } else if (individual.isObject()) {
      kind = DispatchTarget.Kind.INDIVIDUAL;
      target = individual;
    } else if (callee.isObject()) {
      kind = DispatchTarget.Kind.CALLEE;
      target = callee;
    }
    return new DispatchRule(
        AnswerJson.text(json, "sip_dispatch_rule_id"),
        AnswerJson.text(json, "name"),
        kind,
        AnswerJson.text(target, kind == DispatchTarget.Kind.DIRECT ? "room_name" : "room_prefix"),
        AnswerJson.present(target, "pin").isPresent(),
        AnswerJson.texts(json, "trunk_ids"),
        AnswerJson.texts(json, "inbound_numbers"),
        AnswerJson.texts(json, "numbers"),
        AnswerJson.flag(json, "hide_phone_number"),
        AnswerJson.text(json, "metadata"),
        AnswerJson.map(json, "attributes"));
  }

  static SipParticipant participant(JsonNode json) {
    return new SipParticipant(
        AnswerJson.text(json, "participant_id"),
        AnswerJson.text(json, "participant_identity"),
        AnswerJson.text(json, "room_name"),
        AnswerJson.text(json, "sip_call_id"));
  }

  /** What the server keeps is not held to the bounds of what is sent to it. */
  private static SipHeaders headers(JsonNode json) {
    try {
      return new SipHeaders(
          AnswerJson.map(json, "headers"),
          AnswerJson.map(json, "headers_to_attributes"),
          AnswerJson.map(json, "attributes_to_headers"),
          AnswerJson.oneOf(
              json,
              "include_headers",
              "",
              List.of(SipHeaders.Include.values()),
              SipHeaders.Include.SIP_NO_HEADERS));
    } catch (InvalidInputException e) {
      return SipHeaders.NONE;
    }
  }

  private static SipEncryption encryption(JsonNode json) {
    return AnswerJson.oneOf(
        json,
        "media_encryption",
        "SIP_MEDIA_ENCRYPT_",
        List.of(SipEncryption.values()),
        SipEncryption.UNKNOWN);
  }
}
