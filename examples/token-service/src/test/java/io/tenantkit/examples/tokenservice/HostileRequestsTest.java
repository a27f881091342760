package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are no good HTTP, too long, too slow or nonsense. */
final class HostileRequestsTest {
  private static final String PERSON = "{\"room\":\"r\",\"identity\":\"i\"}";
  private static final String HEAD =
      "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  private static final String CLOSES = "Connection: close\r\n";
  private static RunningService service;

  @BeforeAll
  static void start() {
    service = RunningService.single("RATE_LIMIT_MAX_REQUESTS", "100000");
  }

  @AfterAll
  static void stop() {
    assertThat(service.post("/token", PERSON).status()).as("still there").isEqualTo(200);
    service.close();
  }

  @Test
  void a_body_beyond_the_bound_is_refused_by_its_announcement() throws Exception {
    assertThat(service.raw(HEAD + "Content-Length: 65537\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ")
        .contains(CLOSES);
  }

  @Test
  void a_body_beyond_the_bound_is_refused_while_it_comes() {
    byte[] tooLong = "x".repeat(200_000).getBytes(StandardCharsets.US_ASCII);
    assertThat(
            service
                .send(
                    "POST",
                    "/token",
                    BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(tooLong)),
                    "Content-Type",
                    "application/json")
                .status())
        .isEqualTo(413);
  }

  /** Or it sends its next request into a connection that is being closed. */
  @Test
  void a_client_is_told_that_its_connection_ends_with_a_body_that_nobody_reads() throws Exception {
    String begun = HEAD.replace("/token", "/nowhere") + "Content-Length: 100\r\n\r\n{";
    assertThat(service.raw(begun)).startsWith("HTTP/1.1 404 ").contains(CLOSES);

    // Sent as one, so that all of the body has come when it is answered.
    String whole =
        HEAD.replace("/token", "/nowhere")
            + "Content-Length: "
            + PERSON.length()
            + "\r\n\r\n"
            + PERSON;
    String next = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    String answers = service.raw(whole + next);
    assertThat(answers).startsWith("HTTP/1.1 404 ");
    assertThat(answers.substring(answers.indexOf("\r\n\r\n"))).contains("HTTP/1.1 200 ");
    assertThat(service.post("/token", PERSON).header("Connection")).as("it is read").isNull();
  }

  @Test
  void a_body_at_the_bound_is_read() {
    String body = PERSON + " ".repeat(BodyReader.MAX_BYTES - PERSON.length());
    assertThat(service.post("/token", body).status()).isEqualTo(200);
    assertThat(service.post("/token", body + " ").status()).isEqualTo(413);
  }

  @Test
  void a_body_that_comes_in_pieces_is_read() throws Exception {
    try (Socket socket = service.connect()) {
      byte[] body = PERSON.getBytes(StandardCharsets.US_ASCII);
      String head = HEAD + "Connection: close\r\nContent-Length: " + body.length + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      for (byte b : body) {
        socket.getOutputStream().write(b);
        socket.getOutputStream().flush();
      }
      assertThat(RunningService.readAll(socket)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void a_body_that_does_not_come_is_not_waited_for() throws Exception {
    try (RunningService hasty =
        RunningService.start(RunningService.environment(), Clock.systemUTC(), 50)) {
      String answer = hasty.raw(HEAD + "Content-Length: 100\r\n\r\n{");
      assertThat(answer)
          .startsWith("HTTP/1.1 408 ")
          .contains("application/problem+json")
          .contains(CLOSES);
    }
  }

  @Test
  void a_body_that_breaks_off_leaves_nothing_behind() throws Exception {
    try (Socket socket = service.connect()) {
      socket
          .getOutputStream()
          .write((HEAD + "Content-Length: 100\r\n\r\n{").getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      assertThat(RunningService.readAll(socket)).doesNotContain("200 OK");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GARBAGE\r\n\r\n",
        "GET\r\n\r\n",
        "POST /token HTTP/9.9\r\nHost: x\r\n\r\n",
        "POST /token HTTP/1.1\r\n\r\n",
        "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
        "POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: canary\r\n\r\n",
        "GET /%2e%2e/canary HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a\u0000canary HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n canary: y\r\n\r\n",
      })
  void what_is_no_http_is_told_so_without_a_word_of_it(String bytes) throws Exception {
    String answer = service.raw(bytes);

    assertThat(answer).matches("(?s)HTTP/1\\.[01] (400|505|501) .*");
    assertThat(answer).doesNotContain("canary").doesNotContain("<html");
  }

  @Test
  void headers_beyond_the_bound_are_refused() throws Exception {
    String answer =
        service.raw(
            "GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + "x".repeat(20_000) + "\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 431 ").doesNotContain("xxxx");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/token/", "//token", "/TOKEN", "/token/other", "/favicon.ico", "/token;a=b"})
  void other_paths_are_not_there(String path) throws Exception {
    String answer =
        service.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(answer).matches("(?s)HTTP/1\\.1 (404|400|405) .*");
    assertThat(answer).contains("application/problem+json");
  }

  @Test
  void other_methods_are_told_the_right_ones() {
    assertThat(service.get("/token").status()).isEqualTo(405);
    assertThat(service.get("/token").header("Allow")).isEqualTo("POST, OPTIONS");
    assertThat(service.post("/health", "{}").status()).isEqualTo(405);
    for (String method : new String[] {"PUT", "DELETE", "PATCH", "TRACE", "CANARY"}) {
      assertThat(service.send(method, "/token", BodyPublishers.noBody()).status()).isEqualTo(405);
    }
    assertThat(service.send("HEAD", "/health", BodyPublishers.noBody()).status()).isEqualTo(200);
  }

  @Test
  void text_that_is_no_utf8_is_refused() {
    byte[] body = {'{', '"', 'r', 'o', 'o', 'm', '"', ':', '"', (byte) 0xC3, '"', '}'};
    assertThat(
            service
                .send(
                    "POST",
                    "/token",
                    BodyPublishers.ofByteArray(body),
                    "Content-Type",
                    "application/json")
                .status())
        .isEqualTo(400);
    assertThat(
            service
                .send(
                    "POST",
                    "/token",
                    BodyPublishers.ofString(PERSON, StandardCharsets.UTF_16LE),
                    "Content-Type",
                    "application/json")
                .status())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/json",
        "application/json; charset=utf-16",
        "application/jsonp",
        "application/problem+json",
        ""
      })
  void a_body_of_another_type_is_refused(String type) {
    assertThat(service.post("/token", PERSON, "Content-Type", type).status()).isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "Application/JSON; Charset=UTF-8"})
  void json_may_say_that_it_is_utf8(String type) {
    assertThat(service.post("/token", PERSON, "Content-Type", type).status()).isEqualTo(200);
  }
}
