package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The providers that are known: those that come with the library and the host's own. Immutable and
 * safe for use by several threads.
 */
public final class IntegrationTemplates {
  private static final List<String> BUILT_IN =
      List.of(
          "anthropic",
          "aws",
          "azure",
          "custom",
          "datadog",
          "deepgram",
          "elevenlabs",
          "github",
          "gitlab",
          "google-cloud",
          "google-gemini",
          "livekit",
          "openai",
          "replicate",
          "resend",
          "stripe",
          "twilio",
          "xai");

  private final Map<String, IntegrationTemplate> byProvider;

  private IntegrationTemplates(Map<String, IntegrationTemplate> byProvider) {
    this.byProvider = Collections.unmodifiableMap(byProvider);
  }

  /** Those that come with the library. */
  public static IntegrationTemplates builtIn() {
    return BuiltIn.ALL;
  }

  /** Read once, when first asked for. */
  private static final class BuiltIn {
    static final IntegrationTemplates ALL = load();

    private BuiltIn() {}

    private static IntegrationTemplates load() {
      Map<String, IntegrationTemplate> all = new TreeMap<>();
      for (String provider : BUILT_IN) {
        all.put(provider, IntegrationTemplate.parse(read(provider + ".json")));
      }
      return new IntegrationTemplates(all);
    }

    private static byte[] read(String name) {
      try (InputStream in = IntegrationTemplates.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IOException("no resource " + name);
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * These and one more.
   *
   * @throws InvalidInputException when there is one for that provider
   */
  public IntegrationTemplates with(IntegrationTemplate template) {
    Map<String, IntegrationTemplate> all = new TreeMap<>(byProvider);
    if (all.put(template.provider(), template) != null) {
      throw new InvalidInputException("provider", "one that has no template yet");
    }
    return new IntegrationTemplates(all);
  }

  /** By provider. */
  public List<IntegrationTemplate> all() {
    return List.copyOf(byProvider.values());
  }

  /** A provider's, if it is known. */
  public Optional<IntegrationTemplate> find(String provider) {
    return Optional.ofNullable(byProvider.get(provider));
  }

  /**
   * A provider's.
   *
   * @throws InvalidInputException naming {@code provider} when it is not known
   */
  public IntegrationTemplate require(String provider) {
    return find(provider)
        .orElseThrow(() -> new InvalidInputException("provider", "one of " + byProvider.keySet()));
  }

  /** The providers. */
  @Override
  public String toString() {
    return "IntegrationTemplates" + byProvider.keySet();
  }
}
