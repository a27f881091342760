package io.tenantkit.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1,                                192.0.2.1",
    "192.0.2.1/32,                             192.0.2.1",
    "192.0.2.0/24,                             192.0.2.0/24",
    "0.0.0.0/0,                                0.0.0.0/0",
    "255.255.255.255,                          255.255.255.255",
    "128.0.0.0/1,                              128.0.0.0/1",
    "2001:DB8::/32,                            2001:db8::/32",
    "2001:0db8:0000:0000:0000:0000:0000:0001,  2001:db8::1",
    "::/0,                                     ::/0",
    "::,                                       ::",
    "::1/128,                                  ::1",
    "1::,                                      1::",
    "2001:db8:0:0:1:0:0:1,                     2001:db8::1:0:0:1",
    "1:2:3:4:5:6:7::,                          1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8,                          0:2:3:4:5:6:7:8",
    "64:ff9b::192.0.2.33,                      64:ff9b::c000:221",
    "1:2:3:4:5:6:1.2.3.4,                      1:2:3:4:5:6:102:304",
    "::ffff:192.0.2.1,                         192.0.2.1",
    "::FFFF:c000:0201,                         192.0.2.1",
    "::ffff:192.0.2.0/120,                     192.0.2.0/24",
    "::ffff:0:0/96,                            0.0.0.0/0",
    "0:0:0:0:0:ffff:10.0.0.0/104,              10.0.0.0/8",
    "::192.0.2.1,                              ::c000:201",
    "8000::/1,                                 8000::/1",
    "ffff:ffff:ffff:ffff:8000::/65,            ffff:ffff:ffff:ffff:8000::/65",
  })
  void textIsReadAndGivenBackInItsCanonicalForm(String text, String canonical) {
    AddressRange range = AddressRange.parse(text);

    assertThat(range).hasToString(canonical).isEqualTo(AddressRange.parse(canonical));
    assertThat(range.hashCode()).isEqualTo(AddressRange.parse(canonical).hashCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/",
        "/24",
        "localhost",
        "example.com",
        "192.0.2",
        "192.0.2.0/",
        "192.0.2.0/33",
        "192.0.2.0/-1",
        "192.0.2.0/+8",
        "192.0.2.0/08",
        "192.0.2.0/ 8",
        "192.0.2.0/8/8",
        "192.0.2.0/255.255.255.0",
        "192.0.2.0/99999999999",
        "192.0.2.256",
        "192.0.2.01",
        "0192.0.2.1",
        "0300.0.2.1",
        "0xc0.0.2.1",
        "192.0.2.1.",
        ".192.0.2.1",
        "192..2.1",
        "192.0.2.1.1",
        "3221225985",
        "192.513",
        "192.0.513",
        "192.0.2.*",
        "192.0.2.1-9",
        " 192.0.2.1",
        "192.0.2.1 ",
        "192.0.2.1\n",
        "192.0.2.\u0661",
        "\u2460.0.2.1",
        "192\u3002168\u30020\u30021",
        "192.0.2.1%eth0",
        "192.0.2.1:80",
        ":",
        ":::",
        "1::2::3",
        "::1::",
        ":1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8",
        "12345::",
        "g::",
        "::\uFF11",
        "fe80::1%eth0",
        "fe80::1%1/64",
        "[::1]",
        "::1/129",
        "::1/0128",
        "::ffff:1.2.3.4/95",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1.2.3",
        "::ffff:192.0.2.01",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::ffff:0xc0.0.2.1",
        "2001:db8::/32 ",
      })
  void whatIsNotPlainlyARangeIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "addressRange: an IPv4 or IPv6 address in its plain form, alone or with '/' and a prefix length");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1/8",
        "192.0.2.1/31",
        "0.0.0.1/0",
        "128.0.0.0/0",
        "2001:db8::1/32",
        "::1/0",
        "2001:db8:0:0:8000::/64",
        "::ffff:10.0.0.1/104",
      })
  void bitsBehindThePrefixAreRefused(String text) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("addressRange: no bits set behind the prefix length");
  }

  @Test
  void hugeTextIsRefusedAtOnce() {
    assertThatThrownBy(() -> AddressRange.parse("1:".repeat(5_000_000)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> AddressRange.parse("0".repeat(10_000_000) + ".0.0.1/8"))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void familiesMeetOnlyInMappedAddresses() throws UnknownHostException {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = 10;
    InetAddress mappedWithZone = Inet6Address.getByAddress(null, mapped, 3);

    assertThat(AddressRange.parse("10.0.0.0/8").contains(mappedWithZone)).isTrue();
    assertThat(AddressRange.of(mappedWithZone)).isEqualTo(AddressRange.parse("10.0.0.0"));
    assertThat(AddressRange.parse("::/0").contains(mappedWithZone)).isFalse();
    assertThat(AddressRange.parse("::/0").contains(InetAddress.getByName("10.0.0.0"))).isFalse();
    assertThat(AddressRange.parse("0.0.0.0/0").contains(InetAddress.getByName("::"))).isFalse();
    assertThat(AddressRange.parse("0.0.0.0/0").contains(InetAddress.getByName("::10.0.0.0")))
        .as("an IPv4-compatible address is not that IPv4 address")
        .isFalse();
  }

  /** Against arithmetic on whole numbers, and against how Java reads the same literal. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void containsWhatSharesThePrefix(int seed) throws UnknownHostException {
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] base = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(base);
      int bits = base.length * 8;
      int prefix = random.nextInt(bits + 1);
      BigInteger network = number(base).shiftRight(bits - prefix).shiftLeft(bits - prefix);
      InetAddress first = InetAddress.getByAddress(bytes(network, base.length));
      AddressRange range = AddressRange.parse(first.getHostAddress() + "/" + prefix);
      byte[] asked = base.clone();
      int flipped = random.nextInt(bits);
      asked[flipped / 8] ^= (byte) (0x80 >> flipped % 8);

      assertThat(range.contains(InetAddress.getByAddress(base))).isTrue();
      assertThat(range.contains(InetAddress.getByAddress(asked))).isEqualTo(flipped >= prefix);
      assertThat(range.prefixLength()).isEqualTo(prefix);
      assertThat(range.isIpv6()).isEqualTo(bits == 128);
      assertThat(AddressRange.parse(range.toString())).isEqualTo(range);
      assertThat(InetAddress.getByName(range.toString().replaceFirst("/.*", ""))).isEqualTo(first);
    }
  }

  /** What is accepted after one change means what it says: Java reads the same address in it. */
  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void mutatedTextIsRefusedOrReadAsJavaReadsIt(int seed) throws UnknownHostException {
    Random random = new Random(seed);
    String[] seeds = {"192.0.2.10", "2001:db8::7:1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"};
    String alphabet = "0123456789abcdefF:./% x";
    int accepted = 0;
    for (int round = 0; round < 50_000; round++) {
      StringBuilder text = new StringBuilder(seeds[random.nextInt(seeds.length)]);
      for (int i = random.nextInt(3); i >= 0; i--) {
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, c);
          case 1 -> text.insert(at, c);
          default -> text.deleteCharAt(at);
        }
      }
      byte[] read = AddressText.parse(text.toString());
      if (read != null) {
        accepted++;
        assertThat(read).isEqualTo(InetAddress.getByName(text.toString()).getAddress());
      }
    }
    assertThat(accepted).isGreaterThan(1_000);
  }

  private static BigInteger number(byte[] bytes) {
    return new BigInteger(1, bytes);
  }

  private static byte[] bytes(BigInteger number, int length) {
    byte[] signed = number.toByteArray();
    byte[] bytes = new byte[length];
    byte[] tail = Arrays.copyOfRange(signed, Math.max(0, signed.length - length), signed.length);
    System.arraycopy(tail, 0, bytes, length - tail.length, tail.length);
    return bytes;
  }
}
