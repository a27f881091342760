package io.tenantkit.secret;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The port to the keys above all others: they wrap the keys of organizations and nothing else.
 *
 * <p>There is one current key, which wraps, and any number of previous ones, which still unwrap, so
 * that a master key is replaced while the host runs. A record names the key it was wrapped with; no
 * key is ever tried on the off chance. Implementations are safe for use by several threads. Those
 * made here keep the keys in memory and never block; one over a key management service may block
 * for the length of a call.
 */
public interface MasterKeys {

  /** Id of the key that wraps: one of {@link #ids()}. */
  String currentId();

  /** Ids of all keys that unwrap, the current one first; no duplicates. */
  List<String> ids();

  /**
   * A value, safe to store, by which a later start can tell that the key behind the id is the same
   * as before: lower-case hex.
   *
   * @throws InvalidInputException if the id is not one of {@link #ids()}
   */
  String checkValue(String id);

  /**
   * Whether a value that an earlier start stored tells of the key that is behind the id now. A
   * service that rotates a key by itself, and whose check value therefore changes, answers by what
   * was stored.
   *
   * @throws InvalidInputException if the id is not one of {@link #ids()}
   */
  default boolean matches(String id, String storedCheckValue) {
    return checkValue(id).equals(storedCheckValue);
  }

  /**
   * Whether a record says that one of these keys wrapped it. Nothing is authenticated: only {@link
   * #unwrap} is proof. Never blocks.
   */
  default boolean knows(byte[] record) {
    return LocalMasterKeys.keyIdOf(record).filter(ids()::contains).isPresent();
  }

  /**
   * Wraps a key under the current master key.
   *
   * @param key the bytes to wrap, which the caller wipes
   * @param associatedData what the wrapped key belongs to; needed again to unwrap
   * @param random source of the nonce
   */
  byte[] wrap(byte[] key, byte[] associatedData, SecureRandom random);

  /**
   * Unwraps with the key that the record names, current or previous. The result is the caller's to
   * wipe.
   *
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} and one constant message
   *     for every reason, an unknown key included
   */
  byte[] unwrap(byte[] record, byte[] associatedData);

  /** The file that the keys came from, if they came from one: absolute, symbolic links resolved. */
  Optional<Path> location();

  /** The files of all sources, where there are several: as {@link #location()}. */
  default List<Path> locations() {
    return location().stream().toList();
  }

  /**
   * Keys held in memory.
   *
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if a key is given twice
   */
  static MasterKeys of(MasterKey current, MasterKey... previous) {
    return LocalMasterKeys.of(current, List.of(previous));
  }

  /**
   * Several sources of master keys as one, for instance when a host moves from a local key to a key
   * management service, or back: the first wraps, and each record is unwrapped by the one source
   * that knows it. {@link #location()} is that of the first source that has one.
   *
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if two have an id in
   *     common
   */
  static MasterKeys combined(MasterKeys current, MasterKeys... previous) {
    return CombinedMasterKeys.of(current, List.of(previous));
  }

  /**
   * Reads keys from variables that the host hands over, each in a form of {@link MasterKey}:
   *
   * <pre>{@code
   * MasterKeys.fromEnvironment(
   *     System.getenv(), "API_KEY_ENCRYPTION_KEY", "API_KEY_ENCRYPTION_KEY_PREVIOUS");
   * }</pre>
   *
   * <p>The library itself never looks into the environment of the process. A process's environment
   * is seen by whoever may look into the process, and is inherited by its children: a file is
   * better guarded.
   *
   * @param current name of the variable with the key that wraps; it must be set
   * @param previous names of variables with keys that still unwrap; one that is unset or empty is
   *     skipped
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if the current variable is
   *     unset or empty, a variable holds no key, or two hold the same; the message has the
   *     variable's name, the form and its bound, never the text
   * @throws InvalidInputException if a name is not a letter or underscore and at most 127 letters,
   *     digits and underscores; the message does not quote it, in case it is a key
   */
  static MasterKeys fromEnvironment(
      Map<String, String> environment, String current, String... previous) {
    return MasterKeyEnvironment.read(environment, MasterKey::parse, current, List.of(previous));
  }

  /**
   * As {@link #fromEnvironment(Map, String, String...)}, with a reader that knows more forms, such
   * as the vault's for {@code passphrase:}.
   *
   * @param reader makes a key of a variable's text, or throws a {@link TenantkitException} whose
   *     message does not quote it
   */
  static MasterKeys fromEnvironment(
      Map<String, String> environment,
      Function<? super CharSequence, MasterKey> reader,
      String current,
      String... previous) {
    return MasterKeyEnvironment.read(environment, reader, current, List.of(previous));
  }

  /**
   * Reads keys from a text file: one key on each line in the form of {@link MasterKey}, the first
   * is the current one, the rest are previous ones. Empty lines and lines that begin with {@code #}
   * are skipped, blanks around a line too.
   *
   * <p>On file systems with POSIX permissions the file must be neither readable nor writable by
   * group and others. Symbolic links are followed and what they lead to is checked. Access lists
   * beyond the permission bits, and who may write to the directory, are not looked at.
   *
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if the file is missing,
   *     not a regular file, longer than 64 KiB, open to others (the message has the command that
   *     mends it), without a key, or holds a line that is none; the message names the path and the
   *     number of the line, never its text
   */
  static MasterKeys fromFile(Path file) {
    return MasterKeyFile.read(file);
  }

  /**
   * Makes a file with one random key if there is none, and reads it.
   *
   * <p>The file appears whole, with permissions 0600 from its first byte, and never replaces
   * another: of several processes that start at once, one makes it and all read the same. The
   * directory must exist. <b>Whoever loses this file loses every secret</b>, and whoever has it
   * beside the database has them all: keep it elsewhere, and keep a copy.
   *
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} as {@link #fromFile}, or
   *     if the file cannot be written
   */
  static MasterKeys createFileIfAbsent(Path file, SecureRandom random) {
    MasterKeyFile.createIfAbsent(file, random);
    return fromFile(file);
  }
}
