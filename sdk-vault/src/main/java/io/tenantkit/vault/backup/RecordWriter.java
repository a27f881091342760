package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Writes records into a file's chunks. For one thread. */
final class RecordWriter implements AutoCloseable {
  static final String END = "end";

  private final ChunkWriter chunks;
  private long written;

  RecordWriter(OutputStream out, BackupKey.Opened key) throws IOException {
    out.write(key.header().bytes());
    this.chunks = new ChunkWriter(out, key.keys(), key.header());
  }

  /** A record of this kind, to be filled. */
  static ObjectNode record(String kind) {
    return JsonNodeFactory.instance.objectNode().put(BackupRecord.KIND, kind);
  }

  void write(ObjectNode json) throws IOException {
    write(json, List.of());
  }

  /** The values stay the caller's to close. */
  void write(ObjectNode json, Collection<SecretValue> values) throws IOException {
    byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
    if (text.length > BackupRecord.MAX_JSON_BYTES || values.size() > BackupRecord.MAX_VALUES) {
      throw new IllegalStateException("a record beyond the bounds of the format");
    }
    chunks.write(number(text.length));
    chunks.write(text);
    chunks.write(ByteBuffer.allocate(2).putShort((short) values.size()).array());
    for (SecretValue value : values) {
      byte[] bytes = value.bytes(SecretAccess.get());
      try {
        chunks.write(number(bytes.length));
        chunks.write(bytes);
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }
    written++;
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  /** Writes the last record. */
  void finish() throws IOException {
    write(record(END).put("records", written));
    chunks.finish();
  }

  @Override
  public void close() {
    chunks.close();
  }
}
