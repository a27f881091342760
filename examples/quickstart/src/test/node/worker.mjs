// An agent's worker, as LiveKit's agent frameworks have one, without the agent: it registers, takes
// every job, and tells what it was given. Like them it finds its server and its key pair in the
// environment (LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET).
// In: a line {agentName, url?: "another server", token?: "another token than its own"}; it ends with
// its input.
// Out: lines {what: "registered", id} | {what: "refused", status}, then {what: "job", id, dispatchId,
// agentName, room, metadata, attributes, token} | {what: "ended", id}; first of all {what: "environment", names}.
import { AccessToken } from 'livekit-server-sdk';
import {
  AvailabilityResponse,
  JobType,
  RegisterWorkerRequest,
  ServerMessage,
  WorkerMessage,
} from '@livekit/protocol';
import WebSocket from 'ws';
import { answer, lines, main } from './io.mjs';

async function ownToken() {
  const token = new AccessToken(process.env.LIVEKIT_API_KEY, process.env.LIVEKIT_API_SECRET);
  token.addGrant({ agent: true });
  return token.toJwt();
}

const say = (socket, name, value) =>
  socket.send(new WorkerMessage({ message: { case: name, value } }).toBinary());

function take(socket, { message: { case: name, value } }) {
  switch (name) {
    case 'register':
      return answer({ what: 'registered', id: value.workerId });
    case 'availability':
      return say(
        socket,
        'availability',
        new AvailabilityResponse({
          jobId: value.job.id,
          available: true,
          participantIdentity: `agent-${value.job.id}`,
        }),
      );
    case 'assignment': {
      const { id, dispatchId, agentName, room, metadata, attributes } = value.job;
      const job = { id, dispatchId, agentName, room: room.name, metadata, attributes };
      return answer({ what: 'job', ...job, token: value.token });
    }
    case 'termination':
      return answer({ what: 'ended', id: value.jobId });
    default:
      return undefined;
  }
}

main(async () => {
  const names = Object.keys(process.env).filter((name) => name !== 'NODE_ENV').sort();
  await answer({ what: 'environment', names });
  const input = lines();
  const { agentName, url, token } = (await input.next()).value;
  const socket = new WebSocket(new URL('agent?protocol=1', `${url ?? process.env.LIVEKIT_URL}/`), {
    headers: { authorization: `Bearer ${token ?? (await ownToken())}` },
  });
  const over = new Promise((done, fail) => {
    socket.on('close', done);
    socket.on('error', fail);
    socket.on('unexpected-response', (request, response) =>
      answer({ what: 'refused', status: response.statusCode }).then(done),
    );
  });
  socket.on('open', () =>
    say(socket, 'register', new RegisterWorkerRequest({ type: JobType.JT_ROOM, agentName, version: '1' })),
  );
  socket.on('message', (data) => take(socket, ServerMessage.fromBinary(new Uint8Array(data))));
  const told = (async () => {
    for await (const line of input) void line;
    socket.close();
  })();
  await Promise.race([over, told]);
});
