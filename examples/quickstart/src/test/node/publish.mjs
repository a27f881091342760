// A participant joins by the native client, publishes data and a track of silence, takes the track
// back, and leaves.
// In: {url, token, text}.
// Out: {identity, track: "the track's id"}.
import { answer, main, readInput } from './io.mjs';
import {
  AudioFrame,
  AudioSource,
  dispose,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

const RATE = 48_000;

main(async () => {
  const { url, token, text } = await readInput();
  const room = new Room();
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const me = room.localParticipant;
  await me.publishData(new TextEncoder().encode(text), { reliable: true });
  const source = new AudioSource(RATE, 1);
  const track = LocalAudioTrack.createAudioTrack('silence', source);
  const options = new TrackPublishOptions();
  options.source = TrackSource.SOURCE_MICROPHONE;
  const published = await me.publishTrack(track, options);
  for (let i = 0; i < 50; i++) {
    await source.captureFrame(new AudioFrame(new Int16Array(RATE / 100), RATE, 1, RATE / 100));
  }
  const { sid } = published;
  await me.unpublishTrack(sid);
  const { identity } = me;
  await room.disconnect();
  await answer({ identity, track: sid });
  await dispose();
});
