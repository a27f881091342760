/**
 * What a host answers over HTTP: from a refused verdict, an error, or the limits of an admitted
 * call to status, headers and problem body. Pure functions; nothing here knows a web framework.
 */
@NullMarked
package io.tenantkit.http;

import org.jspecify.annotations.NullMarked;
