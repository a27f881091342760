package io.tenantkit.livekit;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.spi.SignedMessages;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tries the keys of those that have one of the token's public id, as many as {@link KeyOwners}
 * says. A message that several of them could have signed is nobody's; of one organization's
 * environments with the same credentials the first counts, production before development before
 * staging.
 */
final class DefaultSignedMessages implements SignedMessages {
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "livekit-webhooks");

  private final PlaneRuntime runtime;
  private final KeyOwners owners;
  private final SigningKeys keys;

  DefaultSignedMessages(PlaneRuntime runtime, KeyOwners owners, SigningKeys keys) {
    this.runtime = runtime;
    this.owners = owners;
    this.keys = keys;
  }

  @Override
  public Judgement judge(byte[] body, String jwt) {
    SignedBody message = SignedBody.of(body, jwt);
    if (message == null) {
      return Refused.UNTRUSTED;
    }
    List<Owner> candidates = owners.of(message.issuer());
    if (candidates == null) {
      return Refused.BUSY;
    }
    @Nullable TenantContext signer = null;
    for (Owner owner : candidates) {
      TenantContext context =
          TenantContext.trusted(owner.organization(), ACTOR)
              .within(Set.of(owner.environment()))
              .limitedTo(ScopeSet.none());
      if (isSignedBy(context, message)) {
        if (signer != null && !signer.organization().equals(context.organization())) {
          return Refused.UNTRUSTED;
        }
        signer = preferred(signer, context);
      }
    }
    if (signer == null) {
      return owners.turn(message.issuer()) ? Refused.BUSY : Refused.UNTRUSTED;
    }
    owners.proved(message.issuer(), new Owner(signer.organization(), signer.environment()));
    @Nullable Judgement untimely = message.untimely(runtime.now());
    return untimely == null ? new Genuine(signer.organization(), signer.environment()) : untimely;
  }

  /** As a context with several environments would choose. */
  private static TenantContext preferred(@Nullable TenantContext before, TenantContext context) {
    if (before == null) {
      return context;
    }
    TenantContext both =
        TenantContext.trusted(context.organization(), ACTOR)
            .within(Set.of(before.environment(), context.environment()));
    return both.environment() == before.environment() ? before : context;
  }

  /** Credentials that are gone or may not be used are nobody's; others may have the same id. */
  private boolean isSignedBy(TenantContext context, SignedBody message) {
    try {
      return hasKeyOf(context, message);
    } catch (ConflictException e) {
      // The credentials were replaced between the two: once more, with what is there now.
      return hasKeyOf(context, message);
    } catch (NotFoundException | AccessDeniedException e) {
      return false;
    } catch (TenantkitException e) {
      if (isOfItsCredentials(e.code())) {
        return false;
      }
      throw e;
    }
  }

  private boolean hasKeyOf(TenantContext context, SignedBody message) {
    for (SigningKey key : keys.known(context).verifiers(message.issuer())) {
      if (message.isSignedWith(key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOfItsCredentials(ErrorCode code) {
    return switch (code) {
      case CREDENTIALS_TAKEN, SECRET_EXPIRED, ORGANIZATION_ERASED, CIPHERTEXT_REJECTED -> true;
      default -> false;
    };
  }
}
