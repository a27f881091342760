package io.tenantkit.oidc;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Objects;

/**
 * Which organization of which issuer a tenant is. A pair of issuer and external id names at most
 * one tenant; a tenant may have several.
 *
 * @param id the row's own
 * @param organization the tenant
 * @param issuer exactly as tokens spell it; see {@link OidcIssuer#builder}
 * @param externalId the issuer's id of the organization, 1 to {@value #MAX_EXTERNAL_ID} printable
 *     ASCII characters without spaces
 * @param createdBy who registered it
 * @param createdAt microsecond precision
 */
public record ExternalOrganization(
    String id,
    OrganizationId organization,
    String issuer,
    String externalId,
    String createdBy,
    Instant createdAt) {

  /** The longest external id, in characters. */
  public static final int MAX_EXTERNAL_ID = 128;

  public ExternalOrganization {
    Objects.requireNonNull(organization, "organization");
    OidcIssuer.requireIssuer(issuer);
    Objects.requireNonNull(createdBy, "createdBy");
    Objects.requireNonNull(createdAt, "createdAt");
    if (!isExternalId(externalId)) {
      throw new InvalidInputException(
          "externalId", "1 to " + MAX_EXTERNAL_ID + " printable ASCII characters without spaces");
    }
  }

  static boolean isExternalId(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_EXTERNAL_ID
        && text.chars().allMatch(c -> c > ' ' && c <= '~');
  }
}
