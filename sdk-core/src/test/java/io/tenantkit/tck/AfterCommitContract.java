package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.tenant.TenantContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** When the hooks of a joined transaction fire. */
public abstract class AfterCommitContract extends StorageContract {
  @Test
  void hooksFireOnceAfterCommitInOrder() {
    List<String> fired = new ArrayList<>();

    harness.inTransaction(
        acme,
        joined -> {
          afterCommit(joined, () -> fired.add("first"));
          harness.nested(
              joined,
              inner -> {
                afterCommit(inner, () -> fired.add("second"));
                return null;
              });
          afterCommit(joined, () -> fired.add("third"));
          assertThat(fired).isEmpty();
          return null;
        });
    harness.inTransaction(acme, joined -> addKey(joined, "key_1"));

    assertThat(fired).containsExactly("first", "second", "third");
  }

  @Test
  void hookFindsWhatWasCommitted() {
    AtomicReference<List<String>> seen = new AtomicReference<>(List.of());

    harness.inTransaction(
        acme,
        joined -> {
          afterCommit(joined, () -> seen.set(keyIds(acme)));
          return addKey(joined, "key_1");
        });

    assertThat(seen.get()).containsExactly("key_1");
  }

  @Test
  void hooksNeverFireAfterRollback() {
    List<String> fired = new ArrayList<>();

    fails(acme, joined -> afterCommit(joined, () -> fired.add("hook")));
    harness.inTransaction(acme, joined -> addKey(joined, "key_1"));

    assertThat(fired).isEmpty();
  }

  @Test
  void hooksOfAnUndoneSavepointNeverFire() {
    List<String> fired = new ArrayList<>();

    harness.inTransaction(
        acme,
        joined -> {
          afterCommit(joined, () -> fired.add("outer"));
          assertThatThrownBy(
                  () ->
                      harness.nested(
                          joined,
                          inner -> {
                            afterCommit(inner, () -> fired.add("inner"));
                            throw new HostFailure();
                          }))
              .isInstanceOf(HostFailure.class);
          return null;
        });

    assertThat(fired).containsExactly("outer");
  }

  private void fails(TenantContext context, java.util.function.Consumer<TenantContext> work) {
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    context,
                    joined -> {
                      work.accept(joined);
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);
  }

  private static void afterCommit(TenantContext joined, Runnable action) {
    joined.transaction().orElseThrow().afterCommit(action);
  }
}
