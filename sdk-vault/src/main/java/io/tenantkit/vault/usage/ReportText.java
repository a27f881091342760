package io.tenantkit.vault.usage;

import io.tenantkit.audit.AuditEvent;
import java.io.IOException;

/** A report as text for people. Not safe for use by several threads. */
final class ReportText implements ComplianceReport.Sink {
  private final Appendable to;
  private String section = "";

  ReportText(Appendable to) {
    this.to = to;
  }

  @Override
  public void line(ReportLine line) throws IOException {
    if (line instanceof ReportLine.Header header) {
      to.append("Compliance report of ").append(header.organization().value()).append('\n');
      to.append("From ").append(header.from().toString());
      to.append(" until ").append(header.until().toString());
      to.append(", made at ").append(header.madeAt().toString()).append('\n');
      to.append("Environments: ").append(header.environments().toString()).append('\n');
      if (!header.secretsNamed()) {
        to.append("Without names of secrets and overdue rotations: secrets:read is not held\n");
      }
    } else if (line instanceof ReportLine.Access access) {
      section("Who used what");
      to.append(access(access.access(), access.secretName().orElse("")));
    } else if (line instanceof ReportLine.Change change) {
      section("What was changed");
      to.append(change(change.event()));
    } else if (line instanceof ReportLine.Overdue overdue) {
      section("Overdue rotations");
      to.append(overdue(overdue.rotation()));
    } else if (line instanceof ReportLine.Unusual unusual) {
      section("What was unusual");
      to.append(finding(unusual.finding()));
    } else if (line instanceof ReportLine.KeyWithoutExpiry key) {
      section("API keys without an end");
      to.append("  " + key.id() + " " + quoted(key.name()) + " by " + quoted(key.createdBy()));
      to.append(" at " + key.createdAt() + "\n");
    } else if (line instanceof ReportLine.Entitled entitled) {
      section("Who has access");
      to.append(entitled(entitled));
    } else if (line instanceof ReportLine.Granted granted) {
      section("What reaches secrets");
      to.append("  " + granted.kind() + " " + granted.id() + " " + quoted(granted.name()));
      to.append(": " + String.join(" ", granted.scopes()) + " in " + granted.environments() + "\n");
    } else if (line instanceof ReportLine.PolicyException exception) {
      section("Departs from policy");
      to.append("  " + exception.rule() + " " + exception.targetType() + " " + exception.target());
      to.append(" " + quoted(exception.name()));
      to.append(exception.environment().map(in -> " (" + in + ")").orElse(""));
      to.append(": " + quoted(exception.why()) + "\n");
    } else if (line instanceof ReportLine.Totals totals) {
      section("Totals");
      to.append("  accesses " + totals.accesses() + ", changes " + totals.changes());
      to.append(", overdue rotations " + totals.overdue() + ", unusual " + totals.unusual());
      to.append(", keys without an end " + totals.keysWithoutExpiry());
      to.append(", secrets " + totals.entitled() + ", keys and roles " + totals.granted());
      to.append(", departures from policy " + totals.exceptions() + "\n");
    }
  }

  private void section(String named) throws IOException {
    if (!section.equals(named)) {
      section = named;
      to.append('\n').append(named).append('\n');
    }
  }

  private static String access(ActorAccess access, String name) {
    UseSubject subject = access.subject();
    String secret = subject.secret().isEmpty() ? "no secret" : subject.secret();
    return "  "
        + secret
        + (name.isEmpty() ? "" : " " + name)
        + " ("
        + subject.environment()
        + ") by "
        + subject.actor().kind()
        + " "
        + quoted(subject.actor().id())
        + ": "
        + access.ok()
        + " uses, "
        + access.refused()
        + " refused, "
        + access.failed()
        + " failed, "
        + access.firstAt()
        + " to "
        + access.lastAt()
        + "\n";
  }

  private static String entitled(ReportLine.Entitled line) {
    StringBuilder teams = new StringBuilder();
    for (ReportLine.TeamShare team : line.teams()) {
      teams
          .append(", team ")
          .append(team.id().value())
          .append(team.name().map(name -> " " + quoted(name)).orElse(""))
          .append(" of ")
          .append(team.members());
    }
    return "  "
        + line.secret()
        + " "
        + line.ref().project()
        + "/"
        + line.ref().name()
        + " ("
        + line.ref().environment()
        + "): "
        + line.level()
        + ", of "
        + line.owner().kind()
        + " "
        + quoted(line.owner().id())
        + teams
        + "\n";
  }

  private static String change(AuditEvent event) {
    return "  "
        + event.at()
        + " "
        + event.action()
        + " "
        + event.targetType()
        + " "
        + quoted(event.targetId())
        + " by "
        + event.actor().kind()
        + " "
        + quoted(event.actor().id())
        + "\n";
  }

  private static String overdue(OverdueRotations.Rotation rotation) {
    return "  "
        + rotation.secret().id()
        + " "
        + rotation.secret().ref().project()
        + "/"
        + rotation.secret().ref().name()
        + " ("
        + rotation.secret().ref().environment()
        + ") due "
        + rotation.dueAt()
        + ", "
        + rotation.why()
        + "\n";
  }

  private static String finding(Finding finding) {
    UseSubject subject = finding.subject();
    return "  "
        + finding.at()
        + " "
        + finding.severity()
        + " "
        + finding.rule()
        + " "
        + (subject.secret().isEmpty() ? "no secret" : subject.secret())
        + " by "
        + subject.actor().kind()
        + " "
        + quoted(subject.actor().id())
        + (subject.tool().isEmpty() ? "" : " through " + subject.tool())
        + ": observed "
        + finding.observed()
        + ", usual "
        + finding.baseline()
        + ", threshold "
        + finding.threshold()
        + "\n";
  }

  /** Names are somebody's text, which must not look like a line of the report. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder();
    io.tenantkit.spi.JsonText.quote(quoted, text);
    return quoted.toString();
  }
}
