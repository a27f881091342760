package io.tenantkit.vault;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.KeysReport.ErasureState;
import io.tenantkit.vault.KeysReport.KeyState;
import io.tenantkit.vault.KeysReport.MasterKeyState;
import io.tenantkit.vault.KeysReport.MasterKeyStatus;
import io.tenantkit.vault.KeysReport.OrganizationKeys;
import io.tenantkit.vault.spi.OrganizationKeyStore.Counted;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Looks at keys and says what should be done about them. Changes nothing. */
final class KeysDoctor {
  private final PlaneRuntime runtime;
  private final VaultStores stores;
  private final OrganizationKeyRing ring;
  private final Erasures erasures;
  private final MasterKeyRewrapping organizations;
  private final Optional<ErasureList> list;

  KeysDoctor(
      PlaneRuntime runtime,
      VaultStores stores,
      OrganizationKeyRing ring,
      Erasures erasures,
      MasterKeyRewrapping organizations,
      Optional<ErasureList> list) {
    this.runtime = runtime;
    this.stores = stores;
    this.ring = ring;
    this.erasures = erasures;
    this.organizations = organizations;
    this.list = list;
  }

  OrganizationKeys look(TenantContext context) {
    Instant now = runtime.now();
    List<KeyState> keys = keys(context, now);
    boolean erased = stores.erasures().isErased(context);
    long old = versionsUnderOldKeys(keys);
    List<ErasureState> states = states(erasures.list(context));
    List<ReadinessIssue> problems = new ArrayList<>();
    if (keys.stream().anyMatch(key -> !key.masterKeyId().equals(current()))) {
      problems.add(underOldMasterKeys(1));
    }
    if (keys.stream().anyMatch(KeyState::due)) {
      problems.add(due(1));
    }
    if (old > 0) {
      problems.add(underOldKeys(old));
    }
    if (erased && !keys.isEmpty()) {
      problems.add(revived());
    }
    judge(states, problems);
    return new OrganizationKeys(context.organization(), now, erased, keys, old, states, problems);
  }

  private List<KeyState> keys(TenantContext context, Instant now) {
    List<Counted> counted = stores.organizationKeys().ring(context);
    if (counted.isEmpty()) {
      return List.of();
    }
    Map<String, Long> versions = stores.secretRewraps().counts(context);
    List<KeyState> keys = new ArrayList<>();
    for (int i = 0; i < counted.size(); i++) {
      Counted each = counted.get(i);
      keys.add(
          new KeyState(
              each.key().number(),
              each.key().keyId(),
              each.key().masterKeyId(),
              each.key().createdAt(),
              Duration.between(each.key().createdAt(), now),
              each.encryptions(),
              versions.getOrDefault(each.key().keyId(), 0L),
              i == counted.size() - 1 && ring.isDue(each, now)));
    }
    return keys;
  }

  private static long versionsUnderOldKeys(List<KeyState> keys) {
    return keys.stream().limit(Math.max(0, keys.size() - 1)).mapToLong(KeyState::versions).sum();
  }

  KeysReport look(Operator operator) {
    Instant now = runtime.now();
    Tally tally = new Tally();
    organizations.each(operator, context -> tally.add(context, keys(context, now)));
    List<ErasureState> states = states(erasures.list(operator));
    List<ReadinessIssue> problems = new ArrayList<>();
    if (tally.underOldMasterKeys > 0) {
      problems.add(underOldMasterKeys(tally.underOldMasterKeys));
    }
    List<MasterKeyState> masterKeys = masterKeys(tally.byMasterKey);
    masterKeys.stream()
        .filter(key -> key.status() == MasterKeyStatus.PREVIOUS && key.organizationKeys() == 0)
        .forEach(key -> problems.add(unusedMasterKey(key.id())));
    if (tally.due > 0) {
      problems.add(due(tally.due));
    }
    if (tally.versionsUnderOldKeys > 0) {
      problems.add(underOldKeys(tally.versionsUnderOldKeys));
    }
    if (tally.revived > 0) {
      problems.add(revived());
    }
    judge(states, problems);
    return new KeysReport(
        now,
        masterKeys,
        tally.organizations,
        tally.keys,
        tally.underOldMasterKeys,
        tally.due,
        tally.versionsUnderOldKeys,
        states,
        problems);
  }

  private final class Tally {
    private final Map<String, Long> byMasterKey = new TreeMap<>();
    private long organizations;
    private long keys;
    private long underOldMasterKeys;
    private long due;
    private long versionsUnderOldKeys;
    private long revived;

    void add(TenantContext context, List<KeyState> found) {
      organizations++;
      keys += found.size();
      found.forEach(key -> byMasterKey.merge(key.masterKeyId(), 1L, Long::sum));
      underOldMasterKeys += count(found.stream().anyMatch(k -> !k.masterKeyId().equals(current())));
      due += count(found.stream().anyMatch(KeyState::due));
      versionsUnderOldKeys += versionsUnderOldKeys(found);
      revived += count(!found.isEmpty() && stores.erasures().isErased(context));
    }

    private static long count(boolean is) {
      return is ? 1 : 0;
    }
  }

  private List<MasterKeyState> masterKeys(Map<String, Long> used) {
    MasterKeyStore store = runtime.coreStores().masterKeys();
    List<MasterKeyState> states = new ArrayList<>();
    for (MasterKeyCheck check : store.list()) {
      boolean isCurrent = check.id().equals(current());
      MasterKeyState state =
          new MasterKeyState(
              check.id(),
              isCurrent ? MasterKeyStatus.CURRENT : MasterKeyStatus.PREVIOUS,
              check.firstSeen(),
              used.getOrDefault(check.id(), 0L));
      states.add(isCurrent ? 0 : states.size(), state);
    }
    store
        .retired()
        .forEach(
            each ->
                states.add(
                    new MasterKeyState(
                        each.check().id(),
                        MasterKeyStatus.RETIRED,
                        each.at(),
                        used.getOrDefault(each.check().id(), 0L))));
    return states;
  }

  private List<ErasureState> states(List<Erasure> found) {
    List<MasterKeyCheck> known = runtime.coreStores().masterKeys().list();
    return found.stream()
        .map(
            each -> new ErasureState(each, erasures.isGenuine(each), erasures.isFinal(each, known)))
        .toList();
  }

  private void judge(List<ErasureState> states, List<ReadinessIssue> problems) {
    if (states.stream().anyMatch(each -> !each.isGenuine())) {
      problems.add(
          new ReadinessIssue(
              "keys.erasure-forged",
              "An erasure's record was not signed by this installation. Somebody wrote to the"
                  + " table of erasures."));
    }
    long open = states.stream().filter(each -> !each.isFinal()).count();
    if (open > 0) {
      problems.add(
          new ReadinessIssue(
              "keys.erasure-not-final",
              open
                  + " erasures are not final: a backup from before them opens with a master key that"
                  + " is in use. "
                  + (list.isPresent()
                      ? "They hold as long as the erasure list is kept."
                      : "Keep an erasure list outside of the database.")
                  + " Replace the master keys of that time, retire and destroy them."));
    }
  }

  private String current() {
    return runtime.masterKeys().currentId();
  }

  private static ReadinessIssue underOldMasterKeys(long organizations) {
    return new ReadinessIssue(
        "keys.old-master-key",
        organizations
            + " organizations have keys under a previous master key. Run rewrapMasterKey.");
  }

  private static ReadinessIssue unusedMasterKey(String id) {
    return new ReadinessIssue(
        "keys.master-key-unused",
        "The previous master key " + id + " wraps no organization's key. Retire it.");
  }

  private static ReadinessIssue due(long organizations) {
    return new ReadinessIssue(
        "keys.rotation-due",
        organizations
            + " organizations have a newest key that is due for rotation. The due work rotates it.");
  }

  private static ReadinessIssue underOldKeys(long versions) {
    return new ReadinessIssue(
        "keys.old-organization-key",
        versions + " secret versions are under an older key. Run rewrapSecrets.");
  }

  private static ReadinessIssue revived() {
    return new ReadinessIssue(
        "keys.erasure-revived",
        "An erased organization has keys again: a backup was restored. Run applyErasures.");
  }
}
