// LiveKit's own server SDK verifies a token.
// In: {token, apiKey, apiSecret}. Out: the claims, or {refused: "why"}.
import { TokenVerifier } from 'livekit-server-sdk';
import { answer, main, readInput } from './io.mjs';

main(async () => {
  const { token, apiKey, apiSecret } = await readInput();
  let claims;
  try {
    claims = await new TokenVerifier(apiKey, apiSecret).verify(token);
  } catch (error) {
    await answer({ refused: String(error.code ?? error.message) });
    return;
  }
  await answer(claims);
});
