import { appleKeyPair, startApple, type AppleSimulator } from './apple.js';
import { startKakao, type KakaoSimulator } from './kakao.js';
import { startNaver, type NaverSimulator } from './naver.js';

export interface LoginProviders {
  kakao: KakaoSimulator;
  naver: NaverSimulator;
  apple: AppleSimulator;
  /** What the app needs in its environment to talk to them. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export const REDIRECT_URIS = {
  kakao: 'withbowwow://oauth/kakao',
  naver: 'withbowwow://oauth/naver',
  apple: 'withbowwow://oauth/apple',
};

const KAKAO = {
  clientId: 'sim-kakao-rest-key',
  clientSecret: 'sim-kakao-client-secret',
  appId: 778899,
  adminKey: 'sim-kakao-admin-key',
  nativeAppKey: 'sim-kakao-native-key',
};
const NAVER = { clientId: 'sim-naver-client', clientSecret: 'sim-naver-client-secret' };
const APPLE = {
  clientIds: ['kr.withbowwow.app', 'kr.withbowwow.web'],
  teamId: 'SIMTEAM001',
  keyId: 'SIMKEY0001',
};

export async function startLoginProviders({
  now,
  walkIns,
}: { now?: () => number; walkIns?: boolean } = {}): Promise<LoginProviders> {
  const { privateKeyPem, publicKeyPem } = appleKeyPair();
  const [kakao, naver, apple] = await Promise.all([
    startKakao({ ...KAKAO, now, walkIns }),
    startNaver({ ...NAVER, now }),
    startApple({ ...APPLE, publicKeyPem, now }),
  ]);
  const env = {
    KAKAO_CLIENT_ID: KAKAO.clientId,
    KAKAO_CLIENT_SECRET: KAKAO.clientSecret,
    KAKAO_APP_ID: String(KAKAO.appId),
    KAKAO_ADMIN_KEY: KAKAO.adminKey,
    KAKAO_NATIVE_APP_KEY: KAKAO.nativeAppKey,
    KAKAO_AUTH_BASE_URL: kakao.url,
    KAKAO_API_BASE_URL: kakao.url,
    NAVER_CLIENT_ID: NAVER.clientId,
    NAVER_CLIENT_SECRET: NAVER.clientSecret,
    NAVER_AUTH_BASE_URL: naver.url,
    NAVER_API_BASE_URL: naver.url,
    APPLE_CLIENT_ID: APPLE.clientIds.join(','),
    APPLE_TEAM_ID: APPLE.teamId,
    APPLE_KEY_ID: APPLE.keyId,
    APPLE_PRIVATE_KEY: privateKeyPem,
    APPLE_BASE_URL: apple.url,
  };
  const close = async () => {
    await Promise.all([kakao.close(), naver.close(), apple.close()]);
  };
  return { kakao, naver, apple, env, close };
}
