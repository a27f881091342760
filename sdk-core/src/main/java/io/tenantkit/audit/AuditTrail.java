package io.tenantkit.audit;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.PlaneRuntime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The audit room of one control plane: the log, the signing of heads, retention and the sampling of
 * failed verifications, with their periodic work. For the control plane, not for hosts. Safe for
 * use by several threads.
 */
public final class AuditTrail {
  private static final String CHECKPOINTS = "audit.checkpoints";
  private static final String FAILURES = "audit.failures";
  private static final String RETENTION = "audit.retention";
  private static final Duration FAILURES_INTERVAL = Duration.ofSeconds(10);
  private static final Duration RETENTION_INTERVAL = Duration.ofHours(1);

  private final PlaneRuntime runtime;
  private final AuditLog log;
  private final FailureSampler failures;

  /** The room over this runtime; its periodic work is in the runtime's hands from here on. */
  public AuditTrail(PlaneRuntime runtime, AuditSettings settings) {
    this.runtime = runtime;
    AuditKeys keys = new AuditKeys(runtime);
    ChainVerifier verifier = new ChainVerifier(runtime.coreStores(), keys);
    CheckpointSigner signer = new CheckpointSigner(runtime, keys, verifier);
    AuditRetention retention = new AuditRetention(runtime, keys, verifier, signer);
    this.log = new StoredAuditLog(runtime, verifier, signer, retention);
    this.failures = new FailureSampler(runtime);

    runtime.maintenance().every(FAILURES, FAILURES_INTERVAL, now -> failures.write());
    runtime.maintenance().every(CHECKPOINTS, settings.checkpointInterval(), signer::signDue);
    settings
        .retention()
        .ifPresent(
            kept ->
                runtime
                    .maintenance()
                    .every(RETENTION, RETENTION_INTERVAL, now -> retention.pruneDue(kept, now)));
    runtime
        .onClose()
        .accept(
            () -> {
              atClose(FAILURES, failures::write);
              atClose(CHECKPOINTS, () -> signer.signDue(runtime.now()));
              keys.close();
            });
  }

  /** The log. */
  public AuditLog log() {
    return log;
  }

  /** Where refused verifications go. */
  public FailureSampler failures() {
    return failures;
  }

  /** What fails here fails alone: closing goes on. */
  private void atClose(String name, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      failed(name, e instanceof TenantkitException known ? known.code() : ErrorCode.INTERNAL);
    }
  }

  private void failed(String name, ErrorCode code) {
    runtime
        .events()
        .publish(
            new Event(
                EventType.MAINTENANCE_FAILED,
                runtime.now(),
                Optional.empty(),
                name,
                Map.of("error", code.name())));
  }
}
