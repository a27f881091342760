@NullMarked
package io.tenantkit;

import org.jspecify.annotations.NullMarked;
