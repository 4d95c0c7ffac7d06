import { SIGN_UP_CONSENTS } from '../test/builders/consents.js';
import { REDIRECT_URIS, type startLoginProviders } from '../test/simulators/login-providers.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each caller knows what it asked for
export type Ask = (method: string, path: string, body?: unknown) => Promise<any>;

export interface Walker {
  userId: string;
  petId: string;
  /** JSON as such, anything else as bytes. @throws Error when the answer is no 2xx */
  ask: Ask;
}

/** Somebody with a dog, over HTTP, as the app does it. */
export async function signUp(
  url: string,
  { kakao }: Pick<Awaited<ReturnType<typeof startLoginProviders>>, 'kakao'>,
): Promise<Walker> {
  const credentials: Record<string, string> = {};
  const ask: Ask = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...credentials, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(
        `${method} ${path} answered ${response.status}: ${(await response.text()).slice(0, 500)}`,
      );
    return response.headers.get('content-type')?.includes('json') ? response.json() : response.bytes();
  };
  const kakaoId = kakao.addUser({ id: '5300000001', nickname: '재는사람' }).id;
  const redirectUri = REDIRECT_URIS.kakao;
  const login = await ask('POST', '/auth/kakao', { code: kakao.code(kakaoId, { redirectUri }), redirectUri });
  credentials.authorization = `Bearer ${login.accessToken}`;
  for (const consent of SIGN_UP_CONSENTS) await ask('POST', '/users/me/consents', consent);
  const pet = await ask('POST', '/pets', { name: '보리', weightKg: 8.5 });
  return { userId: login.user.id as string, petId: pet.id as string, ask };
}
