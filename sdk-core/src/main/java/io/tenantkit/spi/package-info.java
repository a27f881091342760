/**
 * What a storage must do, and what rooms of upper modules need of the control plane. A store is a
 * few verbs: each is atomic, takes whoever the call acts for first, and takes the audit event of
 * its change and writes both or neither. The rules live above, once, so that every storage answers
 * alike; {@code io.tenantkit.tck} in the test-jar is the contract.
 */
@NullMarked
package io.tenantkit.spi;

import org.jspecify.annotations.NullMarked;
