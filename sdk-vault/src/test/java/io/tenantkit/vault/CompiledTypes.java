package io.tenantkit.vault;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The classes of a module, as they were compiled, and which of them have a way to a secret. */
public final class CompiledTypes {
  private CompiledTypes() {}

  /** All classes that were compiled together with this one, whether in a folder or in a jar. */
  public static Set<Class<?>> besides(Class<?> one) throws Exception {
    URI place = one.getProtectionDomain().getCodeSource().getLocation().toURI();
    if (place.getPath().endsWith(".jar")) {
      try (FileSystem jar = FileSystems.newFileSystem(Path.of(place))) {
        return load(jar.getPath("/"), one.getClassLoader());
      }
    }
    return load(Path.of(place), one.getClassLoader());
  }

  private static Set<Class<?>> load(Path root, ClassLoader loader) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".class") && !name.contains("-info"))
          .map(name -> name.substring(0, name.length() - 6).replace('\\', '/').replace('/', '.'))
          .sorted()
          .map(name -> load(name, loader))
          .collect(Collectors.toCollection(LinkedHashSet::new));
    }
  }

  private static Class<?> load(String name, ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Those that are a root or have a field whose type mentions one, over any number of steps. */
  public static Set<Class<?>> leadingTo(Set<Class<?>> roots, Set<Class<?>> all) {
    Set<Class<?>> leading = new LinkedHashSet<>(roots);
    boolean grown = true;
    while (grown) {
      grown = false;
      for (Class<?> type : all) {
        if (!leading.contains(type) && (implementedBy(type, leading) || mentions(type, leading))) {
          leading.add(type);
          grown = true;
        }
      }
    }
    return leading;
  }

  /** A field of an interface's type may hold any of those that implement it. */
  private static boolean implementedBy(Class<?> type, Set<Class<?>> leading) {
    return (type.isInterface() || Modifier.isAbstract(type.getModifiers()))
        && leading.stream().anyMatch(each -> type != each && type.isAssignableFrom(each));
  }

  private static boolean mentions(Class<?> type, Set<Class<?>> leading) {
    for (Field field : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        Set<Class<?>> named = new HashSet<>();
        collect(field.getGenericType(), named);
        if (named.stream().anyMatch(leading::contains)) {
          return true;
        }
      }
    }
    return type.getSuperclass() != null && leading.contains(type.getSuperclass());
  }

  private static void collect(Type type, Set<Class<?>> named) {
    if (type instanceof Class<?> plain) {
      named.add(plain.isArray() ? plain.getComponentType() : plain);
    } else if (type instanceof ParameterizedType parameterized) {
      collect(parameterized.getRawType(), named);
      for (Type argument : parameterized.getActualTypeArguments()) {
        collect(argument, named);
      }
    } else if (type instanceof GenericArrayType array) {
      collect(array.getGenericComponentType(), named);
    } else if (type instanceof WildcardType wildcard) {
      for (Type bound : wildcard.getUpperBounds()) {
        collect(bound, named);
      }
    }
  }

  /** Public, and so are the types around it. */
  public static boolean isPublic(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
      if (!Modifier.isPublic(each.getModifiers())) {
        return false;
      }
    }
    return true;
  }
}
