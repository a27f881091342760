package io.tenantkit.vault.backup;

import java.util.Optional;

/**
 * What the header of a backup says in clear. Whoever can write the file can have written it: only
 * opening it shows whether it is true.
 *
 * @param format the version of the format
 * @param kind what opens it
 * @param fileId 32 hexadecimal characters, drawn anew for each backup
 * @param recipientId which recipient's key opens it, as {@link BackupRecipient#id()} tells; empty
 *     when a passphrase does
 */
public record BackupFacts(int format, Kind kind, String fileId, Optional<String> recipientId) {

  /** What opens a backup. */
  public enum Kind {
    /** A passphrase. */
    PASSPHRASE,
    /** The private key of its recipient. */
    RECIPIENT
  }
}
