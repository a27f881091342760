package io.tenantkit.examples.quickstart;

import io.tenantkit.Placeholder;

/** Stands for the quickstart until its code is there. */
public final class Quickstart {
  private Quickstart() {}

  public static void main(String[] args) {
    System.out.println("quickstart: " + greeting() + " " + String.join(" ", args));
  }

  static String greeting() {
    return Placeholder.name();
  }
}
