package io.tenantkit.examples.tokenservice;

import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where tenants are kept.
 *
 * @param h2 the file, if it is one
 * @param postgresql the JDBC URL otherwise
 * @param application who the service is in PostgreSQL
 * @param admin who operators are there; without, tenants can be served but not made
 * @param owner who migrates the schema there; without, it is only checked
 * @param masterKeys the keys above all keys
 */
record StorageSettings(
    Optional<Path> h2,
    Optional<String> postgresql,
    Optional<Login> application,
    Optional<Login> admin,
    Optional<Login> owner,
    MasterKeys masterKeys) {
  static final String STORAGE = "TENANTKIT_STORAGE";
  static final String MASTER_KEY = "TENANTKIT_MASTER_KEY";
  static final String MASTER_KEY_FILE = "TENANTKIT_MASTER_KEY_FILE";

  private static final String PREVIOUS = "TENANTKIT_MASTER_KEY_PREVIOUS";
  private static final String APPLICATION = "TENANTKIT_DB_USER";
  private static final String ADMIN = "TENANTKIT_DB_ADMIN_USER";
  private static final String OWNER = "TENANTKIT_DB_OWNER_USER";
  private static final String H2 = "h2:";
  private static final String POSTGRESQL = "jdbc:postgresql:";

  /**
   * A role of PostgreSQL's.
   *
   * @param user its name
   * @param password its password
   */
  record Login(String user, SecretValue password) {}

  /** Empty when no storage is named, and after a complaint. */
  static Optional<StorageSettings> read(Variables from) {
    Optional<String> wanted = from.text(STORAGE);
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    Optional<MasterKeys> masterKeys = masterKeys(from);
    if (wanted.get().startsWith(H2) && wanted.get().length() > H2.length()) {
      Optional<Path> file = from.made(STORAGE, text -> path(text.substring(H2.length())));
      return both(file, masterKeys)
          ? Optional.of(
              new StorageSettings(
                  file,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  masterKeys.get()))
          : Optional.empty();
    }
    if (!wanted.get().startsWith(POSTGRESQL)) {
      from.problem(STORAGE, "h2:/path/to/file or jdbc:postgresql://host/database");
      return Optional.empty();
    }
    if (wanted.get().toLowerCase(Locale.ROOT).contains("password=")) {
      from.problem(STORAGE, "no password within the URL: it is for TENANTKIT_DB_PASSWORD");
    }
    Optional<Login> application = login(from, APPLICATION, true);
    Optional<Login> admin = login(from, ADMIN, false);
    Optional<Login> owner = login(from, OWNER, false);
    return both(application, masterKeys)
        ? Optional.of(
            new StorageSettings(
                Optional.empty(), wanted, application, admin, owner, masterKeys.get()))
        : Optional.empty();
  }

  private static boolean both(Optional<?> one, Optional<?> other) {
    return one.isPresent() && other.isPresent();
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(STORAGE, "h2:/path/to/file");
    }
  }

  private static Optional<Login> login(Variables from, String user, boolean needed) {
    Optional<String> name = from.text(user);
    if (name.isEmpty()) {
      if (needed) {
        from.problem(user, "required: the application's role in PostgreSQL");
      }
      return Optional.empty();
    }
    String variable = user.replace("_USER", "_PASSWORD");
    return Optional.of(new Login(name.get(), SecretValue.of(from.text(variable).orElse(""))));
  }

  private static Optional<MasterKeys> masterKeys(Variables from) {
    Optional<String> file = from.text(MASTER_KEY_FILE);
    Optional<String> key = from.text(MASTER_KEY);
    if (file.isPresent() == key.isPresent()) {
      from.problem(MASTER_KEY_FILE, "required: this or " + MASTER_KEY + ", one of the two");
      return Optional.empty();
    }
    if (file.isPresent()) {
      return from.made(
          MASTER_KEY_FILE,
          path -> MasterKeys.createFileIfAbsent(Path.of(path), new SecureRandom()));
    }
    Map<String, String> variables = new HashMap<>();
    for (String name : new String[] {MASTER_KEY, PREVIOUS}) {
      from.text(name).ifPresent(text -> variables.put(name, text));
    }
    try {
      return Optional.of(MasterKeys.fromEnvironment(variables, MASTER_KEY, PREVIOUS));
    } catch (TenantkitException e) {
      from.problem(MASTER_KEY, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }
}
