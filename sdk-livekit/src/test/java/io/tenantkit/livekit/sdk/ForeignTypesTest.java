package io.tenantkit.livekit.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.CompiledTypes;
import io.tenantkit.vault.SecretVault;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Types of LiveKit's SDK, of protocol buffers and of Retrofit stand in the public signatures of one
 * class and nowhere else, so that a host's other code keeps when they change.
 */
class ForeignTypesTest {
  private static final Pattern FOREIGN =
      Pattern.compile("(io\\.livekit|livekit|com\\.google\\.protobuf|retrofit2)\\..*");

  @Test
  void oneClassAloneShowsThem() throws Exception {
    Set<Class<?>> all = new LinkedHashSet<>(CompiledTypes.besides(LiveKit.class));
    all.addAll(CompiledTypes.besides(SecretVault.class));
    all.addAll(CompiledTypes.besides(SecretValue.class));
    assertThat(all).hasSizeGreaterThan(300);
    Set<String> showing = new TreeSet<>();
    for (Class<?> type : all) {
      if (CompiledTypes.isPublic(type)) {
        shown(type).stream()
            .filter(name -> FOREIGN.matcher(name).matches())
            .forEach(name -> showing.add(type.getName() + " " + name));
      }
    }
    assertThat(showing)
        .containsExactly(
            LiveKitSdkCalls.class.getName() + " com.google.protobuf.MessageLite",
            LiveKitSdkCalls.class.getName() + " com.google.protobuf.Parser");
  }

  /** The names of all types that a host may see by using this one. */
  private static Set<String> shown(Class<?> type) {
    List<Type> types = new ArrayList<>(Arrays.asList(type.getGenericInterfaces()));
    if (type.getGenericSuperclass() != null) {
      types.add(type.getGenericSuperclass());
    }
    types.addAll(Arrays.asList(type.getTypeParameters()));
    for (Field field : type.getDeclaredFields()) {
      if (visible(field.getModifiers())) {
        types.add(field.getGenericType());
      }
    }
    List<Executable> all = new ArrayList<>(Arrays.asList(type.getDeclaredMethods()));
    all.addAll(Arrays.asList(type.getDeclaredConstructors()));
    for (Executable each : all) {
      if (visible(each.getModifiers()) && !each.isSynthetic()) {
        types.addAll(Arrays.asList(each.getGenericParameterTypes()));
        types.addAll(Arrays.asList(each.getGenericExceptionTypes()));
        types.addAll(Arrays.asList(each.getTypeParameters()));
        if (each instanceof Method method) {
          types.add(method.getGenericReturnType());
        }
      }
    }
    Set<String> names = new TreeSet<>();
    Set<Type> seen = new HashSet<>();
    types.forEach(each -> collect(each, names, seen));
    return names;
  }

  private static boolean visible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static void collect(Type type, Set<String> names, Set<Type> seen) {
    if (!seen.add(type)) {
      return;
    }
    if (type instanceof Class<?> one) {
      names.add(one.isArray() ? one.getComponentType().getName() : one.getName());
    } else if (type instanceof ParameterizedType generic) {
      collect(generic.getRawType(), names, seen);
      Arrays.asList(generic.getActualTypeArguments()).forEach(each -> collect(each, names, seen));
    } else if (type instanceof TypeVariable<?> variable) {
      Arrays.asList(variable.getBounds()).forEach(each -> collect(each, names, seen));
    } else if (type instanceof WildcardType wildcard) {
      Arrays.asList(wildcard.getUpperBounds()).forEach(each -> collect(each, names, seen));
      Arrays.asList(wildcard.getLowerBounds()).forEach(each -> collect(each, names, seen));
    } else if (type instanceof GenericArrayType array) {
      collect(array.getGenericComponentType(), names, seen);
    }
  }
}
