package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.Sharing;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;

/** Secrets and versions as the JSON of records. Stateless. */
final class SecretJson {
  static final String SECRET = "secret";
  static final String VERSION = "secret_version";

  private SecretJson() {}

  /**
   * @param teams that it is shared with
   */
  static ObjectNode write(Secret secret, Collection<TeamId> teams) {
    ObjectNode json = content(secret);
    if (!teams.isEmpty()) {
      ArrayNode ids = json.putArray("teams");
      teams.forEach(team -> ids.add(team.value()));
    }
    json.put("id", secret.id().value())
        .put("ownerKind", lower(secret.owner().kind()))
        .put("owner", secret.owner().id())
        .put("createdAt", secret.createdAt().toString());
    secret.deletedAt().ifPresent(time -> json.put("deletedAt", time.toString()));
    return json;
  }

  /** What two secrets have in common that are the same in two places. */
  private static ObjectNode content(Secret secret) {
    SecretStages stages = secret.stages();
    ObjectNode json =
        RecordWriter.record(SECRET)
            .put("project", secret.ref().project())
            .put("environment", lower(secret.ref().environment()))
            .put("name", secret.ref().name())
            .put("type", secret.type())
            .put("text", secret.description().text())
            .put("access", lower(secret.access()))
            .put("maxVersions", secret.maxVersions())
            .put("newest", stages.newest())
            .put("current", stages.current());
    stages.pending().ifPresent(number -> json.put("pending", number));
    stages.previous().ifPresent(number -> json.put("previous", number));
    secret.expiresAt().ifPresent(time -> json.put("expiresAt", time.toString()));
    secret.description().tags().forEach(json.putArray("tags")::add);
    ObjectNode metadata = json.putObject("metadata");
    secret.description().metadata().forEach(metadata::put);
    return json;
  }

  /**
   * For the comparison of two secrets, beside their values.
   *
   * @param teams that it is shared with, by what they are here
   */
  static String compared(Secret secret, SortedSet<String> teams) {
    ObjectNode json = content(secret).put("deleted", secret.deletedAt().isPresent());
    teams.forEach(json.putArray("teams")::add);
    return json.toString();
  }

  /** The teams of a secret's record, by their ids in the backup. */
  static List<String> teams(Members members) {
    List<String> teams = members.has("teams") ? members.texts("teams") : List.of();
    if (teams.size() > Sharing.MAX_TEAMS) {
      throw Rejected.content();
    }
    return teams;
  }

  /** Where a secret's record says that it is. */
  static SecretRef place(Members members) {
    return new SecretRef(
        members.text("project"),
        members.constant(Environment.class, "environment"),
        members.text("name"));
  }

  /**
   * A secret of another place, with no project's id.
   *
   * @param place where it is here
   */
  static Secret read(Members members, RestoreRun run, SecretRef place) {
    Secret secret =
        new Secret(
            new SecretId(members.text("id")),
            run.from.orElseThrow(Rejected::content),
            "elsewhere",
            place,
            members.text("type"),
            SecretDescription.of(
                members.text("text"), members.texts("tags"), members.map("metadata")),
            new SecretStages(
                members.number("newest"),
                members.number("current"),
                stage(members, "pending"),
                stage(members, "previous")),
            members.integer("maxVersions"),
            members.optionalTime("expiresAt"),
            members.optionalTime("deletedAt"),
            new Actor(members.constant(Actor.Kind.class, "ownerKind"), members.text("owner")),
            access(members),
            members.time("createdAt"),
            Instant.EPOCH,
            1);
    members.requireNoMore();
    return secret;
  }

  /** Files of before there were access levels say none: then it is its owner's alone. */
  private static AccessLevel access(Members members) {
    return members.has("access")
        ? members.constant(AccessLevel.class, "access")
        : AccessLevel.PRIVATE;
  }

  private static OptionalLong stage(Members members, String name) {
    return members.has(name) ? OptionalLong.of(members.number(name)) : OptionalLong.empty();
  }

  static ObjectNode write(SecretVersion version, Collection<String> fields) {
    ObjectNode json = compared(version);
    json.put("createdBy", version.createdBy()).put("createdAt", version.createdAt().toString());
    fields.forEach(json.putArray("fields")::add);
    return json;
  }

  static ObjectNode compared(SecretVersion version) {
    ObjectNode json =
        RecordWriter.record(VERSION)
            .put("number", version.number())
            .put("state", lower(version.state()))
            .put("destination", version.destination().canonical());
    version.expiresAt().ifPresent(time -> json.put("expiresAt", time.toString()));
    return json;
  }

  /** A version with the names of its fields, whose values come in that order. */
  record NamedVersion(SecretVersion version, List<String> fields) {}

  static NamedVersion readVersion(Members members) {
    SecretVersion version =
        new SecretVersion(
            members.number("number"),
            members.constant(SecretVersion.State.class, "state"),
            Optional.empty(),
            members.optionalTime("expiresAt"),
            Destination.stored(members.text("destination")),
            members.text("createdBy"),
            members.time("createdAt"));
    List<String> fields = members.texts("fields");
    members.requireNoMore();
    return new NamedVersion(version, fields);
  }

  static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
