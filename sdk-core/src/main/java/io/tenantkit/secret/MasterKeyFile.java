package io.tenantkit.secret;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** The key file of {@link MasterKeys#fromFile}: checked, read, and made where there is none. */
final class MasterKeyFile {
  private static final int MAX_BYTES = 65_536;
  private static final Set<PosixFilePermission> FORBIDDEN =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private MasterKeyFile() {}

  static MasterKeys read(Path file) {
    Path real;
    byte[] content;
    try {
      real = file.toRealPath();
      requirePrivateFile(real);
      content = readBounded(real);
    } catch (NoSuchFileException e) {
      throw unusable(file, "does not exist");
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    try {
      return LocalMasterKeys.from(real, parse(file, content));
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  static void createIfAbsent(Path file, SecureRandom random) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw unusable(file, "has no directory to be made in");
    }
    byte[] suffix = new byte[8];
    random.nextBytes(suffix);
    Path draft =
        directory.resolve("." + file.getFileName() + "." + HexFormat.of().formatHex(suffix));
    byte[] content = newContent(random);
    try {
      write(draft, content);
      try {
        publish(draft, file, content);
      } finally {
        Files.deleteIfExists(draft);
      }
      forceDirectory(directory);
    } catch (IOException e) {
      throw new TenantkitException(
          ErrorCode.MASTER_KEY_INVALID, "master key file " + file + ": cannot be written", e);
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  /**
   * A hard link, unlike a rename, never replaces: whoever came first has made the key that is in
   * use, and to overwrite it would lose what it has wrapped.
   */
  private static void publish(Path draft, Path file, byte[] content) throws IOException {
    try {
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      // Another process was faster: its key is the one.
    } catch (UnsupportedOperationException | IOException noLinks) {
      // A file system without hard links. A reader may meet half a file and refuses it.
      try {
        write(file, content);
      } catch (FileAlreadyExistsException e) {
        // As above.
      }
    }
  }

  private static byte[] newContent(SecureRandom random) {
    byte[] key = new byte[SealingKey.KEY_BYTES];
    random.nextBytes(key);
    byte[] encoded = Base64.getEncoder().encode(key);
    Arrays.fill(key, (byte) 0);
    byte[] comment =
        "# Tenantkit master keys: the first is current. Without this file no secret can be read.\n"
            .getBytes(StandardCharsets.US_ASCII);
    byte[] prefix = "base64:".getBytes(StandardCharsets.US_ASCII);
    byte[] content =
        ByteBuffer.allocate(comment.length + prefix.length + encoded.length + 1)
            .put(comment)
            .put(prefix)
            .put(encoded)
            .put((byte) '\n')
            .array();
    Arrays.fill(encoded, (byte) 0);
    return content;
  }

  private static void write(Path file, byte[] content) throws IOException {
    FileAttribute<?>[] attributes =
        isPosix(file)
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    Set<StandardOpenOption> options =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(file, options, attributes)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** So that the file's name survives a loss of power as well as its content. */
  private static void forceDirectory(Path directory) throws IOException {
    if (isPosix(directory)) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static void requirePrivateFile(Path real) throws IOException {
    // Before it is opened: opening a pipe would wait for ever.
    if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
      throw unusable(real, "is not a regular file");
    }
    if (!isPosix(real)) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(real);
    if (permissions.stream().anyMatch(FORBIDDEN::contains)) {
      throw unusable(
          real,
          "is open to others than its owner ("
              + PosixFilePermissions.toString(permissions)
              + "); mend it with: chmod 600 "
              + shellQuoted(real));
    }
  }

  private static byte[] readBounded(Path real) throws IOException {
    try (InputStream in = Files.newInputStream(real)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        Arrays.fill(content, (byte) 0);
        throw unusable(real, "is longer than " + MAX_BYTES + " bytes");
      }
      return content;
    }
  }

  /** Latin 1, so that comments may be in any encoding; keys are ASCII or refused. */
  private static List<MasterKey> parse(Path file, byte[] content) {
    CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(content));
    try {
      List<MasterKey> keys = new ArrayList<>();
      int line = 0;
      for (int start = 0; start < text.length(); ) {
        int end = start;
        while (end < text.length() && text.charAt(end) != '\n') {
          end++;
        }
        line++;
        CharBuffer trimmed = trim(text.subSequence(start, end));
        if (!trimmed.isEmpty() && trimmed.charAt(0) != '#') {
          keys.add(parseLine(file, line, trimmed));
        }
        start = end + 1;
      }
      if (keys.isEmpty()) {
        throw unusable(file, "holds no key");
      }
      return keys;
    } finally {
      Arrays.fill(text.array(), '\0');
    }
  }

  private static MasterKey parseLine(Path file, int line, CharBuffer text) {
    try {
      return MasterKey.parse(text);
    } catch (TenantkitException e) {
      throw unusable(file, "line " + line + ": " + e.getMessage());
    }
  }

  private static CharBuffer trim(CharBuffer line) {
    int start = 0;
    int end = line.length();
    while (start < end && isBlank(line.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(line.charAt(end - 1))) {
      end--;
    }
    return line.subSequence(start, end);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static String shellQuoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }

  private static TenantkitException unusable(Path file, String why) {
    return new TenantkitException(
        ErrorCode.MASTER_KEY_INVALID, "master key file " + file + ": " + why);
  }

  private static TenantkitException unreadable(Path file, IOException cause) {
    return new TenantkitException(
        ErrorCode.MASTER_KEY_INVALID, "master key file " + file + ": cannot be read", cause);
  }
}
