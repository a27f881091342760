package io.tenantkit.livekit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;

/** How tokens are read: bounded, without repeated names, without a ThreadLocal. */
final class Json {
  /** Deep enough for every claim that LiveKit has; each level costs the reader stack or heap. */
  static final int MAX_DEPTH = 32;

  private static final int MAX_NAME_LENGTH = 1_024;
  private static final int MAX_NUMBER_LENGTH = 32;
  private static final int POOLED_BUFFERS = 16;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .recyclerPool(JsonRecyclerPools.newBoundedPool(POOLED_BUFFERS))
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(MAX_NAME_LENGTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxStringLength(LiveKitTokenIssuer.MAX_TOKEN_LENGTH)
                  .maxDocumentLength(LiveKitTokenIssuer.MAX_TOKEN_LENGTH)
                  .build())
          .build();

  private Json() {}
}
