/** The measured process: the service itself, which also tells what cannot be seen from outside. */
import { Worker } from 'node:worker_threads';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import { placesNear } from '../src/modules/places/places.queries.js';
import { chunkIn } from '../src/modules/walks/walks.schemas.js';
import { walksOf } from '../src/modules/walks/walks.queries.js';
import { Database, statement } from '../src/platform/database/database.js';
import { fillPlaces } from '../test/builders/places.js';
import { inTurn, median, quantile } from './figures.js';

const MB = 1024 * 1024;
const WARM_UP_ROUNDS = 100;
const PAGE = 21;

const placeIds = statement<{ id: string }>(
  'bench_place_ids',
  `select id from places order by id limit $1::int`,
);
const placeById = statement<{ name: string }>('bench_place', `select name from places where id = $1::uuid`);

const app = await createApp(loadConfig(process.env));
await app.listen(0, '127.0.0.1');
const db = app.get(Database);
const peakBytes = new Float64Array(new SharedArrayBuffer(8));
new Worker(new URL('./rss-sampler.js', import.meta.url), { workerData: peakBytes.buffer }).unref();

const answers = {
  url: () => app.getUrl(),

  /** RSS with the garbage taken out; from here the peak counts. */
  restMb: () => {
    for (let i = 0; i < 3; i++) globalThis.gc?.();
    peakBytes[0] = 0;
    return process.memoryUsage.rss() / MB;
  },

  peakMb: () => Math.max(peakBytes[0]!, process.memoryUsage.rss()) / MB,

  /** The page of GET /walks: the prepared statement, and the same columns through Prisma. */
  list: async ({ userId, rounds }: { userId: string; rounds: number }) => {
    const contestants = {
      statement: () => walksOf(db, userId, null, PAGE),
      prisma: () =>
        db.prisma.walk.findMany({
          where: { userId, state: { not: 'deleted' } },
          orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
          take: PAGE,
          select: {
            ...{
              id: true,
              state: true,
              source: true,
              visibility: true,
              title: true,
              walkDate: true,
              startedAt: true,
              endedAt: true,
            },
            ...{ distanceM: true, movingS: true, elapsedS: true, counts: true, reasons: true, preview: true },
            pets: { select: { petId: true }, orderBy: { petId: 'asc' } },
          },
        }),
    };
    await inTurn(WARM_UP_ROUNDS, contestants);
    const { statement, prisma } = await inTurn(rounds, contestants);
    return { statementMs: median(statement), prismaMs: median(prisma) };
  },

  /** A body of POST /walks/{id}/points: the compiled validator that runs, and the zod schema it was made from. */
  validation: async ({ body, rounds }: { body: unknown; rounds: number }) => {
    const contestants = {
      compiled: () => chunkIn['~standard'].validate(body),
      zod: () => chunkIn.parse(body),
    };
    await inTurn(WARM_UP_ROUNDS, contestants);
    const { compiled, zod } = await inTurn(rounds, contestants);
    return { compiledMs: median(compiled), zodMs: median(zod) };
  },

  /** The nearest 20 vets within 3 km of somewhere in Seoul, among so many places; and one place by its primary key. */
  nearby: async ({ places, rounds }: { places: number; rounds: number }) => {
    await fillPlaces(db, places);
    const ids = await db.rows(placeIds, [rounds + WARM_UP_ROUNDS]);
    let turn = 0;
    const contestants = {
      nearby: () =>
        placesNear(db, {
          ...{ lat: 37.45 + ((turn * 0.7549) % 0.23), lng: 126.8 + ((turn * 0.5698) % 0.36) },
          ...{ radiusM: 3_000, kind: 'vet', count: 20 },
        }),
      byKey: () => db.rows(placeById, [ids[turn++ % ids.length]!.id]),
    };
    await inTurn(WARM_UP_ROUNDS, contestants);
    const { nearby, byKey } = await inTurn(rounds, contestants);
    return { nearbyP95Ms: quantile(nearby, 0.95), byKeyP95Ms: quantile(byKey, 0.95) };
  },

  close: () => app.close(),
};

export type Questions = typeof answers;

process.on('message', ({ question, input }: { question: keyof Questions; input: never }) => {
  void Promise.resolve(answers[question](input)).then(
    (answer: unknown) => process.send!({ answer }),
    (error: unknown) => process.send!({ fault: String((error as Error).stack) }),
  );
});
process.send!({ answer: 'open' });
