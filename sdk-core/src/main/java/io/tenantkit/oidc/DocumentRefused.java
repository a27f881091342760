package io.tenantkit.oidc;

import java.io.IOException;
import java.io.Serial;

/** An issuer's document cannot be had or used. The message is ours: no text of the document's. */
final class DocumentRefused extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  DocumentRefused(String why) {
    super(why);
  }
}
