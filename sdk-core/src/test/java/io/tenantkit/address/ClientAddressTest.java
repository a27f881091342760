package io.tenantkit.address;

import static io.tenantkit.address.TrustedProxies.Header.FORWARDED;
import static io.tenantkit.address.TrustedProxies.Header.X_FORWARDED_FOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client is 203.0.113.9, the proxies are 10.0.0.0/24 and 2001:db8:f::/48. */
class ClientAddressTest {
  private static final String[] PROXIES = {"10.0.0.0/24", "2001:db8:f::/48"};
  private static final String PROXY = "10.0.0.1";
  private static final String CLIENT = "203.0.113.9";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.9                                    | 203.0.113.9",
        "203.0.113.9, 10.0.0.7                          | 203.0.113.9",
        "203.0.113.9,10.0.0.7,10.0.0.8                  | 203.0.113.9",
        "198.51.100.1, 203.0.113.9, 10.0.0.7            | 203.0.113.9",
        "10.0.0.5, 203.0.113.9                          | 203.0.113.9",
        "127.0.0.1, 203.0.113.9                         | 203.0.113.9",
        "unknown, 203.0.113.9                           | 203.0.113.9",
        "\"\"\", 203.0.113.9                            | 203.0.113.9",
        "203.0.113.9:4711                               | 203.0.113.9",
        "2001:db8::9                                    | 2001:db8::9",
        "[2001:db8::9]                                  | 2001:db8::9",
        "[2001:db8::9]:4711, 2001:db8:f::1              | 2001:db8::9",
        "::ffff:203.0.113.9                             | 203.0.113.9",
        "203.0.113.9, ::ffff:10.0.0.7                   | 203.0.113.9",
        "10.0.0.5                                       | 10.0.0.5",
        "10.0.0.6, 10.0.0.5                             | 10.0.0.6",
      })
  void lastUntrustedHopIsTheClient(String header, String expected) {
    assertThat(xForwardedFor(header)).isEqualTo(address(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "203.0.113.9,",
        "203.0.113.9, unknown",
        "203.0.113.9, localhost",
        "203.0.113.9, 10.0.0.07",
        "203.0.113.9, 0x0a000007",
        "203.0.113.9, 10.7",
        "203.0.113.9, 10.0.0.7:",
        "203.0.113.9, 10.0.0.7:x",
        "203.0.113.9, 10.0.0.7:123456",
        "203.0.113.9, 10.0.0.7\u00A0",
        "203.0.113.9, [10.0.0.7]",
        "203.0.113.9, [2001:db8:f::1",
        "203.0.113.9, [2001:db8:f::1]x",
        "203.0.113.9, [2001:db8:f::1%eth0]",
        "203.0.113.9, \"10.0.0.7\"",
        "203.0.113.9, 10.0.0.7\r\nX-Forwarded-For: 1.2.3.4",
      })
  void chainEndsAtWhatIsNoAddress(String header) {
    assertThat(xForwardedFor(header)).isEqualTo(address(PROXY));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "for=203.0.113.9                                             | 203.0.113.9",
        "FOR=203.0.113.9;proto=https;by=10.0.0.1                     | 203.0.113.9",
        "proto=https; for=\"203.0.113.9:4711\" ;host=x              | 203.0.113.9",
        "for=\"[2001:db8::9]:4711\", for=10.0.0.7                    | 2001:db8::9",
        "for=198.51.100.1, for=203.0.113.9;host=\"a,b;for=1.2.3.4\"  | 203.0.113.9",
        "for=203.0.113.9;host=\"a\\\",for=1.2.3.4\"                  | 203.0.113.9",
        "for=203.0.113.9;host=\"a\\\\\", for=10.0.0.7                | 203.0.113.9",
        "for=\"198.51.100.1, for=203.0.113.9                         | 203.0.113.9",
        "for=198.51.100.1;host=\"\\, for=203.0.113.9                 | 203.0.113.9",
        "for=198.51.100.1;x=\\\", for=203.0.113.9                    | 203.0.113.9",
        "host=\", for=203.0.113.9;host=\"x\", for=10.0.0.7           | 203.0.113.9",
        "secret=\"for=1.2.3.4\";for=203.0.113.9                      | 203.0.113.9",
      })
  void lastUntrustedElementOfForwardedIsTheClient(String header, String expected) {
    assertThat(forwarded(header)).isEqualTo(address(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for=203.0.113.9, for=unknown",
        "for=203.0.113.9, for=_hidden",
        "for=203.0.113.9, by=10.0.0.7",
        "for=203.0.113.9, for=10.0.0.7;for=1.2.3.4",
        "for=203.0.113.9, for=10.0.0.7;FOR=10.0.0.7",
        "for=203.0.113.9, for=\"10.0.0.7",
        "for=203.0.113.9, for=10.0.0.7\"",
        "for=203.0.113.9, for=\"10.0.0\\.7\"",
        "for=203.0.113.9, for=\"2001:db8:f::1",
        "for=203.0.113.9, for =10.0.0.7",
        "for=203.0.113.9, for= 10.0.0.7",
        "for=203.0.113.9, 10.0.0.7",
        "for=203.0.113.9, for=",
        "for=203.0.113.9, for=\"\"",
        "for=203.0.113.9, for=\"",
        "for=203.0.113.9, ;;;",
      })
  void chainEndsAtAnElementWithoutOneAddress(String header) {
    assertThat(forwarded(header)).isEqualTo(address(PROXY));
  }

  @Test
  void fieldLinesAreOneListInTheOrderReceived() {
    TrustedProxies proxies = TrustedProxies.of(X_FORWARDED_FOR, PROXIES);

    assertThat(
            ClientAddress.of(
                address(PROXY), List.of("198.51.100.1", CLIENT, "10.0.0.8, 10.0.0.7"), proxies))
        .isEqualTo(address(CLIENT));
    assertThat(ClientAddress.of(address(PROXY), List.of(), proxies)).isEqualTo(address(PROXY));
    assertThat(
            ClientAddress.of(
                address(PROXY),
                List.of("for=\"", "for=" + CLIENT),
                TrustedProxies.of(FORWARDED, PROXIES)))
        .as("a quote left open does not reach into the next line")
        .isEqualTo(address(CLIENT));
  }

  @Test
  void socketCountsUnlessItIsATrustedProxy() throws UnknownHostException {
    List<String> spoofed = List.of("127.0.0.1");
    TrustedProxies proxies = TrustedProxies.of(X_FORWARDED_FOR, PROXIES);

    assertThat(ClientAddress.of(address(PROXY), spoofed, TrustedProxies.none()))
        .isEqualTo(address(PROXY));
    assertThat(ClientAddress.of(address("0.0.0.0"), spoofed, TrustedProxies.none()))
        .isEqualTo(address("0.0.0.0"));
    assertThat(ClientAddress.of(address(CLIENT), spoofed, proxies)).isEqualTo(address(CLIENT));
    assertThat(ClientAddress.of(address("10.0.1.0"), spoofed, proxies))
        .isEqualTo(address("10.0.1.0"));

    byte[] mapped = Arrays.copyOf(new byte[10], 16);
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(address(PROXY).getAddress(), 0, mapped, 12, 4);
    InetAddress mappedProxy = Inet6Address.getByAddress(null, mapped, 0);
    assertThat(ClientAddress.of(mappedProxy, List.of(CLIENT), proxies)).isEqualTo(address(CLIENT));
    assertThat(ClientAddress.of(mappedProxy, List.of(), TrustedProxies.none()))
        .isInstanceOf(Inet4Address.class);
  }

  @Test
  void trustIsGivenByNameAndNotToEverybody() {
    assertThatThrownBy(() -> TrustedProxies.of(FORWARDED))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> TrustedProxies.of(FORWARDED, "10.0.0.1", "0.0.0.0/0"))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> TrustedProxies.of(FORWARDED, "::/0"))
        .isInstanceOf(InvalidInputException.class);
    assertThat(TrustedProxies.none().header()).isEmpty();
    assertThat(TrustedProxies.of(FORWARDED, PROXIES).header())
        .hasValueSatisfying(header -> assertThat(header.fieldName()).isEqualTo("Forwarded"));
  }

  /** Whatever a client writes before what the proxy appends, the proxy's word is what counts. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void nothingLeftOfTheProxysOwnEntryMatters(int seed) {
    Random random = new Random(seed);
    String[] tokens = {
      ",",
      ", ",
      "\"",
      "\\",
      ";",
      "for=",
      "For=\"",
      "[",
      "]",
      ":",
      "10.0.0.7",
      "127.0.0.1",
      "::1",
      "unknown",
      "\r\n",
      "\u0000",
      "\uD83D",
      " ",
      "\t",
      "=",
      "for=10.0.0.7",
      "for=\"[::1]\""
    };
    for (int round = 0; round < 20_000; round++) {
      StringBuilder hostile = new StringBuilder();
      for (int i = random.nextInt(20); i >= 0; i--) {
        hostile.append(tokens[random.nextInt(tokens.length)]);
      }
      assertThat(xForwardedFor(hostile + "," + CLIENT)).isEqualTo(address(CLIENT));
      assertThat(forwarded(hostile + ", for=" + CLIENT)).isEqualTo(address(CLIENT));
      assertThat(forwarded(hostile + ",for=\"" + CLIENT + ":1\";host=\"a,\\\"\",for=10.0.0.7"))
          .isEqualTo(address(CLIENT));
      // Alone it may be anything but an error.
      assertThat(xForwardedFor(hostile.toString())).isNotNull();
      assertThat(forwarded(hostile.toString())).isNotNull();
    }
  }

  @Test
  void hugeHeadersCostNoMoreThanTheirEnd() {
    String commas = ",".repeat(10_000_000);
    String quotes = "\\\"".repeat(5_000_000);
    String trusted = "10.0.0.7,".repeat(1_000_000);

    assertThat(xForwardedFor(commas + CLIENT)).isEqualTo(address(CLIENT));
    assertThat(xForwardedFor("1".repeat(10_000_000))).isEqualTo(address(PROXY));
    assertThat(forwarded(quotes + ",for=" + CLIENT)).isEqualTo(address(CLIENT));
    assertThat(forwarded(quotes)).isEqualTo(address(PROXY));
    assertThat(forwarded("\"" + "\\".repeat(10_000_000) + "\"")).isEqualTo(address(PROXY));
    assertThat(xForwardedFor(CLIENT + "," + trusted + "10.0.0.7"))
        .as("beyond 32 trusted hops nobody is believed")
        .isEqualTo(address("10.0.0.7"));
  }

  private static InetAddress xForwardedFor(String value) {
    TrustedProxies proxies = TrustedProxies.of(X_FORWARDED_FOR, PROXIES);
    return ClientAddress.of(address(PROXY), List.of(value), proxies);
  }

  private static InetAddress forwarded(String value) {
    TrustedProxies proxies = TrustedProxies.of(FORWARDED, PROXIES);
    return ClientAddress.of(address(PROXY), List.of(value), proxies);
  }

  private static InetAddress address(String text) {
    return AddressText.address(java.util.Objects.requireNonNull(AddressText.parse(text)));
  }
}
