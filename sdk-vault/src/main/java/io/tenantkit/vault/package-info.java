@NullMarked
package io.tenantkit.vault;

import org.jspecify.annotations.NullMarked;
