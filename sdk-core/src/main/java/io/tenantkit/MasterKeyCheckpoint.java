package io.tenantkit;

import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.spi.PlaneRuntime;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Refuses to start with other master keys than the storage was written with, before anything is
 * written: found late, a lost key has by then sealed new rows beside old ones that no longer open.
 */
final class MasterKeyCheckpoint {
  private MasterKeyCheckpoint() {}

  static void pass(PlaneRuntime runtime) {
    MasterKeys given = runtime.masterKeys();
    MasterKeyStore store = runtime.coreStores().masterKeys();
    List<MasterKeyCheck> known = store.list();
    refuseOthers(given, known);
    boolean recorded = false;
    for (String id : given.ids()) {
      if (known.stream().noneMatch(check -> check.id().equals(id))) {
        store.recordIfAbsent(new MasterKeyCheck(id, given.checkValue(id), runtime.now()));
        recorded = true;
      }
    }
    if (recorded) {
      // Another node may have started for the first time at the same moment, with other keys.
      refuseOthers(given, store.list());
    }
  }

  private static void refuseOthers(MasterKeys given, List<MasterKeyCheck> known) {
    Set<String> missing = new TreeSet<>();
    for (MasterKeyCheck check : known) {
      if (!given.ids().contains(check.id())) {
        missing.add(check.id());
      } else if (!given.matches(check.id(), check.checkValue())) {
        throw mismatch(
            "the key given as " + check.id() + " is another key than the storage knows by that id");
      }
    }
    if (!missing.isEmpty()) {
      throw mismatch(
          "the storage was written with "
              + missing
              + ", the keys given are "
              + new TreeSet<>(given.ids())
              + "; give the old key as current, or as previous when it is being replaced");
    }
  }

  private static TenantkitException mismatch(String what) {
    return new TenantkitException(ErrorCode.MASTER_KEY_MISMATCH, "master key mismatch: " + what);
  }
}
