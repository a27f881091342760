package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What there is to know of a provider, as data: the fields of its credential, the hosts that the
 * credential may go to and where in a request, the call that checks it and how the answer reads.
 *
 * <p>Everything is validated when a template is made. What enters a host, a path or a header can by
 * its field's format hold nothing that would change where a request goes or how it is read; a
 * secret field enters neither host nor path, and no field enters a query.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class IntegrationTemplate {
  private final String provider;
  private final String displayName;
  private final Map<String, TemplateField> fields;
  private final TemplateText base;
  private final Authorization authorization;
  private final CheckSpec check;

  private IntegrationTemplate(
      String provider,
      String displayName,
      Map<String, TemplateField> fields,
      TemplateText base,
      Authorization authorization,
      CheckSpec check) {
    this.provider = provider;
    this.displayName = displayName;
    this.fields = fields;
    this.base = base;
    this.authorization = authorization;
    this.check = check;
  }

  /**
   * A template from its JSON, in the form of those that come with the library.
   *
   * @param utf8 at most 64 KiB, strict JSON
   * @throws InvalidInputException naming the place in the JSON and the bound
   */
  public static IntegrationTemplate parse(byte[] utf8) {
    return TemplateParser.parse(utf8);
  }

  /**
   * Begins a template of the host's own.
   *
   * @param provider 1 to 64 characters of {@code a-z 0-9 -}, beginning with a letter
   * @param displayName for people
   */
  public static Builder builder(String provider, String displayName) {
    return new Builder(provider, displayName);
  }

  static IntegrationTemplate of(
      String provider,
      String displayName,
      List<TemplateField> fields,
      TemplateText base,
      Authorization authorization,
      CheckSpec check) {
    Map<String, TemplateField> byName = new LinkedHashMap<>();
    for (TemplateField field : fields) {
      if (byName.put(field.name(), field) != null) {
        throw new InvalidInputException("fields", "each name once");
      }
    }
    IntegrationTemplate template =
        new IntegrationTemplate(
            provider,
            displayName,
            java.util.Collections.unmodifiableMap(byName),
            base,
            authorization,
            check);
    new TemplateRules(template).require();
    return template;
  }

  /** The provider's id. */
  public String provider() {
    return provider;
  }

  /** The provider's name for people. */
  public String displayName() {
    return displayName;
  }

  /** The fields of a credential, in the order in which to ask for them. */
  public List<TemplateField> fields() {
    return List.copyOf(fields.values());
  }

  /** A field by its name. */
  public Optional<TemplateField> field(String name) {
    return Optional.ofNullable(fields.get(name));
  }

  /**
   * The fields that say where the credential goes. Whoever changes one of them gives the secret
   * again.
   */
  public Set<String> destinationFields() {
    Set<String> names = new TreeSet<>(base.fields());
    names.addAll(check.path().fields());
    return Set.copyOf(names);
  }

  TemplateText base() {
    return base;
  }

  Authorization authorization() {
    return authorization;
  }

  CheckSpec check() {
    return check;
  }

  /** Where requests with this credential go: scheme, host, port and a path to begin with. */
  URI baseUrl(CredentialValues values) {
    Optional<TemplateField> url =
        base.fields().stream()
            .flatMap(name -> field(name).stream())
            .filter(TemplateField::isUrl)
            .findFirst();
    String text = base.render(values.texts());
    return BaseUrl.parse(text, url.isPresent())
        .orElseThrow(
            () ->
                new InvalidInputException(
                    url.map(TemplateField::name).orElse("base"), "a URL that may be called"));
  }

  /** Whether the tenant says where the provider listens. */
  boolean hasCustomBase() {
    return base.fields().stream()
        .flatMap(name -> field(name).stream())
        .anyMatch(TemplateField::isUrl);
  }

  /** The provider's id. */
  @Override
  public String toString() {
    return "IntegrationTemplate[" + provider + "]";
  }

  /** Gathers a template of the host's own. For one thread. */
  public static final class Builder {
    private final String provider;
    private final String displayName;
    private final List<TemplateField> fields = new ArrayList<>();
    private final Map<String, TemplateText> authorization = new TreeMap<>();
    private final Map<String, String> headers = new TreeMap<>();
    private final List<Reading> readings = new ArrayList<>();
    private final List<AnswerPlace> message = new ArrayList<>();
    private Optional<Authorization> basic = Optional.empty();
    private String base = "";
    private String path = "/";

    private Builder(String provider, String displayName) {
      this.provider = provider;
      this.displayName = displayName;
    }

    /** Adds a field of the credential; at least one must be secret. */
    public Builder field(TemplateField field) {
      fields.add(field);
      return this;
    }

    /**
     * Where the provider listens: {@code https://host}, in which fields that are not secret may
     * stand for labels, or the place of a base URL field alone, such as {@code {base_url}}.
     */
    public Builder base(String text) {
      base = text;
      return this;
    }

    /** A header that carries the credential, such as {@code Authorization: Bearer {api_key}}. */
    public Builder credentialHeader(String name, String text) {
      authorization.put(name, TemplateText.of("header", text));
      return this;
    }

    /** The credential as user and password of basic authentication. */
    public Builder basic(String user, String password) {
      basic =
          Optional.of(
              new Authorization.Basic(
                  TemplateText.of("basic", user), TemplateText.of("basic", password)));
      return this;
    }

    /** The check: GET of this path, which changes nothing at the provider and costs nothing. */
    public Builder check(String text) {
      path = text;
      return this;
    }

    /** A constant header of the check. */
    public Builder header(String name, String value) {
      headers.put(name, value);
      return this;
    }

    /** This status alone means that. Rules are tried in the order in which they were given. */
    public Builder reading(int status, Verdict verdict) {
      readings.add(
          new Reading(Set.of(status), Optional.empty(), Reading.Match.PRESENT, List.of(), verdict));
      return this;
    }

    /**
     * This status, with something at the place, means that.
     *
     * @param at a JSON pointer such as {@code /data}, an XML element such as {@code <Code>}, {@code
     *     header:name} or {@code body}
     */
    public Builder reading(int status, String at, Verdict verdict) {
      readings.add(
          new Reading(
              Set.of(status),
              Optional.of(AnswerPlace.of("at", at)),
              Reading.Match.PRESENT,
              List.of(),
              verdict));
      return this;
    }

    /** This status, with a text at the place that holds this one, means that. */
    public Builder reading(int status, String at, String part, Verdict verdict) {
      readings.add(
          new Reading(
              Set.of(status),
              Optional.of(AnswerPlace.of("at", at)),
              Reading.Match.CONTAINS,
              List.of(part),
              verdict));
      return this;
    }

    /** Where the provider's own words are, as in {@link #reading(int, String, Verdict)}. */
    public Builder message(String at) {
      message.add(AnswerPlace.of("message", at));
      return this;
    }

    /**
     * The template.
     *
     * @throws InvalidInputException naming what is missing or may not be
     */
    public IntegrationTemplate build() {
      if (basic.isPresent() && !authorization.isEmpty()) {
        throw new InvalidInputException("authorization", "headers or basic, not both");
      }
      return IntegrationTemplate.of(
          provider,
          displayName,
          fields,
          TemplateText.of("base", base),
          basic.orElseGet(() -> new Authorization.Headers(authorization)),
          new CheckSpec(
              false, TemplateText.of("check", path), Map.of(), headers, "", readings, message));
    }
  }
}
