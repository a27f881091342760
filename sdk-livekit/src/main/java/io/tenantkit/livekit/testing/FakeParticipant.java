package io.tenantkit.livekit.testing;

import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.room.DataMessage;
import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.Track;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import livekit.LivekitModels;
import livekit.LivekitModels.DisconnectReason;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitModels.TrackInfo;
import livekit.LivekitModels.TrackType;
import org.jspecify.annotations.Nullable;

/**
 * A participant that joined a fake: what a client does, and what it sees. There is no media. What a
 * server would not let it do throws {@link FakeRefusedException} with 403. Safe for use by several
 * threads.
 */
public final class FakeParticipant {
  final LiveRoom room;
  Grants grants;
  boolean publishing;
  private final World world;
  private final String sid;
  private final String identity;
  private final Instant joinedAt;
  private final Map<String, TrackInfo> tracks = new LinkedHashMap<>();
  private final List<ReceivedData> received = new ArrayList<>();
  private @Nullable DisconnectReason reason;

  /** Also when it may not any more. */
  private boolean everPublished;

  FakeParticipant(World world, LiveRoom room, String sid, Grants grants, Instant joinedAt) {
    this.world = world;
    this.room = room;
    this.sid = sid;
    this.identity = grants.identity();
    this.grants = grants;
    this.joinedAt = joinedAt;
  }

  /** The server's id of this stay, {@code PA_…}. */
  public String sid() {
    return sid;
  }

  /** Who it is. */
  public String identity() {
    return identity;
  }

  /** The name of the room. */
  public String room() {
    return room.name;
  }

  /** Whether it is still in the room. */
  public boolean connected() {
    return world.locked(() -> reason == null);
  }

  /**
   * Why it is not in the room any more, as LiveKit names it: {@code CLIENT_INITIATED}, {@code
   * PARTICIPANT_REMOVED}, {@code ROOM_DELETED}, {@code ROOM_CLOSED}, {@code DUPLICATE_IDENTITY}.
   */
  public Optional<String> disconnectReason() {
    return world.locked(() -> Optional.ofNullable(reason).map(Enum::name));
  }

  /** What it knows of itself: name, metadata, attributes, permissions, tracks. */
  public Participant info() {
    return world.locked(
        () ->
            new Participant(
                sid,
                identity,
                grants.name(),
                reason == null ? Participant.State.ACTIVE : Participant.State.DISCONNECTED,
                ParticipantKind.valueOf(grants.kindOrStandard().name()),
                grants.metadata(),
                grants.attributes(),
                joinedAt,
                permissions(),
                publishing,
                tracks.values().stream().map(FakeParticipant::track).toList()));
  }

  /** The metadata of its room. */
  public String roomMetadata() {
    return world.locked(() -> room.metadata);
  }

  /**
   * The identities of the others whom it sees: all but hidden ones, in the order of their joins.
   */
  public List<String> others() {
    return world.locked(
        () ->
            room.participants.values().stream()
                .filter(each -> each != this && !each.grants.videoOrNone().is("hidden"))
                .map(FakeParticipant::identity)
                .toList());
  }

  /** Data that reached it so far, in order. */
  public List<ReceivedData> received() {
    return world.locked(() -> List.copyOf(received));
  }

  /**
   * The token that the server pushes to its client, as it would be now: at join and every five
   * minutes. With it the client comes back, after its first token has ended too.
   */
  public String refreshedToken() {
    return world.locked(() -> world.minter.refreshed(grants));
  }

  /**
   * Publishes a track: sound for microphones and a shared screen's sound, pictures else.
   *
   * @throws FakeRefusedException when it may not
   */
  public Track publish(String name, TrackSource source) {
    return world.locked(
        () -> {
          requireConnected();
          LivekitModels.TrackSource wanted = LivekitModels.TrackSource.valueOf(source.name());
          if (!grants.videoOrNone().canPublish(wanted)) {
            throw new FakeRefusedException(403, "may not publish " + source.claim());
          }
          boolean sound =
              source == TrackSource.MICROPHONE || source == TrackSource.SCREEN_SHARE_AUDIO;
          TrackInfo track =
              TrackInfo.newBuilder()
                  .setSid(world.ids.next("TR_"))
                  .setName(name)
                  .setType(sound ? TrackType.AUDIO : TrackType.VIDEO)
                  .setSource(wanted)
                  .build();
          tracks.put(track.getSid(), track);
          everPublished = true;
          if (!publishing) {
            publishing = true;
            world.launch(room, FakeWorker.Serves.PUBLISHERS, this);
          }
          world.say(this, "track_published", track);
          return track(track);
        });
  }

  /** Takes a track back; nothing happens when it is not there. */
  public void unpublish(String trackSid) {
    world.locked(
        () -> {
          @Nullable TrackInfo track = tracks.remove(trackSid);
          if (track != null) {
            world.say(this, "track_unpublished", track);
          }
          return true;
        });
  }

  /** Mutes or unmutes a track of its own; nothing happens when it is not there. */
  public void mute(String trackSid, boolean muted) {
    world.locked(() -> setMuted(trackSid, muted));
  }

  /** Sends text to all others in the room, as {@link #send(DataMessage)}. */
  public boolean send(String text) {
    return send(DataMessage.of(text));
  }

  /**
   * Sends data to the others, or to those whom it names.
   *
   * @return whether the server passed it on; what it may not send, a server drops in silence
   */
  public boolean send(DataMessage message) {
    return world.locked(
        () -> {
          requireConnected();
          if (!grants.videoOrNone().canPublishData()) {
            return false;
          }
          Optional<String> from =
              grants.videoOrNone().is("hidden") ? Optional.empty() : Optional.of(identity);
          for (FakeParticipant each : room.participants.values()) {
            if (each != this && (message.to().isEmpty() || message.to().contains(each.identity))) {
              each.receive(new ReceivedData(from, message.topic(), message.bytes()));
            }
          }
          return true;
        });
  }

  /**
   * Changes what is known of it.
   *
   * @param name stays when empty
   * @param metadata stays when empty
   * @param attributes those with an empty value are taken away
   * @throws FakeRefusedException when it may not
   */
  public void update(String name, String metadata, Map<String, String> attributes) {
    world.locked(
        () -> {
          requireConnected();
          if (!grants.videoOrNone().is("canUpdateOwnMetadata")) {
            throw new FakeRefusedException(403, "does not have permission to update own metadata");
          }
          grants = grants.with(name, metadata, attributes);
          return true;
        });
  }

  /** Leaves; nothing happens when it is gone. */
  public void leave() {
    world.locked(
        () -> {
          world.remove(this, DisconnectReason.CLIENT_INITIATED);
          return true;
        });
  }

  void receive(ReceivedData data) {
    received.add(data);
  }

  private void requireConnected() {
    if (reason != null) {
      throw new IllegalStateException("not in the room any more: " + reason);
    }
  }

  /** The tracks that were published until now. */
  List<TrackInfo> disconnect(DisconnectReason why) {
    reason = why;
    List<TrackInfo> published = List.copyOf(tracks.values());
    tracks.clear();
    return published;
  }

  Optional<TrackInfo> setMuted(String trackSid, boolean muted) {
    return Optional.ofNullable(
        tracks.computeIfPresent(
            trackSid, (key, track) -> track.toBuilder().setMuted(muted).build()));
  }

  void permit(LivekitModels.ParticipantPermission permission) {
    grants = grants.with(permission);
    for (TrackInfo track : List.copyOf(tracks.values())) {
      if (!grants.videoOrNone().canPublish(track.getSource())) {
        unpublish(track.getSid());
      }
    }
    publishing = everPublished && grants.videoOrNone().canPublish();
  }

  ParticipantInfo proto() {
    ParticipantInfo.Builder info =
        ParticipantInfo.newBuilder()
            .setSid(sid)
            .setIdentity(identity)
            .setName(grants.name())
            .setState(
                reason == null ? ParticipantInfo.State.ACTIVE : ParticipantInfo.State.DISCONNECTED)
            .setKind(grants.kindOrStandard())
            .setMetadata(grants.metadata())
            .putAllAttributes(grants.attributes())
            .setJoinedAt(joinedAt.getEpochSecond())
            .setJoinedAtMs(joinedAt.toEpochMilli())
            .setPermission(grants.videoOrNone().permission())
            .setIsPublisher(publishing)
            .addAllTracks(tracks.values());
    if (reason != null) {
      info.setDisconnectReason(reason);
    }
    return info.build();
  }

  private Set<VideoPermission> permissions() {
    Video video = grants.videoOrNone();
    Set<VideoPermission> all = EnumSet.noneOf(VideoPermission.class);
    addIf(all, VideoPermission.CAN_PUBLISH, video.canPublish());
    addIf(all, VideoPermission.CAN_SUBSCRIBE, video.canSubscribe());
    addIf(all, VideoPermission.CAN_PUBLISH_DATA, video.canPublishData());
    for (VideoPermission each :
        List.of(
            VideoPermission.CAN_UPDATE_OWN_METADATA,
            VideoPermission.CAN_SUBSCRIBE_METRICS,
            VideoPermission.CAN_MANAGE_AGENT_SESSION,
            VideoPermission.HIDDEN,
            VideoPermission.RECORDER,
            VideoPermission.AGENT)) {
      addIf(all, each, video.is(each.claim()));
    }
    return all;
  }

  private static void addIf(Set<VideoPermission> all, VideoPermission each, boolean yes) {
    if (yes) {
      all.add(each);
    }
  }

  private static Track track(TrackInfo track) {
    return new Track(
        track.getSid(),
        track.getName(),
        track.getType() == TrackType.AUDIO ? Track.Type.AUDIO : Track.Type.VIDEO,
        track.getSource().name(),
        track.getMuted());
  }

  /** Identity and room. */
  @Override
  public String toString() {
    return "FakeParticipant[" + identity + " in " + room.name + "]";
  }
}
