// Participants join one room by the native client and exchange data: each of the senders publishes
// its text, in turn, and the receiver, whose token comes last, tells what reached it.
// In: {url, tokens: [sender…, receiver], texts: [sender's text…], last: "text that ends the wait",
// sendersLeave?: true to wait, before the answer, until the receiver has seen every sender go}.
// Out: {identities: [...], received: [{from, text}…]}.
import { answer, main, readInput } from './io.mjs';
import { dispose, Room, RoomEvent } from '@livekit/rtc-node';

const DEADLINE_MS = 30_000;
const AGAIN_MS = 200;
const PROBE = 'probe';

function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function join(url, token) {
  const room = new Room();
  await within(room.connect(url, token, { autoSubscribe: true, dynacast: false }), 'connect');
  return room;
}

/** Everybody sees everybody, so data has somewhere to go. */
async function together(rooms) {
  for (const room of rooms) {
    const all = new Promise((done) => {
      const look = () => room.remoteParticipants.size >= rooms.length - 1 && done();
      room.on(RoomEvent.ParticipantConnected, look);
      look();
    });
    await within(all, 'participants');
  }
}

/** What is sent in the moment in which the receiver comes may pass it by: asked until it hears. */
async function listening(senders, receiver) {
  let over = false;
  const heard = new Promise((done) => {
    receiver.on(RoomEvent.DataReceived, (payload, from, kind, topic) => topic === PROBE && done());
  });
  const ask = async () => {
    while (!over) {
      for (const room of senders) {
        await room.localParticipant.publishData(new Uint8Array([1]), { reliable: true, topic: PROBE });
      }
      await Promise.race([heard, new Promise((done) => setTimeout(done, AGAIN_MS))]);
    }
  };
  const asking = ask();
  try {
    await within(Promise.race([heard, asking]), 'probe');
  } finally {
    over = true;
  }
  await within(asking, 'probe');
}

/** Gone, as the receiver sees it: by then the server has dealt with all that the sender sent. */
async function leave(room, receiver) {
  const { identity } = room.localParticipant;
  const gone = new Promise((done) => {
    receiver.on(RoomEvent.ParticipantDisconnected, (who) => who.identity === identity && done());
  });
  await room.disconnect();
  await within(gone, 'leave');
}

main(async () => {
  const { url, tokens, texts, last, sendersLeave } = await readInput();
  const rooms = [];
  for (const token of tokens) rooms.push(await join(url, token));
  await together(rooms);
  const receiver = rooms.at(-1);
  await listening(rooms.slice(0, -1), receiver);
  const received = [];
  const complete = new Promise((done) => {
    receiver.on(RoomEvent.DataReceived, (payload, from, kind, topic) => {
      if (topic === PROBE) return;
      const text = Buffer.from(payload).toString('utf8');
      received.push({ from: from?.identity ?? null, text });
      if (text === last) done();
    });
  });
  for (const [i, text] of texts.entries()) {
    const data = new TextEncoder().encode(text);
    await within(rooms[i].localParticipant.publishData(data, { reliable: true }), 'publish');
  }
  await within(complete, 'data');
  if (sendersLeave) for (const room of rooms.slice(0, -1)) await leave(room, receiver);
  const identities = rooms.map((room) => room.localParticipant.identity);
  for (const room of rooms) await room.disconnect();
  await answer({ identities, received });
  await dispose();
});
