package io.tenantkit.vault.integration;

import java.util.List;
import java.util.Map;

/**
 * The call that shows whether a credential works, and how its answer is read. It changes nothing at
 * the provider and costs nothing.
 *
 * @param post whether it is a POST, which some providers want for reading too
 * @param path with places for fields that are not secret
 * @param query constants
 * @param headers constants
 * @param body a constant, JSON
 * @param readings the first that fits decides
 * @param message where the provider's own words are, the first place that holds some
 */
record CheckSpec(
    boolean post,
    TemplateText path,
    Map<String, String> query,
    Map<String, String> headers,
    String body,
    List<Reading> readings,
    List<AnswerPlace> message) {
  CheckSpec {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
    readings = List.copyOf(readings);
    message = List.copyOf(message);
  }
}
