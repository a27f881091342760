package io.tenantkit.vault.masterkey;

import io.tenantkit.secret.SealingKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What {@link TransitMasterKeys} stores of a wrapped key.
 *
 * <pre>
 * offset  length  what
 *      0       4  "TKKM"
 *      4       1  format version, 1
 *      5       1  n, length of the master key's id, 1 to 200
 *      6       n  the id, printable ASCII
 *  6 + n       m  the server's ciphertext, 1 to 4,096 characters of printable ASCII
 * </pre>
 *
 * <p>It never begins with the version byte of {@link SealingKey}'s records, so that neither reads
 * the other's. The server is given, as associated data, the length of the caller's in 4 bytes, the
 * caller's, and this record up to the ciphertext: neither the record nor its id can be moved.
 */
final class TransitRecord {
  static final Pattern ID = Pattern.compile("[!-~]{1,200}");
  static final Pattern CIPHERTEXT = Pattern.compile("[!-~]{1,4096}");

  private static final byte[] MAGIC = {'T', 'K', 'K', 'M', 1};
  private static final int ID_OFFSET = MAGIC.length + 1;

  private TransitRecord() {}

  static byte[] of(String id, String ciphertext) {
    byte[] header = header(id);
    return ByteBuffer.allocate(header.length + ciphertext.length())
        .put(header)
        .put(ciphertext.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  /** Whether the record begins as those of this id do. */
  static boolean isOf(String id, byte[] record) {
    byte[] header = header(id);
    return record.length > header.length
        && Arrays.equals(header, 0, header.length, record, 0, header.length);
  }

  /**
   * The ciphertext in a record of this id.
   *
   * @throws io.tenantkit.TenantkitException as every record that does not open, if it is none
   */
  static String ciphertext(String id, byte[] record) {
    if (!isOf(id, record)) {
      throw SealingKey.rejected();
    }
    int offset = header(id).length;
    String text = new String(record, offset, record.length - offset, StandardCharsets.ISO_8859_1);
    if (!CIPHERTEXT.matcher(text).matches()) {
      throw SealingKey.rejected();
    }
    return text;
  }

  static byte[] boundData(String id, byte[] associatedData) {
    byte[] header = header(id);
    return ByteBuffer.allocate(4 + associatedData.length + header.length)
        .putInt(associatedData.length)
        .put(associatedData)
        .put(header)
        .array();
  }

  private static byte[] header(String id) {
    byte[] ascii = id.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(ID_OFFSET + ascii.length)
        .put(MAGIC)
        .put((byte) ascii.length)
        .put(ascii)
        .array();
  }
}
