package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestJson;
import java.util.Optional;

/**
 * A telephone provider for a single call, without a trunk. Immutable.
 *
 * @param host of the provider, perhaps with a port; no SIP URI
 * @param transport how SIP goes over the network
 * @param auth with which it is shown who calls
 * @param country in which the call ends, two letters
 * @param fromHost another host in the header {@code From}
 */
public record SipProvider(
    String host,
    SipTransport transport,
    Optional<SipAuth> auth,
    Optional<String> country,
    Optional<String> fromHost) {
  /** Checks the bounds. */
  public SipProvider {
    SipBounds.host("host", host);
    SipJson.known(transport);
    country.ifPresent(SipJson::country);
    fromHost.ifPresent(other -> SipBounds.host("fromHost", other));
  }

  /** A provider that wants a user and password. */
  public static SipProvider of(String host, SipAuth auth) {
    return new SipProvider(
        host, SipTransport.AUTO, Optional.of(auth), Optional.empty(), Optional.empty());
  }

  RequestJson json(SipHeaders headers) {
    RequestJson json =
        RequestJson.object()
            .text("hostname", host)
            .text("destinationCountry", country)
            .text("fromHost", fromHost)
            .text("transport", SipJson.word(transport));
    SipJson.auth(json, auth);
    return headers.mappings(json);
  }
}
