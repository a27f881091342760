package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import java.util.Map;
import java.util.TreeMap;

/** What every template is held to, whoever wrote it. */
final class TemplateRules {
  private static final int MAX_FIELDS = 16;
  private static final int MAX_RULES = 64;
  private static final int MAX_HEADERS = 16;
  private static final String LABEL = "abcdefghijklmnopqrstuvwxyz0123456789-";
  private static final String SEGMENT = LABEL + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "_.~";
  private static final String VISIBLE = visible();

  private final IntegrationTemplate template;

  TemplateRules(IntegrationTemplate template) {
    this.template = template;
  }

  void require() {
    requireProvider(template.provider());
    Texts.require("displayName", template.displayName(), 128);
    if (template.fields().isEmpty() || template.fields().size() > MAX_FIELDS) {
      throw new InvalidInputException("fields", "1 to " + MAX_FIELDS);
    }
    if (template.fields().stream().noneMatch(TemplateField::secret)) {
      throw new InvalidInputException("fields", "at least one that is secret");
    }
    requireBase();
    requireAuthorization();
    requireCheck();
  }

  private static void requireProvider(String provider) {
    if (provider.isEmpty()
        || provider.length() > 64
        || provider.charAt(0) < 'a'
        || provider.charAt(0) > 'z'
        || !provider.chars().allMatch(c -> LABEL.indexOf(c) >= 0)) {
      throw new InvalidInputException(
          "provider", "1 to 64 characters of a-z, 0-9 and '-', beginning with a letter");
    }
  }

  private void requireBase() {
    TemplateText base = template.base();
    if (template.hasCustomBase()) {
      if (base.fields().size() != 1 || !base.literals().isEmpty()) {
        throw new InvalidInputException("base", "a base URL field alone");
      }
      if (field("base", base.fields().iterator().next()).secret()) {
        throw new InvalidInputException("base", "no secret");
      }
      return;
    }
    Map<String, String> sample = new TreeMap<>();
    for (String name : base.fields()) {
      TemplateField field = field("base", name);
      boolean label = field.format().isPresent() && field.format().get().within(LABEL);
      boolean listed =
          field.format().isPresent()
              && field.format().get().isListOfTexts()
              && field.format().get().within(LABEL + ".");
      // What ends the host's name decides whose it is, so only a closed list may.
      if (field.secret() || !(listed || (label && !base.endsWith(name)))) {
        throw new InvalidInputException(
            "base",
            "fields of lower case letters, digits and '-', at the end only a list of names");
      }
      sample.put(name, "x");
    }
    String text = base.render(sample);
    if (base.beginsWithField()
        || BaseUrl.parse(text, false).isEmpty()
        || text.indexOf('/', "https://".length()) >= 0) {
      throw new InvalidInputException("base", "https:// and a host");
    }
  }

  private void requireAuthorization() {
    Authorization authorization = template.authorization();
    if (authorization instanceof Authorization.Headers headers) {
      if (headers.headers().isEmpty() || headers.headers().size() > MAX_HEADERS) {
        throw new InvalidInputException("authorization", "1 to " + MAX_HEADERS + " headers");
      }
      headers.headers().forEach(this::requireHeader);
    } else if (authorization instanceof Authorization.Basic basic) {
      requireVisible("basic", basic.user(), VISIBLE.replace(":", ""));
      requireVisible("basic", basic.password(), VISIBLE);
    } else if (authorization instanceof Authorization.Form form) {
      requirePost();
      form.fields().values().forEach(text -> requireVisible("form", text, VISIBLE + " "));
    } else if (authorization instanceof Authorization.AwsSigned) {
      requireTexts("access_key_id", "secret_access_key", "session_token", "region");
    } else if (authorization instanceof Authorization.GoogleAssertion google) {
      requirePost();
      if (field("authorization", google.field()).kind() != TemplateField.Kind.SERVICE_ACCOUNT) {
        throw new InvalidInputException("authorization", "the field of the key file");
      }
    } else if (authorization instanceof Authorization.LiveKitToken) {
      requirePost();
      requireTexts("api_key", "api_secret");
    }
  }

  private void requireTexts(String... names) {
    for (String name : names) {
      if (field("authorization", name).kind() != TemplateField.Kind.TEXT) {
        throw new InvalidInputException("authorization", "fields that are texts");
      }
    }
  }

  private void requirePost() {
    if (!template.check().post()) {
      throw new InvalidInputException("check", "POST, for what the credential is sent with");
    }
  }

  private void requireHeader(String name, TemplateText text) {
    if (!HeaderNames.maySet(name)) {
      throw new InvalidInputException("header", "a header that a template may set");
    }
    requireVisible("header", text, VISIBLE);
  }

  /** Both what is written and what the fields may hold. */
  private void requireVisible(String property, TemplateText text, String characters) {
    if (text.toString().isEmpty() || !text.literals().chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new InvalidInputException(property, "printable ASCII");
    }
    for (String name : text.fields()) {
      TemplateField field = field(property, name);
      if (field.format().isEmpty() || !field.format().get().within(characters)) {
        throw new InvalidInputException(
            property, "fields whose format allows only characters that may stand there");
      }
    }
  }

  private void requireCheck() {
    CheckSpec check = template.check();
    for (String name : check.path().fields()) {
      TemplateField field = field("check", name);
      if (field.secret()
          || !field.required()
          || field.format().isEmpty()
          || !field.format().get().within(SEGMENT)) {
        throw new InvalidInputException(
            "check",
            "in the path, required fields of A-Z, a-z, 0-9, '-', '_', '.' and '~', not secret");
      }
    }
    String literals = check.path().literals();
    if (!check.path().toString().startsWith("/")
        || literals.length() > 256
        || literals.contains("..")
        || !literals.chars().allMatch(c -> c == '/' || SEGMENT.indexOf(c) >= 0)) {
      throw new InvalidInputException("check", "a path of plain segments");
    }
    if (check.headers().size() > MAX_HEADERS) {
      throw new InvalidInputException("header", "at most " + MAX_HEADERS);
    }
    check
        .headers()
        .forEach(
            (name, value) -> {
              if (!HeaderNames.maySet(name)
                  || value.isEmpty()
                  || !value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw new InvalidInputException("header", "a header that a template may set");
              }
            });
    if (check.readings().size() > MAX_RULES || check.message().size() > MAX_RULES) {
      throw new InvalidInputException("readings", "at most " + MAX_RULES);
    }
    if (check.readings().stream().noneMatch(reading -> reading.verdict() == Verdict.VALID)) {
      throw new InvalidInputException("readings", "one that means valid");
    }
  }

  private TemplateField field(String property, String name) {
    return template
        .field(name)
        .orElseThrow(() -> new InvalidInputException(property, "fields that the template has"));
  }

  private static String visible() {
    StringBuilder visible = new StringBuilder();
    for (char c = '!'; c <= '~'; c++) {
      visible.append(c);
    }
    return visible.toString();
  }
}
