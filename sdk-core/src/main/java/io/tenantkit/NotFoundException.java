package io.tenantkit;

/**
 * Nothing with that id in the caller's organization. An id of another organization gets this same
 * answer.
 */
public final class NotFoundException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  /**
   * @param kind what was looked for, for example {@code api key}
   */
  public NotFoundException(String kind) {
    super(ErrorCode.NOT_FOUND, kind + " not found");
  }
}
