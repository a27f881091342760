package io.tenantkit.jdbc;

/** Stands for the module until its first class is there. */
public final class Placeholder {
  private Placeholder() {}

  /** Returns the name of the module. */
  public static String name() {
    return "tenantkit-jdbc";
  }
}
