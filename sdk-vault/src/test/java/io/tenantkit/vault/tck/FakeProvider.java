package io.tenantkit.vault.tck;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.rotation.RotationCall;
import io.tenantkit.vault.rotation.SecretRotator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A provider that accepts several keys at once, fails when it is told to, and keeps a record. */
final class FakeProvider implements SecretRotator {
  /** Something that happens within a call. */
  interface Hook {
    void run() throws Exception;

    static Hook none() {
      return () -> {};
    }
  }

  private final AtomicLong numbers = new AtomicLong();
  final Set<String> accepted = ConcurrentHashMap.newKeySet();
  final List<String> made = new CopyOnWriteArrayList<>();
  final List<String> calls = new CopyOnWriteArrayList<>();
  volatile Hook onCreate = Hook.none();
  volatile Hook afterCreate = Hook.none();
  volatile Hook onTest = Hook.none();
  volatile Hook onPromoted = Hook.none();
  volatile Hook onRetire = Hook.none();
  volatile boolean refuses;

  static String text(Map<String, SecretValue> values) {
    return values.get(NewSecret.VALUE).string(SecretAccess.get());
  }

  /** A value that the provider gave out by hand. */
  String first() {
    String value = "CANARY-provider-key-" + numbers.incrementAndGet() + "-x7Qz";
    accepted.add(value);
    made.add(value);
    return value;
  }

  long count(String prefix) {
    return calls.stream().filter(call -> call.startsWith(prefix)).count();
  }

  List<String> callsOf(String name) {
    List<String> of = new ArrayList<>();
    for (String call : calls) {
      String[] parts = call.split(" ", -1);
      if (parts[1].equals(name)) {
        of.add(parts[0]);
      }
    }
    return of;
  }

  @Override
  public Map<String, SecretValue> create(RotationCall call, Map<String, SecretValue> current)
      throws Exception {
    calls.add("create " + call.ref().name());
    onCreate.run();
    String value = first();
    afterCreate.run();
    return Map.of(NewSecret.VALUE, SecretValue.of(value));
  }

  @Override
  public boolean test(RotationCall call, Map<String, SecretValue> created) throws Exception {
    calls.add("test " + call.ref().name());
    onTest.run();
    return !refuses && accepted.contains(text(created));
  }

  @Override
  public void promoted(RotationCall call, Map<String, SecretValue> created) throws Exception {
    calls.add("promoted " + call.ref().name());
    onPromoted.run();
  }

  @Override
  public void retire(RotationCall call, Map<String, SecretValue> old) throws Exception {
    calls.add("retire " + call.ref().name());
    onRetire.run();
    accepted.remove(text(old));
  }

  @Override
  public void undo(RotationCall call, Map<String, SecretValue> created) {
    accepted.remove(text(created));
    calls.add("undo " + call.ref().name());
  }
}
