package io.tenantkit.vault.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.address.AddressRange;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every family of special address, judged as a number. */
class AddressGuardTest {
  private static final AddressGuard STRICT = new AddressGuard(List.of(), false);

  private static InetAddress address(String text) throws Exception {
    return InetAddress.getByName(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // this network, private, shared, loopback, link-local
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        // metadata
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "192.0.0.192",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        // protocol assignments, documentation, relays, benchmarking, multicast, reserved
        "192.0.0.1",
        "192.0.0.9",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        // IPv6: unspecified, loopback, IPv4-mapped, -compatible and -translated
        "::",
        "::1",
        "::2",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "::ffff:0:8.8.8.8",
        // NAT64, local NAT64, 6to4, Teredo, discard
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::7f00:1",
        "64:ff9b:1:7f00:0:100::",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2002:808:808::",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "100::1",
        "100:0:0:1::1",
        // other assignments within and beside the public part
        "2001:1::1",
        "2001:2::1",
        "2001:3::1",
        "2001:4:112::1",
        "2001:10::1",
        "2001:20::1",
        "2001:30::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "4000::1",
        // ULA, link-local, site-local, multicast
        "fc00::1",
        "fd12:3456:789a::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        // ISATAP within a public prefix
        "2a00:1450::5efe:7f00:1",
        "2a00:1450::200:5efe:a9fe:a9fe",
      })
  void isRefused(String text) throws Exception {
    assertThat(STRICT.admits(address(text))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "126.255.255.255",
        "128.0.0.1",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700::1111",
        "2a00:1450::5efe:808:808",
      })
  void isAdmitted(String text) throws Exception {
    assertThat(STRICT.admits(address(text))).isTrue();
  }

  /** The JDK keeps a mapped address as 16 bytes when it is told to. */
  @Test
  void aMappedAddressOfSixteenBytesIsTheIpv4Address() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = 127;
    mapped[15] = 1;
    InetAddress address = java.net.Inet6Address.getByAddress(null, mapped, -1);
    assertThat(address.getAddress()).hasSize(16);
    assertThat(STRICT.admits(address)).isFalse();
  }

  @Test
  void theHostsOwnRangesAreOpenAndNothingBeside() throws Exception {
    AddressGuard guard =
        new AddressGuard(
            List.of(AddressRange.parse("10.1.0.0/16"), AddressRange.parse("fd12::/16")), false);
    assertThat(guard.admits(address("10.1.2.3"))).isTrue();
    assertThat(guard.admits(address("::ffff:10.1.2.3"))).isTrue();
    assertThat(guard.admits(address("fd12::1"))).isTrue();
    assertThat(guard.admits(address("10.2.0.1"))).isFalse();
    assertThat(guard.admits(address("127.0.0.1"))).isFalse();
    assertThat(guard.admits(address("::1"))).isFalse();
    assertThat(guard.admits(address("fd13::1"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "192.0.0.192",
        "100.100.100.200",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "ff02::1"
      })
  void noRangeOpensMetadata(String text) throws Exception {
    AddressGuard all =
        new AddressGuard(
            List.of(AddressRange.parse("0.0.0.0/0"), AddressRange.parse("::/0")), true);
    assertThat(all.admits(address("10.0.0.1"))).isTrue();
    assertThat(all.admits(address(text))).isFalse();
  }

  /** A range of a translation prefix opens what is behind it only as far as that is open. */
  @Test
  void anEmbeddedAddressIsJudgedTooWhereItsPrefixIsAllowed() throws Exception {
    AddressGuard guard =
        new AddressGuard(
            List.of(
                AddressRange.parse("64:ff9b::/96"),
                AddressRange.parse("64:ff9b:1::/48"),
                AddressRange.parse("2002::/16"),
                AddressRange.parse("2001::/32")),
            false);
    assertThat(guard.admits(address("64:ff9b::808:808"))).isTrue();
    assertThat(guard.admits(address("64:ff9b::a00:1"))).isFalse();
    assertThat(guard.admits(address("64:ff9b:1:808:8:800::"))).isFalse();
    assertThat(guard.admits(address("2002:808:808::1"))).isTrue();
    assertThat(guard.admits(address("2002:7f00:1::1"))).isFalse();
    // Teredo's client 127.0.0.1, every bit turned.
    assertThat(guard.admits(address("2001:0:808:808::80ff:fffe"))).isFalse();
    assertThat(guard.admits(address("2001:0:808:808::f7f7:f7f7"))).isTrue();
  }

  @Test
  void loopbackIsOpenByTheSwitchOnly() throws Exception {
    AddressGuard guard = new AddressGuard(List.of(), true);
    assertThat(guard.admits(address("127.0.0.1"))).isTrue();
    assertThat(guard.admits(address("::1"))).isTrue();
    assertThat(guard.admits(address("10.0.0.1"))).isFalse();
    assertThat(guard.admits(address("::ffff:0:127.0.0.1"))).isFalse();
  }
}
