package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.value;

import io.tenantkit.ConflictException;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Every operation of {@link SecretVault}, to try them all in the same way. */
final class VaultCalls {

  /** One operation on a secret. */
  interface Call {
    Object on(SecretVault vault, TenantContext context, SecretRef ref);
  }

  /** An operation and the scope that it needs. */
  record Operation(String name, Scope scope, Call call) {
    @Override
    public String toString() {
      return name;
    }
  }

  private VaultCalls() {}

  /** Those that need a secret to be there. */
  static List<Operation> onASecret() {
    return List.of(
        new Operation("get", Scopes.SECRETS_READ, SecretVault::get),
        new Operation("versions", Scopes.SECRETS_READ, SecretVault::versions),
        new Operation("sharing", Scopes.SECRETS_READ, SecretVault::sharing),
        new Operation(
            "use",
            Scopes.SECRETS_USE,
            (vault, context, ref) -> vault.use(context, ref, "try", VaultHouse::text)),
        new Operation(
            "useFields",
            Scopes.SECRETS_USE,
            (vault, context, ref) ->
                vault.useFields(
                    context, ref, Purpose.of("try"), fields -> VaultHouse.text(fields.value()))),
        new Operation(
            "useFields",
            Scopes.SECRETS_USE,
            (vault, context, ref) ->
                vault.useFields(
                    context, ref, 1, Purpose.of("try"), fields -> VaultHouse.text(fields.value()))),
        new Operation(
            "reveal", Scopes.SECRETS_USE, (vault, context, ref) -> vault.reveal(context, ref)),
        new Operation(
            "reveal", Scopes.SECRETS_USE, (vault, context, ref) -> vault.reveal(context, ref, 1)),
        new Operation(
            "put",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) ->
                vault.put(context, ref, NewSecret.of(value("later")).onlyAfter(1))),
        new Operation(
            "putAll",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) ->
                vault.putAll(context, Map.of(ref, NewSecret.of(value("later")).onlyAfter(1)))),
        new Operation(
            "useFields",
            Scopes.SECRETS_USE,
            (vault, context, ref) ->
                vault.useFields(
                    context,
                    ref,
                    Stage.CURRENT,
                    Purpose.of("try"),
                    fields -> VaultHouse.text(fields.value()))),
        new Operation(
            "reveal",
            Scopes.SECRETS_USE,
            (vault, context, ref) -> vault.reveal(context, ref, Stage.CURRENT)),
        new Operation(
            "update",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) ->
                vault.update(context, ref, SecretChange.none().withText("changed"))),
        new Operation(
            "share",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> vault.share(context, ref, Sharing.withOrganization())),
        new Operation(
            "promote",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> allowed(() -> vault.promote(context, ref, 1))),
        new Operation(
            "rollBack",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> allowed(() -> vault.rollBack(context, ref))),
        new Operation(
            "retire",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> allowed(() -> vault.retire(context, ref))),
        new Operation(
            "undeleteVersion",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> allowed(() -> vault.undeleteVersion(context, ref, 1))),
        new Operation(
            "deleteVersion",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> vault.deleteVersion(context, ref, 1)),
        new Operation(
            "destroyVersion",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> vault.destroyVersion(context, ref, 1)),
        new Operation(
            "undelete",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> allowed(() -> vault.undelete(context, ref))),
        new Operation("delete", Scopes.SECRETS_WRITE, SecretVault::delete),
        new Operation(
            "destroy",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> {
              vault.destroy(context, ref);
              return "destroyed";
            }));
  }

  /** That a secret is not in the right state is found out after all that is tried here. */
  private static Object allowed(Supplier<Object> call) {
    try {
      return call.get();
    } catch (ConflictException e) {
      return "conflict";
    }
  }

  /** All of them. */
  static List<Operation> all() {
    List<Operation> all = new java.util.ArrayList<>(onASecret());
    all.add(
        new Operation(
            "put",
            Scopes.SECRETS_WRITE,
            (vault, context, ref) -> vault.put(context, ref, value("new"))));
    all.add(
        new Operation(
            "list",
            Scopes.SECRETS_READ,
            (vault, context, ref) -> vault.list(context, PageRequest.first(1))));
    all.add(
        new Operation(
            "search",
            Scopes.SECRETS_READ,
            (vault, context, ref) ->
                vault.search(context, SecretQuery.all(), PageRequest.first(1))));
    all.add(
        new Operation(
            "getAll",
            Scopes.SECRETS_READ,
            (vault, context, ref) -> vault.getAll(context, List.of(ref))));
    return all;
  }

  /** The operations that the interface has, with how often each is overloaded. */
  static Map<String, Integer> declared() {
    Map<String, Integer> names = new LinkedHashMap<>();
    for (var method : SecretVault.class.getDeclaredMethods()) {
      if (!method.isSynthetic()
          && !Set.of("of", "uses", "archive", "runtime", "marker").contains(method.getName())) {
        names.merge(method.getName(), 1, Integer::sum);
      }
    }
    return names;
  }

  /** The names tried by {@link #all()}. */
  static Set<String> tried() {
    Set<String> names = new TreeSet<>();
    all().forEach(operation -> names.add(operation.name()));
    return names;
  }
}
