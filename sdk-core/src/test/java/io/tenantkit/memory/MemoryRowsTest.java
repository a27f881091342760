package io.tenantkit.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemoryRowsTest {
  private static final byte[] LINK = new byte[32];

  private final MemoryRows rows = new MemoryRows();

  private static byte[] text(String id, long seq) {
    return StoredAuditEvent.text(
        new AuditEvent(
            id,
            OrganizationId.of("acme"),
            Instant.EPOCH,
            Actor.host("test"),
            "tested",
            "thing",
            "thing_1",
            Map.of("padding", "x".repeat((int) (seq % 500)))),
        seq);
  }

  private Runnable add(String id) {
    return rows.add(id, LINK, text(id, rows.lastSeq() + 1));
  }

  /** Against a plain map: ids of every order, undone additions and removals, over many blocks. */
  @Test
  void findsEveryIdThatIsThereAndNoOther() {
    Random random = new Random(7);
    Map<Long, String> model = new LinkedHashMap<>();
    for (int i = 0; i < 4_000; i++) {
      String id = "evt_" + (random.nextInt(4) == 0 ? random.nextInt(100_000) : 100_000 + i);
      if (rows.has(id)) {
        assertThat(model).containsValue(id);
        continue;
      }
      assertThat(model).doesNotContainValue(id);
      Runnable undo = add(id);
      if (random.nextInt(10) == 0) {
        undo.run();
        assertThat(rows.has(id)).isFalse();
      } else {
        model.put(rows.lastSeq(), id);
      }
      if (i % 1_000 == 999) {
        long to = rows.firstSeq() + 400;
        Runnable back = rows.removeThrough(to);
        if (i % 2_000 == 999) {
          back.run();
        } else {
          model.keySet().removeIf(seq -> seq <= to);
        }
      }
    }
    assertThat(rows.firstSeq()).isGreaterThan(1);
    List<String> ids = new ArrayList<>();
    for (long seq = rows.firstSeq(); seq <= rows.lastSeq(); seq++) {
      StoredAuditEvent row = MemoryChain.row(rows.get(seq));
      assertThat(row.seq()).isEqualTo(seq);
      ids.add(row.id());
    }
    assertThat(ids).containsExactlyElementsOf(model.values());
    assertThat(ids).allMatch(rows::has);
  }

  @Test
  void aRowLargerThanABlockHasOneOfItsOwn() {
    byte[] large = new byte[3_000_000];
    rows.add("evt_1", LINK, large).run();
    assertThat(rows.has("evt_1")).isFalse();
    rows.add("evt_2", LINK, large);
    assertThat(rows.get(1)).hasSize(LINK.length + large.length);
  }
}
