package io.tenantkit.vault.usage;

import static java.util.stream.Collectors.joining;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.JsonText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A report as one JSON object in ASCII: the header's members, then the arrays {@code accesses},
 * {@code changes}, {@code overdueRotations}, {@code unusual}, {@code keysWithoutExpiry}, {@code
 * entitled}, {@code granted} and {@code exceptions}, then the object {@code totals}. Every member
 * of a line is a text, numbers too. One line of text for each line of the report. Not safe for use
 * by several threads.
 */
final class ReportJson implements ComplianceReport.Sink {
  private static final String[] ARRAYS = {
    "accesses",
    "changes",
    "overdueRotations",
    "unusual",
    "keysWithoutExpiry",
    "entitled",
    "granted",
    "exceptions"
  };

  private final Appendable to;
  private int array = -1;
  private boolean first;

  ReportJson(Appendable to) {
    this.to = to;
  }

  @Override
  public void line(ReportLine line) throws IOException {
    if (line instanceof ReportLine.Header header) {
      String members = JsonText.object(header(header));
      to.append(members, 0, members.length() - 1);
    } else if (line instanceof ReportLine.Access access) {
      in(0, access(access));
    } else if (line instanceof ReportLine.Change change) {
      in(1, change(change));
    } else if (line instanceof ReportLine.Overdue overdue) {
      in(2, overdue(overdue.rotation()));
    } else if (line instanceof ReportLine.Unusual unusual) {
      in(3, finding(unusual.finding()));
    } else if (line instanceof ReportLine.KeyWithoutExpiry key) {
      in(4, key(key));
    } else if (line instanceof ReportLine.Entitled entitled) {
      in(5, entitled(entitled));
    } else if (line instanceof ReportLine.Granted granted) {
      in(6, granted(granted));
    } else if (line instanceof ReportLine.PolicyException exception) {
      in(7, exception(exception));
    } else if (line instanceof ReportLine.Totals totals) {
      open(ARRAYS.length - 1);
      to.append("\n],\n\"totals\":").append(JsonText.object(totals(totals))).append("}\n");
    }
  }

  private void in(int wanted, Map<String, String> members) throws IOException {
    open(wanted);
    to.append(first ? "\n" : ",\n").append(JsonText.object(members));
    first = false;
  }

  /** Ends the arrays before this one and begins it. */
  private void open(int wanted) throws IOException {
    while (array < wanted) {
      to.append(array < 0 ? "" : "\n]").append(",\n\"").append(ARRAYS[++array]).append("\":[");
      first = true;
    }
  }

  private static Map<String, String> header(ReportLine.Header header) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("organization", header.organization().value());
    members.put("from", header.from().toString());
    members.put("until", header.until().toString());
    members.put("madeAt", header.madeAt().toString());
    members.put(
        "environments", String.join(" ", header.environments().stream().map(Enum::name).toList()));
    members.put("secretsNamed", Boolean.toString(header.secretsNamed()));
    return members;
  }

  private static Map<String, String> access(ReportLine.Access line) {
    ActorAccess access = line.access();
    Map<String, String> members = subject(access.subject());
    line.secretName().ifPresent(name -> members.put("secretName", name));
    members.put("ok", Long.toString(access.ok()));
    members.put("refused", Long.toString(access.refused()));
    members.put("failed", Long.toString(access.failed()));
    members.put("firstAt", access.firstAt().toString());
    members.put("lastAt", access.lastAt().toString());
    return members;
  }

  private static Map<String, String> subject(UseSubject subject) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("secret", subject.secret());
    members.put("environment", subject.environment().name());
    members.put("actorKind", subject.actor().kind().name());
    members.put("actor", subject.actor().id());
    return members;
  }

  private static Map<String, String> change(ReportLine.Change change) {
    AuditEvent event = change.event();
    Map<String, String> members = new LinkedHashMap<>();
    members.put("seq", Long.toString(change.seq()));
    members.put("id", event.id());
    members.put("at", event.at().toString());
    members.put("actorKind", event.actor().kind().name());
    members.put("actor", event.actor().id());
    members.put("action", event.action());
    members.put("targetType", event.targetType());
    members.put("target", event.targetId());
    members.put("details", JsonText.object(event.details()));
    return members;
  }

  private static Map<String, String> overdue(OverdueRotations.Rotation rotation) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("secret", rotation.secret().id().value());
    members.put("project", rotation.secret().ref().project());
    members.put("environment", rotation.secret().ref().environment().name());
    members.put("name", rotation.secret().ref().name());
    members.put("dueAt", rotation.dueAt().toString());
    members.put("why", rotation.why());
    return members;
  }

  private static Map<String, String> finding(Finding finding) {
    Map<String, String> members = subject(finding.subject());
    members.put("id", finding.id());
    members.put("rule", finding.rule().name());
    members.put("severity", finding.severity().name());
    members.put("tool", finding.subject().tool());
    members.put("at", finding.at().toString());
    members.put("baseline", Long.toString(finding.baseline()));
    members.put("observed", Long.toString(finding.observed()));
    members.put("threshold", Long.toString(finding.threshold()));
    return members;
  }

  private static Map<String, String> key(ReportLine.KeyWithoutExpiry key) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("id", key.id());
    members.put("name", key.name());
    members.put("createdBy", key.createdBy());
    members.put("createdAt", key.createdAt().toString());
    return members;
  }

  private static Map<String, String> entitled(ReportLine.Entitled line) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("secret", line.secret().value());
    members.put("project", line.ref().project());
    members.put("environment", line.ref().environment().name());
    members.put("name", line.ref().name());
    members.put("level", line.level().name());
    members.put("ownerKind", line.owner().kind().name());
    members.put("owner", line.owner().id());
    members.put(
        "teams", line.teams().stream().map(ReportJson::team).collect(joining(",", "[", "]")));
    return members;
  }

  private static String team(ReportLine.TeamShare team) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("id", team.id().value());
    team.name().ifPresent(name -> members.put("name", name));
    members.put("members", Long.toString(team.members()));
    return JsonText.object(members);
  }

  private static Map<String, String> granted(ReportLine.Granted line) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("kind", line.kind().name());
    members.put("id", line.id());
    members.put("name", line.name());
    members.put("createdBy", line.createdBy());
    members.put("environments", line.environments().stream().map(Enum::name).collect(joining(" ")));
    members.put("scopes", String.join(" ", line.scopes()));
    return members;
  }

  private static Map<String, String> exception(ReportLine.PolicyException line) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("rule", line.rule().name());
    members.put("targetType", line.targetType());
    members.put("target", line.target());
    members.put("name", line.name());
    line.environment().ifPresent(in -> members.put("environment", in.name()));
    members.put("why", line.why());
    return members;
  }

  private static Map<String, String> totals(ReportLine.Totals totals) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("accesses", Long.toString(totals.accesses()));
    members.put("changes", Long.toString(totals.changes()));
    members.put("overdueRotations", Long.toString(totals.overdue()));
    members.put("unusual", Long.toString(totals.unusual()));
    members.put("keysWithoutExpiry", Long.toString(totals.keysWithoutExpiry()));
    members.put("entitled", Long.toString(totals.entitled()));
    members.put("granted", Long.toString(totals.granted()));
    members.put("exceptions", Long.toString(totals.exceptions()));
    return members;
  }
}
