/** The main job as a small program. */
@NullMarked
package io.tenantkit.examples.quickstart;

import org.jspecify.annotations.NullMarked;
