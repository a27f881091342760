package io.tenantkit.examples.tokenservice;

import java.util.List;

/** The environment does not say what the service needs; one line for each variable. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With these lines, none of which holds a value. */
  SettingsException(List<String> lines) {
    super(String.join(System.lineSeparator(), lines));
  }
}
