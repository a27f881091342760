package io.tenantkit.vault.integration;

import java.util.Map;

/**
 * How the credential goes into a request. Never as a part of the URL's query, which ends up in
 * logs.
 */
sealed interface Authorization {

  /**
   * In headers of these names. A header that needs an optional field which is absent is left out.
   */
  record Headers(Map<String, TemplateText> headers) implements Authorization {
    public Headers {
      headers = Map.copyOf(headers);
    }
  }

  /** As the user and password of basic authentication (RFC 7617). */
  record Basic(TemplateText user, TemplateText password) implements Authorization {}

  /** As a form that the request carries, for token endpoints. */
  record Form(Map<String, TemplateText> fields) implements Authorization {
    public Form {
      fields = Map.copyOf(fields);
    }
  }

  /** Signature Version 4 of AWS, by the fields of AWS's names. */
  record AwsSigned(String service) implements Authorization {}

  /** An assertion signed by a service account's key, as a form. */
  record GoogleAssertion(String field, String scope) implements Authorization {}

  /** A LiveKit token of a minute that may list rooms and nothing else. */
  record LiveKitToken() implements Authorization {}
}
