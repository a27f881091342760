package io.tenantkit.jdbc.migrate;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * One versioned file of SQL. Its last statement records its version and the oldest library that may
 * still read the schema.
 *
 * @param version from 1, as the file's name says
 * @param folder the database's folder beneath {@code io/tenantkit/jdbc}
 * @param file its name there
 */
public record Migration(int version, String folder, String file) {
  private static final List<String> FILES =
      List.of(
          "V001__control_plane.sql",
          "V002__keys_and_organizations.sql",
          "V003__rate_limits.sql",
          "V004__changes_and_usage.sql",
          "V005__audit_chain.sql",
          "V006__external_organizations.sql",
          "V007__host_functions.sql",
          "V008__key_notices.sql",
          "V009__secret_life.sql",
          "V010__teams.sql",
          "V011__secret_sharing.sql",
          "V012__vault_keys.sql",
          "V013__secret_usage.sql",
          "V014__webhooks.sql",
          "V015__integrations.sql",
          "V016__secret_rotations.sql",
          "V017__erasure_keys.sql",
          "V018__due_lists.sql",
          "V019__issued_tokens.sql",
          "V020__received_events.sql",
          "V021__credential_marks.sql");

  /** PostgreSQL's, in order. */
  public static final List<Migration> POSTGRESQL = all("postgresql");

  /** H2's, in order. */
  public static final List<Migration> H2 = all("h2");

  private static List<Migration> all(String folder) {
    return FILES.stream().map(file -> new Migration(version(file), folder, file)).toList();
  }

  /** As the file's name says: {@code V001__…} is 1. */
  private static int version(String file) {
    return Integer.parseInt(file.substring(1, file.indexOf('_')));
  }

  /** The version of the last of them, which is the schema that this library works on. */
  public static int newest(List<Migration> migrations) {
    return migrations.get(migrations.size() - 1).version();
  }

  /** Its text, with line feeds whatever the file was checked out with. */
  public String sql() {
    return resource("/io/tenantkit/jdbc/" + folder + "/" + file);
  }

  /** SHA-256 of its text, in hexadecimal. */
  public String checksum() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(sql().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "this Java has no SHA-256", e);
    }
  }

  static String resource(String path) {
    try (InputStream in = Migration.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new TenantkitException(ErrorCode.INTERNAL, "missing from the jar: " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "unreadable in the jar: " + path, e);
    }
  }
}
