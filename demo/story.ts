import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { distanceBetweenM, type TrackPoint } from '../src/modules/walks/track/index.js';
import { drive, moved, SEOUL_FOREST, streetWalk } from '../test/builders/tracks.js';
import { chunked, wirePoints } from '../test/builders/wire.js';
import { type LoginProviders, REDIRECT_URIS } from '../test/simulators/login-providers.js';
import { type Friends, meetTheNeighbours } from './friends.js';
import { type Game, seeTheGame } from './game.js';
import { type Money, type MoneyStage, payForPremium } from './money.js';
import { HOME_DONG, moveInNeighbours } from './neighbours.js';
import type { FcmSimulator } from '../test/simulators/fcm.js';
import { Phone } from './phone.js';
import { lookAround, type Surroundings } from './surroundings.js';

const CHUNK_POINTS = 300;
const HOME_ZONE_RADIUS_M = 200;
const HOUR_MS = 3_600_000;

interface Walk {
  id: string;
  startedAt: string;
  distanceM: number;
  movingS: number;
  counts: boolean;
  reasons: string[];
  awaitingPoints: boolean;
  droppedPoints: Record<string, number>;
  leftOut: { reason: string; distanceM: number }[];
  pets: { name: string; caloriesKcal: number | null }[];
}

/** The last line of `npm run demo -- --json`; later work adds keys. */
export interface Summary extends Game, Friends, Surroundings, Money {
  walk: Pick<Walk, 'id' | 'distanceM' | 'movingS' | 'counts'>;
  car: Pick<Walk, 'counts' | 'reasons'>;
  offlineWalks: number;
  strangerSees: { pointsInZone: number };
}

export interface Stage extends Pick<MoneyStage, 'toss' | 'appStore' | 'clock' | 'chargeDue' | 'passTime'> {
  url: string;
  providers: LoginProviders;
  fcm: FcmSimulator;
  /** What the schedule does every hour, and every 12 hours. */
  refreshRankings: () => Promise<void>;
  makeRecommendations: () => Promise<void>;
  /** What it does every night. */
  syncPlaces: () => Promise<void>;
  /** Where the share card is saved. */
  cardPath: string;
  /** For what takes place in another time. */
  awayFromNow: <T>(story: () => Promise<T>) => Promise<T>;
  say: (line: string) => void;
}

/** The main job, over real HTTP: from login to what a stranger sees, and what the walk is followed by. */
export async function play({
  url,
  providers: { kakao, naver },
  fcm,
  refreshRankings,
  makeRecommendations,
  syncPlaces,
  cardPath,
  awayFromNow,
  say,
  ...money
}: Stage): Promise<{ summary: Summary; phone: Phone }> {
  const run = randomInt(1e9);
  const phone = new Phone(url);
  const pushToken = `demo-device-${run}`;

  kakao.addUser({ id: `41002${run}`, nickname: '보리누나' });
  const jimin = await phone.logIn('kakao', () => ({
    code: kakao.code(`41002${run}`, { redirectUri: REDIRECT_URIS.kakao }),
    redirectUri: REDIRECT_URIS.kakao,
    deviceName: '지민의 휴대폰',
  }));
  await phone.call('POST', '/push-tokens', { token: pushToken, platform: 'ios' });
  say(`🔑 ${jimin.nickname} 님이 카카오로 들어와, 이용약관과 개인정보 처리, 위치 이용에 하나씩 동의했어요.`);

  const bori = await phone.call<{ id: string }>('POST', '/pets', {
    name: '보리',
    breed: '시바견',
    sex: 'female',
    weightKg: 8.5,
  });
  await phone.call('POST', '/users/me/privacy-zones', {
    name: '우리 집',
    ...SEOUL_FOREST,
    radiusM: HOME_ZONE_RADIUS_M,
  });
  say(`🐕 시바견 보리(8.5 kg)를 등록하고, 집 둘레 ${HOME_ZONE_RADIUS_M} m를 사생활 구역으로 정했어요.`);

  const walk = await walkInSeoul(phone, bori.id, run, say);

  const startMs = Date.now() - 30 * HOUR_MS;
  const car = await phone.call<Walk>('PUT', `/walks/${uuidv7()}`, {
    petIds: [bori.id],
    points: wirePoints(drive({ startMs, km: 6, speedMps: 12, noiseM: 4, seed: run + 1 })),
  });
  say(
    `🚗 차를 타고 간 6 km를 산책으로 보냈더니: ${car.counts ? '인정' : '인정하지 않음'} (${car.reasons.join(', ')}).`,
  );

  const offlineWalks = await uploadTwice(phone, bori.id, run, say);
  const pointsInZone = await lookAsStranger(url, naver, run, phone, walk.id, say);
  await phone.call('PUT', `/walks/${uuidv7()}`, {
    petIds: [bori.id],
    points: wirePoints(streetWalk({ startMs: Date.now() - 25 * HOUR_MS, km: 1.6, noiseM: 4, seed: run + 3 })),
  });
  await phone.call('PUT', '/users/me/region', { code: HOME_DONG });
  const neighbours = await moveInNeighbours(url, kakao, run);
  const game = await seeTheGame(phone, {
    refreshRankings,
    pushedTitles: () => fcm.titlesSentTo(pushToken),
    say,
  });

  const friends = await meetTheNeighbours(phone, {
    ...{ url, neighbours, walkId: walk.id, makeRecommendations, say },
  });

  const surroundings = await lookAround(phone, {
    ...{ petId: bori.id, walkId: walk.id, syncPlaces, cardPath, say },
  });

  const paid = await awayFromNow(() => payForPremium({ ...money, url, kakao, run, say }));

  const summary: Summary = {
    walk: { id: walk.id, distanceM: walk.distanceM, movingS: walk.movingS, counts: walk.counts },
    car: { counts: car.counts, reasons: car.reasons },
    offlineWalks,
    strangerSees: { pointsInZone },
    ...game,
    ...friends,
    ...surroundings,
    ...paid,
  };
  return { summary, phone };
}

/** 2.4 km with GPS noise, in chunks: one sent twice, one that arrives after the end, one point 900 km away. */
async function walkInSeoul(
  phone: Phone,
  petId: string,
  run: number,
  say: (line: string) => void,
): Promise<Walk> {
  const startMs = Date.now() - HOUR_MS;
  const track: TrackPoint[] = streetWalk({ startMs, km: 2.4, noiseM: 4, seed: run });
  Object.assign(track[500]!, moved(SEOUL_FOREST, 150, 900_000));
  const points = wirePoints(track);
  const started = await phone.call<Walk>('POST', '/walks', { petIds: [petId], startedAt: points[0]!.t });
  say('🚶 산책을 시작했어요.');

  const chunks = chunked(points, CHUNK_POINTS);
  const late = chunks.splice(2, 1)[0]!;
  const send = (chunk: object[]) => phone.call('POST', `/walks/${started.id}/points`, { points: chunk });
  for (const chunk of chunks) await send(chunk);
  await send(chunks[1]!);
  say(
    `📡 위치 ${points.length.toLocaleString()}개를 ${chunks.length}번에 나눠 보냈고, 하나는 두 번 갔고, 하나는 아직 오는 중이에요.`,
  );

  const provisional = await phone.call<Walk>('POST', `/walks/${started.id}/complete`, {
    pointCount: points.length,
  });
  say(
    `⏳ 마쳤지만 아직은 ${provisional.distanceM.toLocaleString()} m: 늦게 오는 위치를 기다려요 (${provisional.reasons.join(', ')}).`,
  );
  await send(late);
  const walk = await phone.call<Walk>('GET', `/walks/${started.id}`);
  const kcal = walk.pets[0]?.caloriesKcal ?? 0;
  say(
    `✅ ${(walk.distanceM / 1000).toFixed(2)} km, 움직인 시간 ${Math.round(walk.movingS / 60)}분, 보리 ${kcal} kcal: ${walk.counts ? '인정된 산책이에요!' : `인정되지 않았어요 (${walk.reasons.join(', ')})`} 튄 위치 ${walk.droppedPoints.teleport ?? 0}개는 뺐어요.`,
  );
  return walk;
}

async function uploadTwice(
  phone: Phone,
  petId: string,
  run: number,
  say: (line: string) => void,
): Promise<number> {
  const startMs = Date.now() - 49 * HOUR_MS;
  const id = uuidv7();
  const body = {
    petIds: [petId],
    points: wirePoints(streetWalk({ startMs, km: 1.2, noiseM: 4, seed: run + 2 })),
  };
  await phone.call('PUT', `/walks/${id}`, body);
  await phone.call('PUT', `/walks/${id}`, body);
  const { items } = await phone.call<{ items: Walk[] }>('GET', '/walks?limit=100');
  const found = items.filter(({ startedAt }) => Math.abs(Date.parse(startedAt) - startMs) < HOUR_MS).length;
  say(`📦 지하에서 기록해 둔 산책을 두 번 올렸지만, 목록에는 ${found}개예요.`);
  return found;
}

async function lookAsStranger(
  url: string,
  naver: LoginProviders['naver'],
  run: number,
  owner: Phone,
  walkId: string,
  say: (line: string) => void,
) {
  await owner.call('PATCH', `/walks/${walkId}`, { visibility: 'public' });
  const stranger = new Phone(url);
  naver.addUser({ id: `naver-${run}`, nickname: '초코아빠' });
  await stranger.logIn('naver', (state) => ({ code: naver.code(`naver-${run}`, { state }), state }));

  type Route = { geometry: { coordinates: [number, number][][] } };
  const mine = (await owner.call<Route>('GET', `/walks/${walkId}/route`)).geometry.coordinates.flat();
  const seen = (await stranger.call<Route>('GET', `/walks/${walkId}/route`)).geometry.coordinates.flat();
  const inZone = (points: [number, number][]) =>
    points.filter(([lng, lat]) => distanceBetweenM({ lat, lng }, SEOUL_FOREST) <= HOME_ZONE_RADIUS_M).length;
  say(
    `👀 모르는 사람에게는 위치 ${mine.length.toLocaleString()}개 중 ${seen.length.toLocaleString()}개만 보이고, 집 둘레는 ${inZone(mine)}개 중 ${inZone(seen)}개예요.`,
  );
  return inZone(seen);
}
