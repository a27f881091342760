package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class RoleTest {
  private static final Path PAGE = Path.of("..", "SECURITY.md");

  @Test
  void theThreatModelHasTheSamePowers() throws IOException {
    String page = Files.readString(PAGE, StandardCharsets.UTF_8);

    for (Role role : Role.values()) {
      String scopes =
          role.scopes().toList().stream()
              .map(scope -> "`" + scope + "`")
              .collect(Collectors.joining(", "));
      assertThat(page).contains("| `" + role.lowerCaseName() + "` | " + scopes + " |\n");
    }
  }

  @Test
  void eachRoleMayDoAllThatTheNextMay() {
    assertThat(Role.ADMIN.scopes().coversAll(Role.USER.scopes())).isTrue();
    assertThat(Role.USER.scopes().coversAll(Role.VIEWER.scopes())).isTrue();
  }

  @Test
  void onlyAdministratorsManageKeysAndSecrets() {
    for (Role role : new Role[] {Role.USER, Role.VIEWER}) {
      assertThat(role.scopes().covers(Scopes.API_KEYS_WRITE)).isFalse();
      assertThat(role.scopes().covers(Scopes.SECRETS_WRITE)).isFalse();
      assertThat(role.scopes().covers(Scopes.LIVEKIT_CONNECT)).isFalse();
      assertThat(role.scopes().covers(Scopes.AUDIT_READ)).isFalse();
    }
    assertThat(Role.VIEWER.scopes().covers(Scopes.SECRETS_READ)).isFalse();
  }

  @Test
  void namesAreLowerCaseInEveryLocale() {
    for (Role role : Role.values()) {
      assertThat(Role.of(role.lowerCaseName())).isEqualTo(role);
    }
    assertThat(Role.VIEWER.lowerCaseName()).isEqualTo("viewer");
    assertThatThrownBy(() -> Role.of("ADMIN")).isInstanceOf(InvalidInputException.class);
  }
}
