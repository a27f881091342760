package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** One record a line. Whoever appends holds the file's lock, against other processes too. */
final class FileErasureList implements ErasureList {
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
        FileLock held = channel.lock()) {
      // After a crash the last line may lack its end; what is added then starts a line of its own.
      boolean cut =
          held.isValid() && channel.size() > 0 && byteAt(channel, channel.size() - 1) != '\n';
      ByteBuffer line =
          ByteBuffer.wrap(
              ((cut ? "\n" : "") + erasure.text() + "\n").getBytes(StandardCharsets.US_ASCII));
      channel.position(channel.size());
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(true);
    } catch (IOException e) {
      throw failed("cannot be written", e);
    }
  }

  private static byte byteAt(FileChannel channel, long position) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    channel.read(one, position);
    return one.get(0);
  }

  @Override
  public synchronized List<Erasure> read() {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      String text = Files.readString(file, StandardCharsets.US_ASCII);
      List<Erasure> erasures = new ArrayList<>();
      for (String line : text.split("\n", -1)) {
        if (!line.isBlank()) {
          parse(line, erasures);
        }
      }
      return List.copyOf(erasures);
    } catch (IOException e) {
      throw failed("cannot be read", e);
    }
  }

  /** A line that is cut off is the only one that is passed over: it is too short to be another. */
  private void parse(String line, List<Erasure> into) {
    try {
      into.add(Erasure.parse(line));
    } catch (InvalidInputException e) {
      if (line.chars().filter(c -> c == ' ').count() >= CUT_OFF) {
        throw failed("has a line that is no record", e);
      }
    }
  }

  /** So many spaces has a whole record. */
  private static final int CUT_OFF = 12;

  private static StorageException failed(String what, Exception cause) {
    return new StorageException(ErrorCode.STORAGE_FAILED, "the erasure list " + what, cause);
  }
}
