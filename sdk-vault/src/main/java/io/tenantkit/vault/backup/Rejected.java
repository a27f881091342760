package io.tenantkit.vault.backup;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;

/** The answers to files that do not open. Stateless. */
final class Rejected {
  private Rejected() {}

  /** The one answer to a wrong key and to whatever is not as it was written. */
  static TenantkitException backup() {
    return new TenantkitException(
        ErrorCode.BACKUP_REJECTED,
        "the backup does not open: another key, or altered, cut or continued");
  }

  /** Not one of ours, of a later version, or beyond a bound: said before any key is tried. */
  static TenantkitException header(String why) {
    return new TenantkitException(ErrorCode.BACKUP_REJECTED, "the backup's header: " + why);
  }

  /** Authentic, but not what this version of the library writes. */
  static TenantkitException content() {
    return new TenantkitException(
        ErrorCode.BACKUP_REJECTED, "the backup opens, but holds what this version does not know");
  }
}
