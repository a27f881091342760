package io.tenantkit.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one audit trail, numbered without gaps, one behind the other in a few large arrays: a
 * trail grows with every use of a secret, and rows that are objects each would be walked and copied
 * by the garbage collector all the time. Ids are found without a set of them, since nearly all
 * ascend. Used under the engine's lock.
 */
final class MemoryRows {
  private static final int SMALLEST = 1 << 10;
  private static final int LARGEST = 1 << 20;

  /** Rows that lie in one array. */
  private static final class Block {
    final long firstSeq;
    final byte[] bytes;
    int[] ends = new int[4];
    int rows;

    /** Which rows' ids are greater than all before, in this block and in those before it. */
    int[] ascending = new int[4];

    int ascendingRows;

    /** The greatest id up to the end of this block. */
    @Nullable String greatest;

    Block(long firstSeq, int size, @Nullable String greatest) {
      this.firstSeq = firstSeq;
      this.bytes = new byte[size];
      this.greatest = greatest;
    }

    int end() {
      return rows == 0 ? 0 : ends[rows - 1];
    }

    byte[] row(int at) {
      return Arrays.copyOfRange(bytes, at == 0 ? 0 : ends[at - 1], ends[at]);
    }

    void add(byte[] head, byte[] tail, boolean ascends) {
      int at = end();
      System.arraycopy(head, 0, bytes, at, head.length);
      System.arraycopy(tail, 0, bytes, at + head.length, tail.length);
      if (ascends) {
        ascending = room(ascending, ascendingRows);
        ascending[ascendingRows++] = rows;
      }
      ends = room(ends, rows);
      ends[rows++] = at + head.length + tail.length;
    }

    private static int[] room(int[] numbers, int used) {
      return used < numbers.length ? numbers : Arrays.copyOf(numbers, 2 * used);
    }
  }

  private List<Block> blocks = new ArrayList<>();
  private final Set<String> strays = new HashSet<>();
  private long firstSeq = 1;
  private long lastSeq;

  /** The number of the first row that there is, or will be. */
  long firstSeq() {
    return firstSeq;
  }

  /** The number of the last row that there ever was; 0 before the first. */
  long lastSeq() {
    return lastSeq;
  }

  /** Adds a row of two parts; what this gives takes it away again, as the last that was added. */
  Runnable add(String id, byte[] head, byte[] tail) {
    Block block = blockFor(head.length + tail.length);
    @Nullable String before = block.greatest;
    boolean ascends = before == null || id.compareTo(before) > 0;
    block.add(head, tail, ascends);
    lastSeq++;
    if (ascends) {
      block.greatest = id;
    } else {
      strays.add(id);
    }
    return () -> {
      lastSeq--;
      block.rows--;
      if (ascends) {
        block.ascendingRows--;
        block.greatest = before;
      } else {
        strays.remove(id);
      }
    };
  }

  /** The last block, or a new one behind it, twice as large, when that has no room. */
  private Block blockFor(int bytes) {
    @Nullable Block last = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
    if (last != null && last.bytes.length - last.end() >= bytes) {
      return last;
    }
    int size = last == null ? SMALLEST : Math.min(2 * last.bytes.length, LARGEST);
    Block next = new Block(lastSeq + 1, Math.max(size, bytes), last == null ? null : last.greatest);
    blocks.add(next);
    return next;
  }

  /** The parts of the row with this number, which there is, one behind the other. */
  byte[] get(long seq) {
    Block block = blocks.get(blockOf(seq));
    return block.row((int) (seq - block.firstSeq));
  }

  /** The last block that begins at or before this number. A block that was emptied is the last. */
  private int blockOf(long seq) {
    int low = 0;
    int high = blocks.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (blocks.get(middle).firstSeq <= seq) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Whether a row has this id. */
  boolean has(String id) {
    if (blocks.isEmpty() || isGreater(id, blocks.get(blocks.size() - 1).greatest)) {
      return false;
    }
    return strays.contains(id) || isAscending(id);
  }

  private static boolean isGreater(String id, @Nullable String than) {
    return than == null || id.compareTo(than) > 0;
  }

  /** Whether it is one of those that are greater than all before. */
  private boolean isAscending(String id) {
    int low = 0;
    int high = blocks.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isGreater(id, blocks.get(middle).greatest)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    Block block = blocks.get(low);
    int from = 0;
    int to = block.ascendingRows - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      int row = block.ascending[middle];
      int order = id(block.row(row)).compareTo(id);
      if (order == 0) {
        return block.firstSeq + row >= firstSeq;
      }
      if (order < 0) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return false;
  }

  private static String id(byte[] row) {
    return MemoryChain.row(row).id();
  }

  /** Removes the rows up to this number; what this gives brings them back. */
  Runnable removeThrough(long seq) {
    List<Block> oldBlocks = blocks;
    long oldFirst = firstSeq;
    Set<String> oldStrays = new HashSet<>();
    for (long each = firstSeq; each <= seq && !strays.isEmpty(); each++) {
      String id = id(get(each));
      if (strays.remove(id)) {
        oldStrays.add(id);
      }
    }
    int gone = Math.max(0, blockOf(seq + 1));
    blocks = new ArrayList<>(blocks.subList(gone, blocks.size()));
    firstSeq = seq + 1;
    return () -> {
      blocks = oldBlocks;
      firstSeq = oldFirst;
      strays.addAll(oldStrays);
    };
  }
}
