package io.tenantkit.vault.backup;

import io.tenantkit.spi.CompactId;
import io.tenantkit.tenant.OrganizationId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/**
 * Under which ids things are restored that a host may know by their ids: in the organization that
 * they came from under the same, elsewhere under one that follows from theirs and the organization,
 * so that a restore that is repeated finds what it restored before. Stateless.
 */
final class RestoredIds {
  private RestoredIds() {}

  static String of(OrganizationId from, OrganizationId into, String prefix, String id) {
    if (from.equals(into)) {
      return id;
    }
    byte[] text =
        ("tenantkit restored id 1\0" + into.value() + '\0' + id).getBytes(StandardCharsets.UTF_8);
    try {
      ByteBuffer hash = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text));
      return CompactId.text(prefix, hash.getLong(), hash.getLong());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no SHA-256", e);
    }
  }
}
