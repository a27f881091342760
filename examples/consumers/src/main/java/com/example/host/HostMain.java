package com.example.host;

import com.sun.net.httpserver.HttpServer;
import io.livekit.server.RoomServiceClient;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import livekit.LivekitModels;
import livekit.LivekitRoom;
import retrofit2.Response;

/**
 * What any host needs of us: the main job runs, and the LiveKit SDK that came with it makes a call
 * with its logging on. A version that does not fit shows as a LinkageError, which ends the build.
 */
public final class HostMain {
  private static final Map<String, String> ENTRY_CLASSES =
      Map.of(
          "io.tenantkit", "io.tenantkit.ControlPlane",
          "io.tenantkit.vault", "io.tenantkit.vault.SecretVault",
          "io.tenantkit.jdbc", "io.tenantkit.jdbc.JdbcStorage",
          "io.tenantkit.livekit", "io.tenantkit.livekit.LiveKit");

  private HostMain() {}

  public static void main(String[] args) throws Exception {
    boolean modules = args[0].equals("module-path");
    for (Map.Entry<String, String> entry : ENTRY_CLASSES.entrySet()) {
      Module module = Class.forName(entry.getValue()).getModule();
      String expected = modules ? entry.getKey() : null;
      check(
          java.util.Objects.equals(expected, module.getName()),
          entry.getValue() + " is in module " + module.getName() + ", not " + expected);
    }
    MainJob.run();
    callLiveKit();
    System.out.println(
        "host on the " + args[0] + ": the main job and a LiveKit call with logging on work");
  }

  private static void callLiveKit() throws Exception {
    byte[] answer =
        LivekitRoom.ListRoomsResponse.newBuilder()
            .addRooms(LivekitModels.Room.newBuilder().setName("standup"))
            .build()
            .toByteArray();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/twirp/livekit.RoomService/ListRooms",
        exchange -> {
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          boolean signed = authorization != null && authorization.startsWith("Bearer ");
          exchange.getResponseHeaders().add("Content-Type", "application/protobuf");
          exchange.sendResponseHeaders(signed ? 200 : 401, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    // OkHttp logs through java.util.logging, whose handler takes System.err when it is first used.
    PrintStream stderr = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      String host =
          "http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort();
      Response<List<LivekitModels.Room>> response =
          RoomServiceClient.create(host, "APIhost", "not-a-secret-not-a-secret-not-a-secret", true)
              .listRooms(List.of())
              .execute();
      check(response.isSuccessful(), "LiveKit answered " + response.code());
      List<LivekitModels.Room> rooms = response.body();
      check(
          rooms != null && rooms.size() == 1 && rooms.get(0).getName().equals("standup"),
          "LiveKit answered " + rooms);
    } finally {
      System.setErr(stderr);
      server.stop(0);
    }
    String logged = log.toString(StandardCharsets.UTF_8);
    check(logged.contains("--> POST") && logged.contains("<-- 200"), "not logged: " + logged);
  }

  static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
