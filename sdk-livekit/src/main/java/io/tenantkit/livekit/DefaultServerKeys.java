package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.ServerKeys;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class DefaultServerKeys implements ServerKeys {
  private final SigningKeys keys;
  private final OwnAccounts accounts;

  DefaultServerKeys(SigningKeys keys, OwnAccounts accounts) {
    this.keys = keys;
    this.accounts = accounts;
  }

  @Override
  public List<Owner> owners(String apiKey, @Nullable Owner after, int limit) {
    return accounts.owners(apiKey, after, limit);
  }

  @Override
  public boolean isSigned(TenantContext context, String apiKey, byte[] input, byte[] signature) {
    for (SigningKey key : keys.known(context).verifiers(apiKey)) {
      byte[] expected = key.sign(input, input.length);
      try {
        if (MessageDigest.isEqual(expected, signature)) {
          return true;
        }
      } finally {
        Arrays.fill(expected, (byte) 0);
      }
    }
    return false;
  }
}
