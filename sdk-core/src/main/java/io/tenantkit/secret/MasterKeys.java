package io.tenantkit.secret;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Placeholder of the port; the crypto room brings the real one. */
public interface MasterKeys {
  /** Current. */
  String currentId();

  /** All. */
  Set<String> ids();

  /** Check value. */
  String checkValue(String id);

  /** Where. */
  Optional<Path> location();
}
