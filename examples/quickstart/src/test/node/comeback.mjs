// A participant joins by the native client and, each time the server puts it out, joins again with
// the next of its tokens, until it has none left.
// In: {url, tokens: [first, second…]}.
// Out: {putOut: how often it was}.
import { answer, main, readInput } from './io.mjs';
import { dispose, Room, RoomEvent } from '@livekit/rtc-node';

const DEADLINE_MS = 60_000;

main(async () => {
  const { url, tokens } = await readInput();
  let putOut = 0;
  for (const token of tokens) {
    const room = new Room();
    const out = new Promise((done, fail) => {
      room.on(RoomEvent.Disconnected, done);
      setTimeout(() => fail(new Error(`not put out within ${DEADLINE_MS} ms`)), DEADLINE_MS).unref();
    });
    await room.connect(url, token, { autoSubscribe: true, dynacast: false });
    await out;
    putOut++;
  }
  await answer({ putOut });
  await dispose();
});
