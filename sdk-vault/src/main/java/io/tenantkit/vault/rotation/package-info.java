/**
 * Secrets that are replaced in time: {@link io.tenantkit.vault.rotation.SecretRotations} keeps a
 * policy for each, and due work creates, tests, promotes and retires values with the {@link
 * io.tenantkit.vault.rotation.SecretRotator} of the secret's type. A secret keeps a current version
 * that works, whatever fails and whenever the process is killed.
 */
@NullMarked
package io.tenantkit.vault.rotation;

import org.jspecify.annotations.NullMarked;
