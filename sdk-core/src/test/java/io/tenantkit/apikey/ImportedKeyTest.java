package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Keys of other issuers, of which only the hash comes. */
class ImportedKeyTest extends ApiKeyTestBase {
  private static final String FOREIGN = "sk-proj_\u20ac.another/issuer's+key==";
  private static final String HEX = Samples.hash(FOREIGN).hex();
  private static final byte[] BYTES = HexFormat.of().parseHex(HEX);

  @Test
  void importedKeyVerifiesByItsFullText() {
    ApiKey key =
        keys.importKey(
            acme,
            ImportedKey.test("their key", HEX)
                .prefix("sk-proj_")
                .description("moved")
                .scopes("flows:read"));

    Verdict verdict = keys.verify(FOREIGN, ScopeQuery.of("flows:read"));
    assertThat(((Verdict.Valid) verdict).key()).isEqualTo(key.asPresented());
    assertThat(key.prefix()).isEqualTo("sk-proj_");
    assertThat(key.mode()).isEqualTo(KeyMode.TEST);
    assertThat(key.scopes()).isEqualTo(ScopeSet.of("flows:read"));
    assertThat(key.family()).isEqualTo(key.id());
    assertThat(actions(acme)).containsExactly("api_key.imported");
    assertThat(trail(acme).get(0).details())
        .containsEntry("name", "their key")
        .containsEntry("prefix", "sk-proj_");
  }

  @Test
  void keyOfAnyShapeUpTo512CharactersVerifies() {
    for (String raw :
        List.of("x", "k".repeat(512), "with spaces and \uD83D\uDD11", "ak_live_short")) {
      keys.importKey(acme, ImportedKey.live("x", Samples.hash(raw).hex()));
      assertValid(keys.verify(raw, ScopeQuery.none()));
    }
    keys.importKey(acme, ImportedKey.live("x", Samples.hash("k".repeat(513)).hex()));
    assertRefused(keys.verify("k".repeat(513), ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
  }

  @Test
  void keyIsFoundAlsoWhereItWasUnknownJustNow() {
    assertRefused(keys.verify(FOREIGN, ScopeQuery.none()), Verdict.Reason.NOT_FOUND);

    keys.importKey(acme, ImportedKey.live("x", HEX));

    assertValid(keys.verify(FOREIGN, ScopeQuery.none()));
  }

  @Test
  void hashIsReadInEachOfItsForms() {
    for (String form :
        List.of(
            HEX,
            HEX.toUpperCase(Locale.ROOT),
            Base64.getEncoder().encodeToString(BYTES),
            Base64.getEncoder().withoutPadding().encodeToString(BYTES),
            Base64.getUrlEncoder().encodeToString(BYTES),
            Base64.getUrlEncoder().withoutPadding().encodeToString(BYTES))) {
      ImportedKey key = ImportedKey.live("x", form);
      assertThat(key.hash()).as(form).isEqualTo(Samples.hash(FOREIGN));
      assertThat(key.prefix()).isEqualTo("imported");
    }
  }

  @Test
  void whatIsNoHashIsRefusedWithoutBeingRepeated() {
    String base64 = Base64.getEncoder().withoutPadding().encodeToString(new byte[32]);
    List<String> wrong =
        List.of(
            "",
            HEX.substring(1),
            HEX + "0",
            "g" + HEX.substring(1),
            " " + HEX.substring(1),
            // The last character's unused bits are set.
            base64.substring(0, 42) + "B",
            base64.substring(0, 42) + "=",
            base64.substring(0, 41) + "-/",
            base64 + "\n",
            FOREIGN);
    for (String each : wrong) {
      assertThatThrownBy(() -> ImportedKey.live("x", each))
          .as(each)
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("sha256: 64 hexadecimal characters, or base64 or base64url of 32 bytes");
    }
  }

  @Test
  void shownPrefixIsSixteenPrintableCharactersAtMost() {
    ImportedKey key = ImportedKey.live("x", HEX);
    for (String wrong : List.of("", " ", "a b", "a\u0007", "\u00e9", "x".repeat(17))) {
      assertThatThrownBy(() -> key.prefix(wrong)).isInstanceOf(InvalidInputException.class);
    }
    assertThat(key.prefix("x".repeat(16)).prefix()).hasSize(16);
  }

  @Test
  void hashThatExistsAnywhereGetsTheAnswerOfAnyOtherConflict() {
    keys.importKey(globex, ImportedKey.live("theirs", HEX));
    keys.importKey(acme, ImportedKey.live("ours", "0".repeat(64)));

    List<String> messages = new ArrayList<>();
    for (String hash : List.of(HEX, "0".repeat(64))) {
      assertThatThrownBy(() -> keys.importKey(acme, ImportedKey.live("x", hash)))
          .isInstanceOfSatisfying(
              ConflictException.class,
              e -> {
                assertThat(e.existingId()).isEmpty();
                messages.add(e.getMessage());
              });
    }

    assertThat(messages).containsExactly("api key cannot be stored", "api key cannot be stored");
    assertThat(((Verdict.Valid) keys.verify(FOREIGN, ScopeQuery.none())).key().organization())
        .isEqualTo(GLOBEX);
  }

  @Test
  void importNeedsTheAuthorityToCreate() {
    TenantContext limited = acme.limitedTo(ScopeSet.of("api-keys:write"));
    TenantContext reader = acme.limitedTo(ScopeSet.of("api-keys:read", "flows:*"));
    ImportedKey key = ImportedKey.live("x", HEX).scopes("flows:read");

    for (TenantContext each : List.of(limited, reader)) {
      assertThatThrownBy(() -> keys.importKey(each, key)).isInstanceOf(AccessDeniedException.class);
    }
    assertThatThrownBy(() -> keys.importKeys(reader, List.of(key)))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(keys.importKeys(limited, List.of(key)).get(0))
        .isInstanceOfSatisfying(
            ImportResult.Failed.class,
            failed -> assertThat(failed.code()).isEqualTo(ErrorCode.ACCESS_DENIED));
  }

  @Test
  void eachRowOfABatchHasItsOwnResult() {
    List<ImportResult> results =
        keys.importKeys(
            acme,
            List.of(
                ImportedKey.live("one", HEX),
                ImportedKey.live("again", HEX),
                ImportedKey.test("two", "0".repeat(64))));

    assertThat(((ImportResult.Imported) results.get(0)).key().name()).isEqualTo("one");
    assertThat(results.get(1))
        .isEqualTo(new ImportResult.Failed(ErrorCode.CONFLICT, "api key cannot be stored"));
    assertThat(((ImportResult.Imported) results.get(2)).key().name()).isEqualTo("two");
    assertThat(actions(acme)).containsExactly("api_key.imported", "api_key.imported");
  }

  @Test
  void rowsAfterAFailureOfTheStorageAreNotTried() {
    storage.failing(true);
    List<ImportResult> results =
        keys.importKeys(
            acme, List.of(ImportedKey.live("one", HEX), ImportedKey.live("two", "0".repeat(64))));
    storage.failing(false);

    assertThat(results)
        .containsExactly(
            new ImportResult.Failed(
                ErrorCode.STORAGE_UNAVAILABLE, "the database cannot be reached"),
            new ImportResult.Failed(
                ErrorCode.STORAGE_UNAVAILABLE, "not tried, for the storage failed before"));
  }

  @Test
  void batchIsBounded() {
    ImportedKey key = ImportedKey.live("x", HEX);
    for (List<ImportedKey> wrong :
        List.of(List.<ImportedKey>of(), Collections.nCopies(1_001, key))) {
      assertThatThrownBy(() -> keys.importKeys(acme, wrong))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("keys: 1 to 1000");
    }
  }
}
