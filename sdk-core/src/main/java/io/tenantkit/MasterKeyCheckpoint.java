package io.tenantkit;

import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.spi.MasterKeyStore.RetiredMasterKey;
import io.tenantkit.spi.PlaneRuntime;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Refuses to start with other master keys than the storage was written with, before anything is
 * written: found late, a lost key has by then sealed new rows beside old ones that no longer open.
 */
final class MasterKeyCheckpoint {
  private static final int ATTEMPTS = 16;

  private MasterKeyCheckpoint() {}

  static void pass(PlaneRuntime runtime) {
    MasterKeys given = runtime.masterKeys();
    MasterKeyStore store = runtime.coreStores().masterKeys();
    for (int attempt = 1; ; attempt++) {
      List<MasterKeyCheck> known = store.list();
      refuseOthers(given, known);
      Set<String> retired = retired(given, store);
      Set<String> ids = known.stream().map(MasterKeyCheck::id).collect(Collectors.toSet());
      List<MasterKeyCheck> added =
          given.ids().stream()
              .filter(id -> !ids.contains(id) && !retired.contains(id))
              .map(id -> new MasterKeyCheck(id, given.checkValue(id), runtime.now()))
              .toList();
      if (added.isEmpty() || store.record(added, ids)) {
        return;
      }
      if (attempt == ATTEMPTS) {
        throw mismatch("other nodes keep recording keys of their own");
      }
      // Another node started for the first time at the same moment, perhaps with other keys.
    }
  }

  /** One that was retired may still be given as a previous one, and is not demanded by that. */
  private static Set<String> retired(MasterKeys given, MasterKeyStore store) {
    Set<String> retired = new TreeSet<>();
    for (RetiredMasterKey each : store.retired()) {
      String id = each.check().id();
      retired.add(id);
      if (given.currentId().equals(id)) {
        throw mismatch("the current key " + id + " was retired; give the one that replaced it");
      }
      if (given.ids().contains(id) && !given.checkValue(id).equals(each.check().checkValue())) {
        throw anotherKey(id);
      }
    }
    return retired;
  }

  private static TenantkitException anotherKey(String id) {
    return mismatch("the key given as " + id + " is another key than the storage knows by that id");
  }

  private static void refuseOthers(MasterKeys given, List<MasterKeyCheck> known) {
    Set<String> missing = new TreeSet<>();
    for (MasterKeyCheck check : known) {
      if (!given.ids().contains(check.id())) {
        missing.add(check.id());
      } else if (!given.matches(check.id(), check.checkValue())) {
        throw anotherKey(check.id());
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
