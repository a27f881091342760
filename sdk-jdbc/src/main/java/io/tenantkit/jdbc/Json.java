package io.tenantkit.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON columns. Jackson's own errors quote what they read, so none of them gets out. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
  private static final TypeReference<Map<String, String>> DETAILS = new TypeReference<>() {};

  private Json() {}

  static String scopes(ScopeSet scopes) {
    return write(scopes.toList().stream().map(Scope::value).toList());
  }

  /**
   * A key's scopes. One that is no scope of ours, which only a row written by hand can hold, grants
   * nothing: it is left out rather than making the whole list unreadable.
   */
  static ScopeSet scopes(String json) {
    return ScopeSet.of(
        read(json, TEXTS).stream().map(Json::scope).flatMap(Optional::stream).toList());
  }

  private static Optional<Scope> scope(String text) {
    try {
      return Optional.of(Scope.of(text));
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }

  static String details(Map<String, String> details) {
    return write(details);
  }

  static Map<String, String> details(String json) {
    return read(json, DETAILS);
  }

  private static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new StorageException(ErrorCode.INTERNAL, "a value cannot be written as JSON");
    }
  }

  private static <T> T read(String json, TypeReference<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new StorageException(
          ErrorCode.STORAGE_FAILED, "a JSON column does not hold what it should");
    }
  }
}
