package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads the records of a file that {@link RecordWriter} wrote. For one thread. */
final class RecordReader implements AutoCloseable {
  private static final int MAX_DEPTH = 8;
  private static final StrictJson JSON = StrictJson.bounded(BackupRecord.MAX_JSON_BYTES, MAX_DEPTH);

  private final ChunkReader chunks;
  private long read;

  /**
   * @param in behind the header
   */
  RecordReader(InputStream in, BackupKey.Opened key) {
    this.chunks = new ChunkReader(in, key.keys(), key.header());
  }

  /** The next record, the caller's to close; of the last one it was shown that it is. */
  BackupRecord next() throws IOException {
    ObjectNode json = json(chunks.read(number(BackupRecord.MAX_JSON_BYTES)));
    int count = ByteBuffer.wrap(chunks.read(2)).getShort() & 0xFFFF;
    if (count > BackupRecord.MAX_VALUES) {
      throw Rejected.content();
    }
    List<SecretValue> values = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        values.add(SecretValue.takeOver(chunks.read(number(SecretValue.MAX_BYTES))));
      }
      BackupRecord record = new BackupRecord(json, values);
      if (record.kind().equals(RecordWriter.END)) {
        requireEnd(record);
      }
      read++;
      return record;
    } catch (IOException | RuntimeException e) {
      values.forEach(SecretValue::close);
      throw e;
    }
  }

  private void requireEnd(BackupRecord record) {
    Members end = new Members(record.json());
    if (end.number("records") != read || !record.values().isEmpty()) {
      throw Rejected.content();
    }
    end.requireNoMore();
    chunks.requireEnd();
  }

  /** A length is judged before anything is made of that length. */
  private int number(int most) throws IOException {
    int number = ByteBuffer.wrap(chunks.read(4)).getInt();
    if (number < 0 || number > most) {
      throw Rejected.content();
    }
    return number;
  }

  private static ObjectNode json(byte[] utf8) {
    try {
      JsonNode node = JSON.parse(utf8);
      if (node instanceof ObjectNode object) {
        return object;
      }
    } catch (StrictJson.MalformedJsonException e) {
      throw Rejected.content();
    }
    throw Rejected.content();
  }

  @Override
  public void close() {
    chunks.close();
  }
}
