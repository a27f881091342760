package io.tenantkit.vault.backup;

import io.tenantkit.InvalidInputException;
import java.io.IOException;
import java.util.List;

/**
 * The parts of a backup in their order: the organization first, for the others need it. For one
 * run.
 */
final class BackupParts {
  static final String MANIFEST = "manifest";

  /** What secrets belong to comes before them, what belongs to secrets behind. */
  private final List<BackupPart> parts =
      List.of(
          new OrganizationPart(),
          new TeamsPart(),
          new IntegrationsPart(),
          new WebhooksPart(),
          new SecretsPart(),
          new RotationsPart());

  void export(ExportRun run, RecordWriter out) throws IOException {
    out.write(run.manifest());
    for (BackupPart part : parts) {
      part.export(run, out);
    }
    out.finish();
  }

  /** Gives each part its records; one that comes out of order, twice or unknown is refused. */
  void restore(RestoreRun run, RecordReader in) throws IOException {
    try {
      try (BackupRecord manifest = in.next()) {
        requireKind(manifest.kind().equals(MANIFEST));
        run.begin(new Members(manifest.json()));
      }
      int at = 0;
      while (true) {
        try (BackupRecord record = in.next()) {
          boolean last = record.kind().equals(RecordWriter.END);
          while (at < parts.size() && (last || !parts.get(at).kinds().contains(record.kind()))) {
            parts.get(at++).end(run);
          }
          if (last) {
            for (BackupPart part : parts) {
              part.last(run);
            }
            return;
          }
          requireKind(at < parts.size());
          parts.get(at).restore(run, record);
        }
      }
    } catch (InvalidInputException e) {
      // No argument of the caller's is wrong, and the plan has a message of its own.
      throw e.property().equals("plan") ? e : Rejected.content();
    }
  }

  private static void requireKind(boolean known) {
    if (!known) {
      throw Rejected.content();
    }
  }
}
