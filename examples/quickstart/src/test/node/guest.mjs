// A participant joins by the native client, does what it is told, and tells what it sees, until it is
// told to leave or is put out.
// In: a line {url, token}, then lines {do: "publish", name, tone?} | {do: "send", text, topic?, to?} |
// {do: "update", metadata} | {do: "leave"}.
// Out: lines {what: "joined", identity} | {what: "refused", why}, then {what: "done", do, sid?, refused?} |
// {what: "probe"} (data of that topic: whether it hears) | {what: "data", text, topic, from} | {what: "metadata", text} | {what: "room", text} |
// {what: "muted", sid} | {what: "hears", sid, sound} | {what: "others", identities} | {what: "token", token} | {what: "out", reason}.
import { answer, lines, main } from './io.mjs';
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  DisconnectReason,
  dispose,
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

const DEADLINE_MS = 10_000;
const RATE = 48_000;
const LOUD = 1_000;
const SILENCE_MS = 4_000;

function within(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// The client is not told when the server ends its subscription: what it hears then is nothing.
async function hear(track, sid, ears) {
  const ear = ears.get(sid) ?? { loudAt: 0, sound: false };
  if (!ears.has(sid)) {
    ears.set(sid, ear);
    setInterval(() => {
      const sound = Date.now() - ear.loudAt < SILENCE_MS;
      if (sound !== ear.sound) {
        ear.sound = sound;
        answer({ what: 'hears', sid, sound });
      }
    }, SILENCE_MS / 10).unref();
  }
  for await (const frame of new AudioStream(track)) {
    if (frame.data.some((sample) => Math.abs(sample) > LOUD)) ear.loudAt = Date.now();
  }
}

async function play(source) {
  const samples = Int16Array.from({ length: RATE / 100 }, (_, i) => 16_000 * Math.sin((2 * Math.PI * 1_000 * i) / RATE));
  while (true) await source.captureFrame(new AudioFrame(samples, RATE, 1, samples.length));
}

function listen(room) {
  const others = () =>
    answer({ what: 'others', identities: [...room.remoteParticipants.values()].map((each) => each.identity) });
  const own = (participant) => participant.identity === room.localParticipant?.identity;
  room.on(RoomEvent.ParticipantConnected, others);
  room.on(RoomEvent.ParticipantDisconnected, others);
  room.on(RoomEvent.DataReceived, (payload, from, kind, topic) => {
    if (topic === 'probe') return answer({ what: 'probe' });
    const text = Buffer.from(payload).toString('utf8');
    return answer({ what: 'data', text, topic: topic || null, from: from?.identity ?? null });
  });
  room.on(RoomEvent.ParticipantMetadataChanged, (text, who) => own(who) && answer({ what: 'metadata', text: who.metadata }));
  room.on(RoomEvent.RoomMetadataChanged, (text) => answer({ what: 'room', text }));
  room.on(RoomEvent.TrackMuted, (publication, who) => own(who) && answer({ what: 'muted', sid: publication.sid }));
  const ears = new Map();
  room.on(RoomEvent.TrackSubscribed, (track, publication) => hear(track, publication.sid, ears));
  room.on(RoomEvent.TokenRefreshed, () => answer({ what: 'token', token: room.token }));
  return others;
}

const commands = {
  async publish(room, { name, tone }) {
    const source = new AudioSource(RATE, 1);
    if (tone) play(source).catch(() => {});
    const track = LocalAudioTrack.createAudioTrack(name, source);
    const options = new TrackPublishOptions();
    options.source = TrackSource.SOURCE_MICROPHONE;
    const publication = await within(room.localParticipant.publishTrack(track, options));
    return { sid: publication.sid };
  },
  async send(room, { text, topic, to }) {
    const data = new TextEncoder().encode(text);
    await within(
      room.localParticipant.publishData(data, { reliable: true, topic, destination_identities: to }),
    );
  },
  async update(room, { metadata }) {
    await within(room.localParticipant.updateMetadata(metadata));
  },
};

main(async () => {
  const input = lines();
  const { url, token } = (await input.next()).value;
  const room = new Room();
  const others = listen(room);
  let left = false;
  const out = new Promise((done) => room.on(RoomEvent.Disconnected, done));
  try {
    await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  } catch (error) {
    await answer({ what: 'refused', why: String(error.message) });
    await dispose();
    return;
  }
  await answer({ what: 'joined', identity: room.localParticipant.identity });
  await others();
  const told = (async () => {
    for await (const command of input) {
      if (command.do === 'leave') break;
      try {
        const result = await commands[command.do](room, command);
        await answer({ what: 'done', do: command.do, ...result });
      } catch (error) {
        await answer({ what: 'done', do: command.do, refused: String(error.message) });
      }
    }
    left = true;
    await room.disconnect();
  })();
  const reason = await out;
  await answer({ what: 'out', reason: DisconnectReason[reason] ?? String(reason) });
  if (left) await told;
  await dispose();
});
