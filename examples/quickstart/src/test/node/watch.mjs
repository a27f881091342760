// A participant joins by the native client and tells what the server did with it, until the server
// puts it out.
// In: {url, token}.
// Out: {identity, events: [{what: "data", text, topic, from} | {what: "metadata", text} |
// {what: "room", text} | {what: "permissions", canPublish}]}.
import { answer, main, readInput } from './io.mjs';
import { dispose, Room, RoomEvent } from '@livekit/rtc-node';

const DEADLINE_MS = 60_000;

main(async () => {
  const { url, token } = await readInput();
  const room = new Room();
  const events = [];
  room.on(RoomEvent.DataReceived, (payload, from, kind, topic) => {
    const text = Buffer.from(payload).toString('utf8');
    events.push({ what: 'data', text, topic: topic ?? null, from: from?.identity ?? null });
  });
  room.on(RoomEvent.ParticipantMetadataChanged, (text) => events.push({ what: 'metadata', text }));
  room.on(RoomEvent.RoomMetadataChanged, (text) => events.push({ what: 'room', text }));
  const out = new Promise((done, fail) => {
    room.on(RoomEvent.Disconnected, done);
    setTimeout(() => fail(new Error(`not put out within ${DEADLINE_MS} ms`)), DEADLINE_MS).unref();
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const { identity } = room.localParticipant;
  await out;
  await answer({ identity, events });
  await dispose();
});
