package io.tenantkit.examples.tokenservice;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a caller before anybody has judged it.
 *
 * @param presents whether it sent anything that claims to be a key
 * @param key what it sent; null when it sent nothing, or several things
 * @param address where it comes from
 * @param program whether it is neither a page in a browser nor behind a proxy, by its headers
 */
record Caller(boolean presents, @Nullable String key, InetAddress address, boolean program) {

  /** Without the key. */
  @Override
  public String toString() {
    return "Caller[" + address + "]";
  }
}
