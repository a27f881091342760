/** What compliance reports ask of the vault's other rooms. */
@NullMarked
package io.tenantkit.vault.usage;

import org.jspecify.annotations.NullMarked;
