package io.tenantkit.tck;

/** What the host's own code throws in the contracts, to have its transaction rolled back. */
public final class HostFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
}
