// LiveKit's own server SDK signs a token.
// In: {apiKey, apiSecret, identity, name?, metadata?, attributes?, ttl?, kind?, video}. Out: {token}.
import { AccessToken } from 'livekit-server-sdk';
import { answer, main, readInput } from './io.mjs';

main(async () => {
  const { apiKey, apiSecret, video, kind, ...options } = await readInput();
  const token = new AccessToken(apiKey, apiSecret, options);
  token.addGrant(video);
  if (kind) token.kind = kind;
  await answer({ token: await token.toJwt() });
});
