package io.tenantkit.vault.imports;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.Texts;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A credential as a host has kept it. Holds plaintext until it is closed. Safe for use by several
 * threads.
 */
public final class HostCredential implements AutoCloseable {
  private final String id;
  private final String kind;
  private final Map<String, SecretValue> fields;
  private final Optional<String> refusal;

  /**
   * Takes the values over.
   *
   * @param id what the host knows it by, 1 to 255 characters
   * @param kind what it is, for example a provider's name, 1 to 128 characters
   * @param fields one or more, under the provider's own names
   */
  public HostCredential(String id, String kind, Map<String, SecretValue> fields) {
    Texts.require("id", id, 255);
    Texts.require("kind", kind, 128);
    if (fields.isEmpty()) {
      throw new InvalidInputException("fields", "1 or more");
    }
    this.id = id;
    this.kind = kind;
    this.fields = Collections.unmodifiableMap(new TreeMap<>(fields));
    this.refusal = Optional.empty();
  }

  private HostCredential(String id, String refusal) {
    this.id = id;
    this.kind = "";
    this.fields = Map.of();
    this.refusal = Optional.of(refusal);
  }

  /**
   * Something that a host keeps among its credentials and that cannot be one. An import reports it,
   * leaves it as it is and goes on.
   *
   * @param id what the host knows it by, of any length, which also says where a page ends
   * @param why for the report, without a value
   */
  public static HostCredential refused(String id, String why) {
    return new HostCredential(id, why);
  }

  /** Why it cannot be imported; empty when it can. */
  public Optional<String> refusal() {
    return refusal;
  }

  /** What the host knows it by. */
  public String id() {
    return id;
  }

  /** What it is; empty when it is refused. */
  public String kind() {
    return kind;
  }

  /** The values by name; closed with this. */
  public Map<String, SecretValue> fields() {
    return fields;
  }

  /** Wipes the values. */
  @Override
  public void close() {
    fields.values().forEach(SecretValue::close);
  }

  /** Id, kind and the fields' names. */
  @Override
  public String toString() {
    return "HostCredential[" + id + ", " + kind + ", fields " + fields.keySet() + "]";
  }
}
