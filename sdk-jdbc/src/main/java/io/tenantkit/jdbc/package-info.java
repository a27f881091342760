@NullMarked
package io.tenantkit.jdbc;

import org.jspecify.annotations.NullMarked;
