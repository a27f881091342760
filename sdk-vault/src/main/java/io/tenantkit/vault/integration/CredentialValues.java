package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The values of a credential's fields as texts, which nobody can wipe: held only while a request is
 * made of them. Of one thread.
 */
final class CredentialValues {
  private final IntegrationTemplate template;
  private final Map<String, String> texts;

  private CredentialValues(IntegrationTemplate template, Map<String, String> texts) {
    this.template = template;
    this.texts = Collections.unmodifiableMap(texts);
  }

  /**
   * Secret and other fields together, each of its format, none missing and none that the template
   * does not have; defaults stand for what was left out.
   *
   * @throws InvalidInputException naming {@code credential.<field>} or {@code config.<field>} and
   *     what is accepted
   */
  static CredentialValues require(
      IntegrationTemplate template, Map<String, SecretValue> secrets, Map<String, String> others) {
    Map<String, String> texts = new TreeMap<>();
    for (String name : secrets.keySet()) {
      // The name that was given may be a secret in the wrong place.
      if (template.field(name).filter(TemplateField::secret).isEmpty()) {
        throw new InvalidInputException(
            "credential", "only secret fields: " + names(template, true));
      }
    }
    for (TemplateField field : template.fields()) {
      String property = (field.secret() ? "credential." : "config.") + field.name();
      String text = null;
      if (field.secret()) {
        SecretValue secret = secrets.get(field.name());
        text = secret == null ? null : text(secret, field, property);
      } else {
        text = others.get(field.name());
      }
      if (text == null) {
        text = field.defaultValue().orElse(null);
      }
      if (text == null) {
        if (field.required()) {
          throw new InvalidInputException(property, "it must be there");
        }
        continue;
      }
      if (!field.fits(text)) {
        throw new InvalidInputException(property, field.bound());
      }
      texts.put(field.name(), text);
    }
    return new CredentialValues(template, texts);
  }

  /** What was stored, which was validated then, is validated again: templates change. */
  static CredentialValues stored(IntegrationTemplate template, Map<String, SecretValue> fields) {
    Map<String, SecretValue> secrets = new TreeMap<>();
    Map<String, String> others = new TreeMap<>();
    fields.forEach(
        (name, value) -> {
          if (template.field(name).filter(field -> !field.secret()).isPresent()) {
            others.put(name, value.string(SecretAccess.get()));
          } else {
            secrets.put(name, value);
          }
        });
    return require(template, secrets, others);
  }

  private static String text(SecretValue value, TemplateField field, String property) {
    if (value.length() > field.maxLength()) {
      throw new InvalidInputException(property, field.bound());
    }
    try {
      return value.string(SecretAccess.get());
    } catch (IllegalStateException e) {
      // Not UTF-8, so not of any format. A closed value threw above.
      throw new InvalidInputException(property, field.bound());
    }
  }

  private static List<String> names(IntegrationTemplate template, boolean secret) {
    return template.fields().stream()
        .filter(field -> field.secret() == secret)
        .map(TemplateField::name)
        .toList();
  }

  Map<String, String> texts() {
    return texts;
  }

  String text(String field) {
    return texts.getOrDefault(field, "");
  }

  /** What may be shown. */
  Map<String, String> shown() {
    Map<String, String> shown = new TreeMap<>(texts);
    shown.keySet().removeIf(name -> template.field(name).filter(TemplateField::secret).isPresent());
    return shown;
  }

  /** All fields as the vault keeps them; the caller closes the values. */
  Map<String, SecretValue> sealable() {
    Map<String, SecretValue> values = new TreeMap<>();
    texts.forEach((name, text) -> values.put(name, SecretValue.of(text)));
    return values;
  }

  /** What must not be seen in an answer. */
  List<String> secrets() {
    List<String> secrets = new ArrayList<>();
    for (TemplateField field : template.fields()) {
      // Of a key file not all is secret; what is, is named where it is read.
      if (field.secret()
          && field.kind() == TemplateField.Kind.TEXT
          && texts.containsKey(field.name())) {
        secrets.add(text(field.name()));
      }
    }
    return secrets;
  }

  /** The fields' names. */
  @Override
  public String toString() {
    return "CredentialValues" + texts.keySet();
  }
}
