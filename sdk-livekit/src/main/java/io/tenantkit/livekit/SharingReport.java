package io.tenantkit.livekit;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.util.List;
import java.util.Objects;

/**
 * Tenants that have a server, or the public id of a key, in common. Tenants of one server are kept
 * apart by nothing but the server's knowledge of keys: what one does there the other can see.
 *
 * @param shared the groups
 * @param isComplete whether these are all: no more than {@value #MAX_MEMBERS} members are told, and
 *     of the last group then perhaps not all
 */
public record SharingReport(List<Group> shared, boolean isComplete) {
  /** So many members are told. */
  public static final int MAX_MEMBERS = 10_000;

  public SharingReport {
    shared = List.copyOf(shared);
  }

  /** What tenants share. */
  public enum What {
    /** The server, whatever way its URL is written. */
    SERVER,
    /** The public id of a key, perhaps on different servers. */
    KEY
  }

  /**
   * Tenants that share something; at least two organizations.
   *
   * @param what they share
   * @param members by organization and environment
   */
  public record Group(What what, List<Member> members) {
    public Group {
      Objects.requireNonNull(what, "what");
      members = List.copyOf(members);
    }
  }

  /** One of them. */
  public record Member(OrganizationId organization, Environment environment) {}
}
