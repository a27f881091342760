// LiveKit's own server SDK signs a token.
// In: {apiKey, apiSecret, identity, name?, metadata?, attributes?, ttl?, kind?, video}. Out: {token}.
import { AccessToken, TrackSource } from 'livekit-server-sdk';
import { answer, main, readInput } from './io.mjs';

main(async () => {
  const { apiKey, apiSecret, video, kind, ...options } = await readInput();
  const token = new AccessToken(apiKey, apiSecret, options);
  const sources = video.canPublishSources?.map((name) => TrackSource[name.toUpperCase()]);
  token.addGrant({ ...video, canPublishSources: sources });
  if (kind) token.kind = kind;
  await answer({ token: await token.toJwt() });
});
