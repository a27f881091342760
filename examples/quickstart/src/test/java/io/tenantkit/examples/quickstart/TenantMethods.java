package io.tenantkit.examples.quickstart;

import io.tenantkit.ControlPlane;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every public method of our artifacts that takes a tenant's context, found on the class path. */
final class TenantMethods {
  private static final List<Class<?>> ONE_OF_EACH =
      List.of(ControlPlane.class, SecretVault.class, LiveKit.class, JdbcStorage.class);

  private TenantMethods() {}

  /** As {@code ApiKeyManager.get(TenantContext,ApiKeyId)}. */
  static SortedSet<String> all() {
    SortedSet<String> methods = new TreeSet<>();
    for (Class<?> each : ONE_OF_EACH) {
      for (String name : classNames(each)) {
        methods.addAll(of(load(name)));
      }
    }
    return methods;
  }

  private static List<String> of(Class<?> type) {
    // What is beneath the services is held by the contracts of io.tenantkit.tck.
    boolean beneath =
        type.getPackageName().endsWith(".spi") || type.getPackageName().endsWith(".memory");
    if (!isPublic(type) || beneath) {
      return List.of();
    }
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
        .filter(method -> List.of(method.getParameterTypes()).contains(TenantContext.class))
        .map(TenantMethods::signature)
        .toList();
  }

  private static boolean isPublic(Class<?> type) {
    return Modifier.isPublic(type.getModifiers())
        && (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()));
  }

  private static String signature(Method method) {
    return method.getDeclaringClass().getSimpleName()
        + '.'
        + method.getName()
        + Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(",", "(", ")"));
  }

  private static List<String> classNames(Class<?> oneOf) {
    try {
      URI place = oneOf.getProtectionDomain().getCodeSource().getLocation().toURI();
      Path root = Path.of(place);
      if (Files.isDirectory(root)) {
        return classNames(root);
      }
      try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + place), Map.of())) {
        return classNames(jar.getPath("/"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> classNames(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
          .map(file -> file.substring(0, file.length() - ".class".length()))
          .map(file -> file.replace('/', '.').replace('\\', '.'))
          .toList();
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, TenantMethods.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
