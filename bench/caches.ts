/**
 * `npm run bench -- caches`: what each cache saves, as the ratio of a process that has it and one with `CACHES=off`, asked
 * by turns in one run, after checking that both answer the same. Embedded, or with DATABASE_URL on new databases there.
 */
import { isDeepStrictEqual } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { streetWalk } from '../test/builders/tracks.js';
import { wirePoints } from '../test/builders/wire.js';
import { startKakaoLocal } from '../test/simulators/kakao-local.js';
import { startLoginProviders } from '../test/simulators/login-providers.js';
import { inTurn, median, quantile } from './figures.js';
import { startMeasuredProcess } from './measured-process.js';
import { signUp, type Walker } from './walker.js';

/** Below what one person may ask of Kakao in a day. */
const ROUNDS = 150;
const WARM_UP_ROUNDS = 20;
const HERE = 'lat=37.5443&lng=127.0557';
const WALK = wirePoints(streetWalk({ startMs: Date.now() - 3_600_000, km: 1.5, noiseM: 4, seed: 1 }));

interface Side extends Walker {
  walkId: string;
  kakao: Awaited<ReturnType<typeof startKakaoLocal>>;
  close(): Promise<void>;
}

async function startSide(caches: 'on' | 'off'): Promise<Side> {
  const [providers, kakao] = [await startLoginProviders(), await startKakaoLocal()];
  const place = { id: '1', name: '멍멍동물병원', lat: 37.5445, lng: 127.0561 };
  kakao.places.push(
    ...Array.from({ length: 15 }, (_, i) => ({ ...place, id: `${i}`, lat: place.lat + i / 1e4 })),
  );
  kakao.regions.push({
    code: '1120011400',
    names: ['서울특별시', '성동구', '성수동1가'],
    box: [37, 127, 38, 128],
  });
  const service = await startMeasuredProcess({ ...providers.env, ...kakao.env, CACHES: caches });
  const walker = await signUp(await service.ask('url'), providers);
  const walkId = uuidv7();
  await walker.ask('PUT', `/walks/${walkId}`, { petIds: [walker.petId], points: WALK });
  return {
    ...{ ...walker, walkId, kakao },
    close: async () => {
      await service.close();
      await providers.close();
      await kakao.close();
    },
  };
}

const reads: Record<string, { cache: string; path(side: Side): string }> = {
  search: { cache: "Kakao's answers, an hour", path: () => `/places/search?q=동물병원&${HERE}` },
  region: { cache: "Kakao's answers, a week", path: () => `/regions/resolve?${HERE}` },
  card: { cache: 'share cards, a minute', path: ({ walkId }) => `/walks/${walkId}/share-card` },
  me: { cache: 'signatures of access tokens', path: () => '/users/me' },
};

const sides = { on: await startSide('on'), off: await startSide('off') };
const lines = [
  '| read | what is kept | p50 ms with | without | ratio | p95 ms with | without | Kakao asked with | without |',
  '|---|---|---|---|---|---|---|---|---|',
];
try {
  for (const [name, { cache, path }] of Object.entries(reads)) {
    const ask = (side: Side) => side.ask('GET', path(side));
    const [known, made] = [await ask(sides.on), await ask(sides.off)];
    if (name !== 'me' && !isDeepStrictEqual(known, made)) throw new Error(`${name}: both answer differently`);
    const contestants = { on: () => ask(sides.on), off: () => ask(sides.off) };
    await inTurn(WARM_UP_ROUNDS, contestants);
    for (const { kakao } of Object.values(sides)) kakao.asked.length = 0;
    const { on, off } = await inTurn(ROUNDS, contestants);
    const [p50, p95] = [[on, off].map(median), [on, off].map((all) => quantile(all, 0.95))] as number[][];
    const asked = [sides.on, sides.off].map(({ kakao }) => kakao.asked.length);
    const ms = (values: number[]) => values.map((value) => value.toFixed(2));
    const ratio = (p50![0]! / p50![1]!).toFixed(2);
    lines.push(`| ${[name, cache, ...ms(p50!), ratio, ...ms(p95!), ...asked].join(' | ')} |`);
  }
} finally {
  for (const side of Object.values(sides)) await side.close();
}
process.stdout.write(`${ROUNDS} requests of each, by turns\n\n${lines.join('\n')}\n`);
