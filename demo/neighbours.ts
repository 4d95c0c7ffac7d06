import { v7 as uuidv7 } from 'uuid';
import { streetWalk } from '../test/builders/tracks.js';
import { wirePoints } from '../test/builders/wire.js';
import { type LoginProviders, REDIRECT_URIS } from '../test/simulators/login-providers.js';
import { Phone } from './phone.js';

/** 성수1가1동 */
export const HOME_DONG = '1120065000';
const HOUR_MS = 3_600_000;

const NEIGHBOURS = [
  { nickname: '콩이네', dog: '콩이', breed: '시바견', dong: HOME_DONG, km: 3.1 },
  { nickname: '두부할머니', dog: '두부', breed: '말티즈', dong: HOME_DONG, km: 2.8 },
  { nickname: '라떼언니', dog: '라떼', breed: '푸들', dong: HOME_DONG, km: 1.4 },
  { nickname: '몽이삼촌', dog: '몽이', breed: '진돗개', dong: HOME_DONG, km: 0.9 },
  { nickname: '해피가족', dog: '해피', breed: '비글', dong: '1120066000', km: 5.2 },
  { nickname: '제주하루', dog: '하루', breed: '시바견', dong: '5011025300', km: 6.4 },
];

/** By nickname. */
export type Neighbours = ReadonlyMap<string, { id: string; phone: Phone }>;

/** People of the same dong, of the next one and of Jeju, with a public walk of today each. */
export async function moveInNeighbours(
  url: string,
  kakao: LoginProviders['kakao'],
  run: number,
): Promise<Neighbours> {
  const people = await Promise.all(
    NEIGHBOURS.map(async ({ nickname, dog, breed, dong, km }, index) => {
      const phone = new Phone(url);
      const id = `5${index}${run}`;
      kakao.addUser({ id, nickname });
      const user = await phone.logIn('kakao', () => ({
        code: kakao.code(id, { redirectUri: REDIRECT_URIS.kakao }),
        redirectUri: REDIRECT_URIS.kakao,
      }));
      await phone.call('PUT', '/users/me/region', { code: dong });
      const pet = await phone.call<{ id: string }>('POST', '/pets', { name: dog, breed });
      const startMs = Date.now() - 2 * HOUR_MS;
      await phone.call('PUT', `/walks/${uuidv7()}`, {
        petIds: [pet.id],
        visibility: 'public',
        points: wirePoints(streetWalk({ startMs, km, noiseM: 4, seed: run + 10 + index })),
      });
      return [nickname, { id: user.id, phone }] as const;
    }),
  );
  return new Map(people);
}
