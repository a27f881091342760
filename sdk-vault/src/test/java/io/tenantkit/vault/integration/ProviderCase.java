package io.tenantkit.vault.integration;

import io.tenantkit.secret.SecretValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A provider as its documentation has it: a credential, where its call goes, and answers with what
 * they mean. {@code %ECHO%} stands where the provider's own words are.
 */
final class ProviderCase {
  static final String ECHO = "%ECHO%";

  /** One answer of the documentation. */
  record Documented(String name, LocalProvider.Answer answer, Verdict verdict) {}

  final String provider;
  final String host;
  final String line;
  final Map<String, String> secrets = new TreeMap<>();
  final Map<String, String> config = new TreeMap<>();
  final Map<String, String> headers = new LinkedHashMap<>();
  final List<Documented> answers = new ArrayList<>();
  String canary = "";

  ProviderCase(String provider, String host, String line) {
    this.provider = provider;
    this.host = host;
    this.line = line;
  }

  /** The secret that must be seen nowhere. */
  ProviderCase secret(String field, String value) {
    secrets.put(field, value);
    canary = value;
    return this;
  }

  ProviderCase config(String field, String value) {
    config.put(field, value);
    return this;
  }

  /** A header that the call must have. */
  ProviderCase sends(String name, String value) {
    headers.put(name, value);
    return this;
  }

  ProviderCase answer(String name, int status, Verdict verdict, String body) {
    answers.add(new Documented(name, LocalProvider.Answer.of(status, body), verdict));
    return this;
  }

  ProviderCase answer(
      String name, int status, Map<String, String> with, Verdict verdict, String body) {
    answers.add(new Documented(name, LocalProvider.Answer.of(status, body).with(with), verdict));
    return this;
  }

  IntegrationTemplate template() {
    return IntegrationTemplates.builtIn().require(provider);
  }

  CredentialValues values() {
    Map<String, SecretValue> sealed = new TreeMap<>();
    secrets.forEach((name, text) -> sealed.put(name, SecretValue.of(text)));
    try {
      return CredentialValues.require(template(), sealed, config);
    } finally {
      sealed.values().forEach(SecretValue::close);
    }
  }

  Documented invalid() {
    return answers.stream()
        .filter(each -> each.verdict() == Verdict.INVALID)
        .findFirst()
        .orElseThrow();
  }

  Documented valid() {
    return answers.get(0);
  }

  @Override
  public String toString() {
    return provider;
  }
}
