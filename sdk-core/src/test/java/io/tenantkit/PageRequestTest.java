package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageRequestTest {

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1_001, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void limitIsBounded(int limit) {
    assertThatThrownBy(() -> PageRequest.first(limit))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("limit: 1 to 1000");
  }

  @Test
  void firstPageStartsNowhere() {
    assertThat(PageRequest.first(1).afterId()).isNull();
    assertThat(PageRequest.first(1_000).limit()).isEqualTo(1_000);
  }

  @Test
  void cursorsLeadThroughAllRowsOnce() {
    List<String> rows = IntStream.range(100, 110).mapToObj(i -> "Key_" + i + ".~'%").toList();
    PageRequest request = PageRequest.first(3);
    Page<String> page = pageOf(rows, request);
    Stream.Builder<String> visited = Stream.builder();
    page.items().forEach(visited);
    while (page.next().isPresent()) {
      request = request.after(page.next().get());
      assertThat(request.afterId()).isEqualTo(page.items().get(2));
      page = pageOf(rows, request);
      page.items().forEach(visited);
    }

    assertThat(visited.build()).containsExactlyElementsOf(rows);
  }

  @Test
  void lastPageHasNoCursorAlsoWhenItIsFull() {
    assertThat(pageOf(List.of("a", "b"), PageRequest.first(2)).next()).isEmpty();
    assertThat(pageOf(List.of("a", "b", "c"), PageRequest.first(2)).next()).isPresent();
    assertThat(pageOf(List.of(), PageRequest.first(2)).items()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("garbage")
  void cursorThatNoPageGaveIsRefusedWithoutQuotingIt(String cursor) {
    assertThatThrownBy(() -> PageRequest.first(10).after(cursor).afterId())
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("cursor: a cursor that a page gave");
  }

  static Stream<String> garbage() {
    return Stream.of(
        "",
        "!",
        "A",
        "a b",
        "a+b/",
        "\u0000",
        "\uD83D\uDE80",
        "x".repeat(1_025),
        "x".repeat(10_000_000),
        base64("a\u0000b".getBytes(StandardCharsets.UTF_8)),
        base64("line\nbreak".getBytes(StandardCharsets.UTF_8)),
        base64("\u0130".getBytes(StandardCharsets.UTF_8)),
        base64(new byte[] {(byte) 0xFF, (byte) 0xFE}),
        base64(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}));
  }

  @Test
  void cursorOfAnotherListingOnlyNamesAPlaceInThisOne() {
    String foreign = pageOf(List.of("evt_1", "evt_2"), PageRequest.first(1)).next().orElseThrow();

    assertThat(PageRequest.first(10).after(foreign).afterId()).isEqualTo("evt_1");
  }

  @Test
  void pageDoesNotChangeWithTheListItWasMadeOf() {
    List<String> rows = new java.util.ArrayList<>(List.of("a", "b"));
    Page<String> page = new Page<>(rows, Optional.empty());
    rows.clear();

    assertThat(page.items()).containsExactly("a", "b");
  }

  private static Page<String> pageOf(List<String> rows, PageRequest request) {
    String after = request.afterId();
    return request.page(
        rows.stream()
            .filter(row -> after == null || row.compareTo(after) > 0)
            .limit(request.limit() + 1L)
            .toList(),
        Function.identity());
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
