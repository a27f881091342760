package io.tenantkit.seed;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.SeededKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Organizations and their first keys, from JSON of this shape, one object or an array of them:
 *
 * <pre>
 * { "id": "acme",
 *   "name": "Acme",
 *   "metadata": {
 *     "description": "A sample",
 *     "tier": "enterprise",
 *     "apiKeys": [
 *       { "name": "Backend",
 *         "description": "The key of the backend",
 *         "scopes": ["flows:read", "livekit:create-session"],
 *         "rateLimit": { "requestsPerMinute": 100, "requestsPerHour": 5000 } } ] } }
 * </pre>
 *
 * <p>Only {@code id} and {@code name} of an organization and {@code name} of a key must be there. A
 * key may say {@code keyHash}, 64 hexadecimal characters of SHA-256, when somebody has it already.
 * The tier becomes the plan.
 *
 * <p>A seed makes what is missing and changes nothing that is there: a second run does nothing, an
 * organization that was renamed or put on another plan stays so, and a key that was revoked stays
 * revoked. Any number of nodes may run it at once. Immutable and safe for use by several threads.
 */
public final class OrganizationSeed {
  private final SeedPlan plan;

  private OrganizationSeed(SeedPlan plan) {
    this.plan = plan;
  }

  /**
   * What a run did.
   *
   * @param organizationsCreated how many organizations are new
   * @param keysCreated how many keys are new and were handed out
   * @param keysImported how many keys were taken over by their hash
   */
  public record Report(int organizationsCreated, int keysCreated, int keysImported) {}

  /**
   * Reads a seed.
   *
   * @param json at most 1 MiB, 1,000 organizations, 100 keys of each
   * @param mode what new keys are
   * @throws InvalidInputException naming the place as a JSON pointer and the bound, when a field is
   *     unknown, stands twice, is missing, or is out of its bounds
   */
  public static OrganizationSeed parse(String json, KeyMode mode) {
    return new OrganizationSeed(SeedParser.parse(json, Objects.requireNonNull(mode, "mode")));
  }

  /** Reads a seed and applies it; when any of it is refused, nothing was written. */
  public static Report load(
      ControlPlane plane,
      Operator operator,
      String json,
      KeyMode mode,
      Consumer<IssuedApiKey> onNewKey) {
    return parse(json, mode).apply(plane, operator, onNewKey);
  }

  /**
   * Makes what is missing.
   *
   * @param onNewKey gets each new key once, when it is committed; the secret is wiped when the call
   *     returns. When it throws, or the process dies before it is called, the key is there and
   *     nobody has it: rotate it
   * @throws ConflictException when a {@code keyHash} exists already, in whichever organization
   * @throws TenantkitException with {@link ErrorCode#JOINED_TRANSACTION_REFUSED} when the operator
   *     carries a transaction, whose rollback would make the keys handed out void
   */
  public Report apply(ControlPlane plane, Operator operator, Consumer<IssuedApiKey> onNewKey) {
    if (operator.transaction().isPresent()) {
      throw new TenantkitException(
          ErrorCode.JOINED_TRANSACTION_REFUSED,
          "seeding is refused inside a joined transaction: its rollback would void the keys handed out");
    }
    SeededKeys keys = new SeededKeys(plane.runtime());
    int organizations = 0;
    int created = 0;
    int imported = 0;
    for (SeedPlan.Organization wanted : plan.organizations()) {
      organizations += createIfAbsent(plane, operator, wanted) ? 1 : 0;
      TenantContext context = TenantContext.trusted(wanted.id(), operator.actor());
      for (SeedPlan.Key key : wanted.keys()) {
        if (key.hash().isPresent()) {
          imported += keys.importIfAbsent(context, key.wanted(), key.hash().get()) ? 1 : 0;
        } else {
          created += handOut(keys.createIfAbsent(context, key.wanted()), onNewKey) ? 1 : 0;
        }
      }
    }
    return new Report(organizations, created, imported);
  }

  private static boolean handOut(Optional<IssuedApiKey> made, Consumer<IssuedApiKey> onNewKey) {
    if (made.isEmpty()) {
      return false;
    }
    try (IssuedApiKey issued = made.get()) {
      onNewKey.accept(issued);
    }
    return true;
  }

  private static boolean createIfAbsent(
      ControlPlane plane, Operator operator, SeedPlan.Organization wanted) {
    if (isPresent(plane, operator, wanted.id())) {
      return false;
    }
    try {
      plane.organizations().create(operator, wanted.id(), wanted.name(), wanted.settings());
      return true;
    } catch (ConflictException e) {
      // Another node was faster.
      return false;
    }
  }

  private static boolean isPresent(ControlPlane plane, Operator operator, OrganizationId id) {
    try {
      plane.organizations().get(operator, id);
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }
}
