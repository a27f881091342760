package io.tenantkit.tenant;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.spi.PlaneRuntime;
import java.util.function.Consumer;

/**
 * Creates, suspends and lists organizations. Safe for use by several threads; blocks on the
 * storage.
 */
public interface Organizations {

  /**
   * Organizations over this runtime. Hosts call {@link io.tenantkit.ControlPlane#organizations()}.
   *
   * @param changed told of every change, after it was committed
   */
  static Organizations of(PlaneRuntime runtime, Consumer<OrganizationId> changed) {
    return new DefaultOrganizations(runtime, changed);
  }

  /**
   * Adds an organization.
   *
   * @param name for people, 1 to 255 characters
   * @throws io.tenantkit.ConflictException when the id is taken
   * @throws io.tenantkit.InvalidInputException naming {@code plan} when the host has set {@link
   *     Plans} and the plan is none of them
   */
  Organization create(
      Operator operator, OrganizationId id, String name, OrganizationSettings settings);

  /** Adds an organization with {@link OrganizationSettings#defaults()}. */
  default Organization create(Operator operator, OrganizationId id, String name) {
    return create(operator, id, name, OrganizationSettings.defaults());
  }

  /**
   * Gives an organization another name, 1 to 255 characters. Does nothing when it has that name.
   */
  Organization rename(Operator operator, OrganizationId id, String name);

  /**
   * Replaces an organization's settings. Limits and policy count here from the next call on, and on
   * other nodes within the revocation bound. Does nothing when they are the same.
   *
   * @throws io.tenantkit.InvalidInputException naming {@code plan} when the host has set {@link
   *     Plans} and the plan is none of them
   */
  Organization configure(Operator operator, OrganizationId id, OrganizationSettings settings);

  /**
   * Any organization, for the operator.
   *
   * @throws io.tenantkit.NotFoundException when there is none
   */
  Organization get(Operator operator, OrganizationId id);

  /**
   * The caller's own organization.
   *
   * @throws io.tenantkit.NotFoundException when there is none
   */
  Organization get(TenantContext context);

  /** Organizations by id. */
  Page<Organization> list(Operator operator, PageRequest page);

  /**
   * Stops an organization: every key is refused within the revocation bound and no LiveKit token is
   * issued. Nothing is deleted, and what the host itself does with a trusted context, keys and
   * secrets included, goes on. Does nothing when it is suspended already.
   */
  Organization suspend(Operator operator, OrganizationId id);

  /** Ends a suspension. Does nothing when there is none. */
  Organization activate(Operator operator, OrganizationId id);
}
