package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One record a line. Whoever wrote a last line that is cut off was killed before anything was
 * erased, so it is passed over, and goes with the next append. Whoever appends holds the file's
 * lock, against other processes too.
 */
final class FileErasureList implements ErasureList {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final Path file;

  FileErasureList(Path file) {
    this.file = file;
  }

  @Override
  public synchronized void append(Erasure erasure) {
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock held = lock(channel)) {
      String before = held.isValid() ? text(channel) : "";
      String kept = kept(before);
      channel.truncate(kept.length());
      channel.position(kept.length());
      String end = kept.isEmpty() || kept.endsWith("\n") ? "" : "\n";
      ByteBuffer line =
          ByteBuffer.wrap((end + erasure.text() + "\n").getBytes(StandardCharsets.US_ASCII));
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(true);
      if (before.isEmpty()) {
        forceFolder();
      }
    } catch (IOException e) {
      throw failed("cannot be written", e);
    }
  }

  /**
   * Another process, or another list on the same file in this one, has it no longer than a write.
   */
  private static FileLock lock(FileChannel channel) throws IOException {
    long end = System.nanoTime() + LONGEST_WAIT.toNanos();
    while (true) {
      @Nullable FileLock lock = tryLock(channel);
      if (lock != null) {
        return lock;
      }
      if (System.nanoTime() - end >= 0) {
        throw new StorageException(
            ErrorCode.STORAGE_BUSY, "the erasure list is held by another writer");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Through the channel that holds the lock: to close another one would give it up. */
  private static String text(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
      // More of it.
    }
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
  }

  /**
   * The text without a last line that is cut off. Where only the line's end is missing it stays.
   */
  private static String kept(String text) {
    int ended = text.lastIndexOf('\n') + 1;
    return isWhole(text.substring(ended)) ? text : text.substring(0, ended);
  }

  private static boolean isWhole(String line) {
    try {
      Erasure erasure = Erasure.parse(line);
      // The last characters fill up to four, and the signature is read without them as well.
      return erasure.signature().length() % 4 == 0 && erasure.isSigned();
    } catch (InvalidInputException e) {
      return false;
    }
  }

  /** So that a new file is there after a loss of power. Elsewhere folders cannot be opened. */
  private void forceFolder() throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  @Override
  public synchronized List<Erasure> read() {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      String text = kept(Files.readString(file, StandardCharsets.ISO_8859_1));
      List<Erasure> erasures = new ArrayList<>();
      for (String line : text.split("\n", -1)) {
        if (!line.isBlank()) {
          erasures.add(parsed(line));
        }
      }
      return List.copyOf(erasures);
    } catch (IOException e) {
      throw failed("cannot be read", e);
    }
  }

  private static Erasure parsed(String line) {
    try {
      return Erasure.parse(line);
    } catch (InvalidInputException e) {
      throw failed("has a line that is no record", e);
    }
  }

  private static StorageException failed(String what, Exception cause) {
    return new StorageException(ErrorCode.STORAGE_FAILED, "the erasure list " + what, cause);
  }
}
