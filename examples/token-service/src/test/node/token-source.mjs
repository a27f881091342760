// Fetches tokens as LiveKit's client does, by TokenSource.endpoint: it needs no browser for that.
// In: {url, headers, requests: [{roomName?, participantIdentity?, …}…]}, one JSON object on the
// standard input. Out: [{serverUrl, participantToken} or {error}…], one line.
import { TokenSource } from 'livekit-client';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { url, headers, requests } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
const source = TokenSource.endpoint(url, { headers });
const answers = [];
for (const request of requests) {
  try {
    answers.push(await source.fetch(request));
  } catch (error) {
    answers.push({ error: error.message });
  }
}
process.stdout.write(JSON.stringify(answers) + '\n');
