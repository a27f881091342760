package io.tenantkit.vault;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/** Everything that can be reached from an object, private fields included, as bytes. */
final class ObjectWalk {
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> open = new ArrayDeque<>();
  private final Consumer<byte[]> found;

  private ObjectWalk(Consumer<byte[]> found) {
    this.found = found;
  }

  /** Hands every text and byte array below an object to the taker; answers how many objects. */
  static int from(Object root, Consumer<byte[]> found) throws IllegalAccessException {
    ObjectWalk walk = new ObjectWalk(found);
    walk.later(root);
    while (!walk.open.isEmpty()) {
      walk.visit(walk.open.pop());
    }
    return walk.seen.size();
  }

  private void later(Object object) {
    if (object != null && seen.add(object)) {
      open.push(object);
    }
  }

  private void visit(Object object) throws IllegalAccessException {
    if (object instanceof byte[] bytes) {
      found.accept(bytes);
    } else if (object instanceof char[] chars) {
      found.accept(new String(chars).getBytes(StandardCharsets.UTF_8));
    } else if (object instanceof CharSequence text) {
      found.accept(text.toString().getBytes(StandardCharsets.UTF_8));
    } else if (object instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.capacity()];
      buffer.duplicate().clear().get(bytes);
      later(bytes);
    } else if (object.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(object); i++) {
        later(Array.get(object, i));
      }
    } else if (object instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            later(key);
            later(value);
          });
    } else if (object instanceof Collection<?> collection) {
      collection.forEach(this::later);
    } else if (object instanceof Optional<?> optional) {
      optional.ifPresent(this::later);
    } else if (object instanceof AtomicReference<?> reference) {
      later(reference.get());
    } else if (object instanceof AtomicReferenceArray<?> references) {
      for (int i = 0; i < references.length(); i++) {
        later(references.get(i));
      }
    } else if (!object.getClass().getModule().isNamed() && !(object instanceof Enum<?>)) {
      fields(object);
    }
    if (!(object instanceof Map<?, ?>) && !(object instanceof Collection<?>)) {
      found.accept(object.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void fields(Object object) throws IllegalAccessException {
    for (Class<?> type = object.getClass();
        type != null && !type.getModule().isNamed();
        type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          later(field.get(object));
        }
      }
    }
  }
}
