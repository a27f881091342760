package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Erasure.ErasedKey;
import io.tenantkit.vault.spi.ErasureStore.StoredErasure;
import io.tenantkit.vault.spi.OrganizationKeyStore.Counted;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Destroys keys for ever and keeps the signed records of it. A record is in the list outside of the
 * database before anything is destroyed: a crash between the two leaves an erasure that the next
 * start completes, and never one that a restored backup would revive.
 */
final class Erasures {
  private static final Logger LOG = LoggerFactory.getLogger(Erasures.class);
  private static final Actor SYSTEM = new Actor(Actor.Kind.SYSTEM, "tenantkit.vault");
  private static final int PAGE = 1_000;

  private final PlaneRuntime runtime;
  private final VaultStores stores;
  private final OrganizationKeyRing ring;
  private final ErasureSigner signer;
  private final Optional<ErasureList> list;

  Erasures(
      PlaneRuntime runtime,
      VaultStores stores,
      OrganizationKeyRing ring,
      ErasureSigner signer,
      Optional<ErasureList> list) {
    this.runtime = runtime;
    this.stores = stores;
    this.ring = ring;
    this.signer = signer;
    this.list = list;
  }

  Erasure organization(TenantContext context, String reason) {
    Optional<Erasure> before =
        list(context).stream().filter(each -> each.secret().isEmpty()).findFirst();
    if (before.isPresent() && stores.organizationKeys().ring(context).isEmpty()) {
      return before.get();
    }
    List<ErasedKey> keys = keys(stores.organizationKeys().ring(context));
    Erasure erasure = sign(context, Optional.empty(), reason, keys);
    list.ifPresent(each -> each.append(erasure));
    Optional<List<String>> destroyed = destroy(context, erasure);
    Set<String> named = keys.stream().map(ErasedKey::keyId).collect(Collectors.toSet());
    if (!named.containsAll(destroyed.orElse(List.of()))) {
      // A key was made while this was signed. It is gone too, and is told of as well.
      String masterKey = runtime.masterKeys().currentId();
      List<ErasedKey> more =
          destroyed.orElseThrow().stream()
              .filter(id -> !named.contains(id))
              .map(id -> new ErasedKey(id, masterKey))
              .toList();
      Erasure rest = sign(context, Optional.empty(), reason, more);
      list.ifPresent(each -> each.append(rest));
      destroy(context, rest);
    }
    return erasure;
  }

  Erasure secret(TenantContext context, Secret secret, String reason) {
    Set<String> under = stores.secretRewraps().counts(context, secret.id().value()).keySet();
    List<ErasedKey> keys =
        keys(
            stores.organizationKeys().ring(context).stream()
                .filter(each -> under.contains(each.key().keyId()))
                .toList());
    Erasure erasure = sign(context, Optional.of(secret.id()), reason, keys);
    list.ifPresent(each -> each.append(erasure));
    if (!destroySecret(context, erasure)) {
      throw new NotFoundException("secret");
    }
    return erasure;
  }

  private static List<ErasedKey> keys(List<Counted> ring) {
    return ring.stream()
        .map(each -> new ErasedKey(each.key().keyId(), each.key().masterKeyId()))
        .toList();
  }

  private Erasure sign(
      TenantContext context, Optional<SecretId> secret, String reason, List<ErasedKey> keys) {
    WrappedKey key = signer.key();
    return signer.sign(
        new Erasure(
            runtime.ids().next("ers"),
            context.organization(),
            secret,
            runtime.now(),
            context.actor(),
            reason,
            keys,
            runtime.coreStores().masterKeys().list().stream().map(MasterKeyCheck::id).toList(),
            key.id(),
            Base64.getEncoder().encodeToString(key.wrapped()),
            ""),
        key);
  }

  private Optional<List<String>> destroy(TenantContext context, Erasure erasure) {
    Optional<List<String>> destroyed =
        stores
            .erasures()
            .eraseOrganization(
                context, stored(erasure), event(context, erasure, "organization.erased"));
    ring.forget(context.organization());
    // Whom its tokens were for. No row of it can be used any more, so a crash before this leaves
    // rows that end by themselves.
    runtime.coreStores().tokenLedger().removeAll(context);
    return destroyed;
  }

  private boolean destroySecret(TenantContext context, Erasure erasure) {
    return stores
        .erasures()
        .eraseSecret(context, stored(erasure), event(context, erasure, "secret.erased"));
  }

  private static StoredErasure stored(Erasure erasure) {
    return new StoredErasure(
        erasure.organization(),
        erasure.id(),
        erasure.secret().map(SecretId::value).orElse(""),
        erasure.at(),
        erasure.text());
  }

  private AuditEvent event(TenantContext context, Erasure erasure, String action) {
    String target = erasure.secret().map(SecretId::value).orElse(erasure.organization().value());
    return runtime
        .event(
            context,
            runtime.now(),
            action,
            erasure.secret().isPresent() ? "secret" : "organization",
            target)
        .with("erasure", erasure.id())
        .with("reason", erasure.reason())
        .with("keys", Integer.toString(erasure.keys().size()))
        .with("signature", erasure.signature());
  }

  List<Erasure> list(TenantContext context) {
    return stores.erasures().list(context).stream().map(Erasures::parsed).toList();
  }

  private static Erasure parsed(StoredErasure stored) {
    try {
      return Erasure.parse(stored.text());
    } catch (InvalidInputException e) {
      throw new TenantkitException(
          ErrorCode.STORAGE_FAILED, "an erasure's row is none that this library wrote", e);
    }
  }

  /** Those of all organizations. */
  List<Erasure> list(Operator operator) {
    List<Erasure> erasures = new ArrayList<>();
    @Nullable StoredErasure after = null;
    List<StoredErasure> page;
    do {
      page = stores.erasures().list(operator, after, PAGE);
      for (StoredErasure stored : page) {
        after = stored;
        erasures.add(parsed(stored));
      }
    } while (page.size() == PAGE);
    return erasures;
  }

  boolean isGenuine(Erasure erasure) {
    return signer.isGenuine(erasure);
  }

  /** Whether every master key is retired that could open a backup from before it. */
  boolean isFinal(Erasure erasure, List<MasterKeyCheck> known) {
    return known.stream()
        .noneMatch(
            check ->
                !check.firstSeen().isAfter(erasure.at())
                    || erasure.masterKeyIds().contains(check.id()));
  }

  /** What the list outside of the database has, once more. */
  int applyList() {
    return list.map(each -> apply(each.read())).orElse(0);
  }

  int apply(Operator operator) {
    List<Erasure> kept = list(operator);
    int applied = applyList() + apply(kept);
    list.ifPresent(
        outside -> {
          Set<String> there = new HashSet<>();
          outside.read().forEach(each -> there.add(each.id()));
          kept.stream()
              .filter(each -> !there.contains(each.id()) && signer.isGenuine(each))
              .forEach(outside::append);
        });
    return applied;
  }

  private int apply(List<Erasure> erasures) {
    int applied = 0;
    for (Erasure erasure : erasures) {
      if (!signer.isGenuine(erasure)) {
        // Whoever can write the list must not by that destroy a tenant's keys.
        LOG.warn("erasure {} was not signed by this installation and is not applied", erasure.id());
        continue;
      }
      TenantContext context = TenantContext.trusted(erasure.organization(), SYSTEM);
      try {
        boolean done =
            erasure.secret().isPresent()
                ? destroySecret(context, erasure)
                : destroy(context, erasure).isPresent();
        applied += done ? 1 : 0;
      } catch (NotFoundException e) {
        // A database without that organization has nothing of it.
        LOG.debug("erasure {} is of an organization that is not here", erasure.id());
      }
    }
    return applied;
  }
}
