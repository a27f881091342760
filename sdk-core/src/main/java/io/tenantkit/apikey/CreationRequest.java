package io.tenantkit.apikey;

import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What tells one request for a key from another: SHA-256 over who asks, organization and actor, and
 * every component of the request, each with its length before it, so that no two requests run
 * together. Lists are preceded by their size, what may be absent by a count of zero or one.
 */
final class CreationRequest {
  private static final String FORM = "tenantkit api key creation 1";

  private final MessageDigest digest;

  private CreationRequest() {
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static KeyHash digest(TenantContext context, NewApiKey wanted) {
    CreationRequest request = new CreationRequest();
    request.text(FORM);
    request.text(context.organization().value());
    request.text(context.actor().kind().name());
    request.text(context.actor().id());
    request.add(wanted);
    return KeyHash.of(request.digest.digest());
  }

  private void add(NewApiKey wanted) {
    text(wanted.mode().name());
    text(wanted.name());
    optionalText(wanted.description());
    optionalText(wanted.lifetime().map(Duration::toString));
    optionalText(wanted.idempotencyId());
    KeyGrants grants = wanted.grants();
    texts(grants.scopes().toList().stream().map(Scope::value).toList());
    number(grants.limits().size());
    grants.limits().forEach(this::add);
    number(grants.credits().isPresent() ? 1 : 0);
    grants.credits().ifPresent(this::add);
    texts(grants.addresses().toList());
  }

  private void add(RateLimit limit) {
    text(limit.name());
    number(limit.limit());
    text(limit.window().toString());
    number(limit.burst());
    text(limit.mode().name());
    text(limit.onFailure().name());
  }

  private void add(Credits credits) {
    number(credits.amount());
    number(credits.refill().isPresent() ? 1 : 0);
    credits
        .refill()
        .ifPresent(
            refill -> {
              number(refill.amount());
              text(refill.every().toString());
            });
  }

  private void texts(List<String> texts) {
    number(texts.size());
    texts.forEach(this::text);
  }

  private void optionalText(Optional<String> text) {
    texts(text.stream().toList());
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    digest.update(bytes);
  }

  private void number(long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }
}
