@NullMarked
package io.tenantkit.livekit;

import org.jspecify.annotations.NullMarked;
