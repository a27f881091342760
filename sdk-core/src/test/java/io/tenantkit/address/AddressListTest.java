package io.tenantkit.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressListTest {

  @Test
  void anywhereAdmitsEveryAddressAndAloneCoversItself() throws UnknownHostException {
    AddressList everyV4AndV6 = AddressList.of("0.0.0.0/0", "::/0");

    assertThat(AddressList.of()).isSameAs(AddressList.anywhere()).hasToString("anywhere");
    assertThat(AddressList.anywhere().contains(InetAddress.getByName("192.0.2.1"))).isTrue();
    assertThat(AddressList.anywhere().contains(new byte[16])).isTrue();
    assertThat(AddressList.anywhere().covers(AddressList.anywhere())).isTrue();
    assertThat(AddressList.anywhere().covers(everyV4AndV6)).isTrue();
    assertThat(everyV4AndV6.covers(AddressList.anywhere())).isFalse();
    assertThat(everyV4AndV6.covers(everyV4AndV6)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,                   10.1.2.0/24,              true",
    "10.1.2.0/24,                  10.0.0.0/8,               false",
    "10.0.0.0/9 10.128.0.0/9,      10.0.0.0/8,               true",
    "10.0.0.0/9 10.128.0.1,        10.0.0.0/8,               false",
    "10.0.0.0/9 10.129.0.0/16,     10.0.0.0/8,               false",
    "10.0.0.0/8 192.0.2.0/24,      10.9.9.9 192.0.2.7,       true",
    "10.0.0.0/8 192.0.2.0/24,      10.9.9.9 192.0.3.7,       false",
    "0.0.0.0/0,                    ::/0,                     false",
    "::/0,                         0.0.0.0/0,                false",
    "::/0,                         10.0.0.1,                 false",
    "0.0.0.0/1 128.0.0.0/1,        0.0.0.0/0,                true",
    "::/1 8000::/1,                ::/0,                     true",
    "255.255.255.255,              0.0.0.0,                  false",
    "255.255.255.255 ::,           255.255.255.255,          true",
    "2001:db8::/33 2001:db8:8000::/33, 2001:db8::/32,        true",
    "0:0:0:1::/64 ::/64,           ::/63,                    true",
    "::ffff:10.0.0.0/104,          10.2.3.4,                 true",
  })
  void coversWhatItsRangesTogetherAdmit(String mine, String theirs, boolean covered) {
    assertThat(list(mine).covers(list(theirs))).isEqualTo(covered);
  }

  @Test
  void boundsAreExact() {
    List<String> full = IntStream.range(0, 64).mapToObj(i -> "192.0.2." + i).toList();
    assertThat(AddressList.parse(full).ranges()).hasSize(64);

    List<String> more = new ArrayList<>(full);
    more.add("192.0.2.64");
    assertThatThrownBy(() -> AddressList.parse(more))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("addresses: at most 64 ranges");
    assertThatThrownBy(() -> AddressList.of(more.stream().map(AddressRange::parse).toList()))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> AddressList.of("10.0.0.1").contains(new byte[5]))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> AddressList.anywhere().contains(new byte[0]))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void isSortedWithoutRepeatsEqualByRangesAndCannotBeChanged() {
    AddressList list = AddressList.of("2001:db8::/32", "10.0.0.0/8", "::ffff:10.0.0.0/104");

    assertThat(list).hasToString("[10.0.0.0/8, 2001:db8::/32]");
    assertThat(list.toList()).containsExactly("10.0.0.0/8", "2001:db8::/32");
    assertThat(list).isEqualTo(AddressList.of("10.0.0.0/8", "2001:DB8::/32"));
    assertThat(list).hasSameHashCodeAs(AddressList.of("10.0.0.0/8", "2001:DB8::/32"));
    assertThatThrownBy(() -> list.ranges().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  /** On two small blocks, at an end and in the middle of a family, every address is asked for. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void admitsAndCoversAsTheBruteForceDoes(int seed) throws UnknownHostException {
    Random random = new Random(seed);
    String[] blocks = {"192.0.2.", "255.255.255."};
    for (int round = 0; round < 300; round++) {
      AddressList mine = AddressList.of(drawn(random, blocks));
      AddressList theirs = AddressList.of(drawn(random, blocks));
      boolean covered = true;
      for (String block : blocks) {
        for (int last = 0; last < 256; last++) {
          InetAddress address = InetAddress.getByName(block + last);
          boolean admitted = mine.ranges().stream().anyMatch(range -> range.contains(address));
          assertThat(mine.contains(address)).isEqualTo(admitted);
          assertThat(mine.contains(address.getAddress())).isEqualTo(admitted);
          covered &= admitted || !theirs.contains(address);
        }
      }
      assertThat(mine.covers(theirs)).isEqualTo(covered);
    }
  }

  private static List<AddressRange> drawn(Random random, String[] blocks) {
    List<AddressRange> ranges = new ArrayList<>();
    for (int i = random.nextInt(40); i >= 0; i--) {
      int prefix = 26 + random.nextInt(7);
      int last = random.nextInt(256) & (-1 << (32 - prefix));
      ranges.add(AddressRange.parse(blocks[random.nextInt(2)] + last + "/" + prefix));
    }
    return ranges;
  }

  private static AddressList list(String texts) {
    return AddressList.of(texts.split(" "));
  }
}
