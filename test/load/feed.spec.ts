import { loadConfig } from '../../src/config/config.js';
import { type Connection, type Database, statement } from '../../src/platform/database/database.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { feedOf, type FeedRow } from '../../src/modules/social/feed.queries.js';
import { isWalkShownTo } from '../../src/modules/users/index.js';
import { type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { plansOf } from '../support/plans.js';
import { generate } from '../builders/population.js';

/** `LOAD_SCALE=10` is 200,000 users and 3,000,000 walks on the server lane. */
const SCALE = Number(process.env.LOAD_SCALE ?? 1);
const SIZE = SERVER_URL
  ? { users: 20_000 * SCALE, walks: 300_000 * SCALE }
  : { users: 500 * SCALE, walks: 7_500 * SCALE };
/** Many of them, at the first scale: the statement tells few from many at 100. */
const MANY = SERVER_URL ? 5_000 : 250;
const BEFORE_ALL_MS = 120_000 * Math.max(1, SCALE);
const NOW = new Date('2026-11-20T03:00:00Z');
/** When most is going on. */
const EVENING = new Date('2026-11-18T11:00:00Z');
const PAGE = 20;
const PAGES = 5;
const ROUNDS = SERVER_URL ? 40 : 1;

const user = (i: number) => `00000001-0000-7000-8000-${i.toString(16).padStart(12, '0')}`;
/** Users of the middle: with a home, and walks of a usual number. */
const VIEWERS = {
  [`follows ${MANY}`]: user(SIZE.users / 2),
  [`follows ${MANY} who hardly walk`]: user(SIZE.users / 2 + 1),
  'follows 200': user(SIZE.users / 2 + 2),
  'follows 3': user(SIZE.users / 2 + 3),
  'follows nobody, without a home': user(SIZE.users / 2 + 4),
};

let own: OwnDatabase;
let db: Database;
const figures: string[] = [];

const setUp = (name: string, sql: string) => statement(`load_feed_${name}`, sql);
const person = (i: string) => `('00000001-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;
/** A uniform number below `n`, the same in each run. */
const some = (stream: number, n: string) =>
  `(((hashint8extended(i, ${stream}) & 1048575) / 1048576.0::float8) * ${n})::int8`;
const STATEMENTS = [
  setUp('memory', `set local work_mem = '256MB'`),
  setUp('triggers', `set local session_replication_role = replica`),
];
/** $1 users, $2 now. */
const PEOPLE = [
  setUp(
    'pets',
    `insert into pets (id, user_id, name, breed, temperament, created_at)
     select ('00000003-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, ${person('i')}, '보리' || i,
            (array['푸들', '말티즈', '시바견', '진돗개', null])[1 + ${some(21, '4.99')}], '{}', $2::timestamptz - interval '1 year'
     from generate_series(0, $1::int8 - 1) i`,
  ),
  setUp(
    'walk_pets',
    `insert into walk_pets (walk_id, pet_id)
     select id, ('00000003' || right(user_id::text, 28))::uuid from walks where $1::int8 > 0 and $2::timestamptz is not null`,
  ),
  setUp(
    'follows',
    `insert into follows (follower_id, followee_id, created_at)
     select ${person('i % $1::int8')}, ${person(some(22, '$1::int8'))}, $2::timestamptz - interval '30 days'
     from generate_series(0, 30 * $1::int8) i where i % $1::int8 <> ${some(22, '$1::int8')}
     on conflict do nothing`,
  ),
  setUp(
    'blocks',
    `insert into blocks (blocker_id, blocked_id, created_at)
     select ${person('i')}, ${person(some(23, '$1::int8'))}, $2::timestamptz - interval '20 days'
     from generate_series(0, $1::int8 - 1, 4) i where i <> ${some(23, '$1::int8')}`,
  ),
];
/** $1 users, $2 now, $3 likes. */
const REACTIONS = [
  setUp(
    'likes',
    `insert into walk_likes (walk_id, user_id, created_at)
     select ('00000002-0000-7000-8000-' || lpad(to_hex(${some(24, '$3::int8 / 2')}), 12, '0'))::uuid, ${person(some(25, '$1::int8'))},
            $2::timestamptz - ${some(26, '86400')} * interval '1 second'
     from generate_series(0, $3::int8 - 1) i
     on conflict do nothing`,
  ),
  setUp(
    'comments',
    `insert into walk_comments (id, walk_id, user_id, body, created_at)
     select gen_random_uuid(), walk_id, user_id, '귀여워요', created_at from walk_likes
     where $1::int8 > 0 and $2::timestamptz is not null and $3::int8 > 0 and hashtext(user_id::text) % 3 = 0`,
  ),
];
/** $1 viewer, $2 how many, $3 now. */
const followFirst = setUp(
  'follow_first',
  `insert into follows (follower_id, followee_id, created_at)
   select $1::uuid, id, $3::timestamptz - interval '10 days' from users where id <> $1::uuid order by md5(id::text) limit $2::int
   on conflict do nothing`,
);
const followLast = setUp(
  'follow_last',
  `insert into follows (follower_id, followee_id, created_at)
   select $1::uuid, walker.id, $3::timestamptz - interval '10 days' from users walker
   where walker.id <> $1::uuid
   order by (select max(completed_at) from walks where user_id = walker.id) nulls first, walker.id limit $2::int
   on conflict do nothing`,
);
const withoutFollows = setUp('without_follows', `delete from follows where follower_id = $1::uuid`);
const withoutHome = setUp('without_home', `update users set region_code = null where id = $1::uuid`);
const analyze = setUp(
  'analyze',
  `analyze users, walks, follows, blocks, walk_likes, walk_comments, pets, walk_pets`,
);
const readByKey = setUp('read_by_key', `select id, user_id::text from walks where id = $1::uuid`);

/** The same by the formula alone: everything is scored. $1 viewer, $2 as of, $3 how many. */
const plainly = statement<{ id: string; place: Date }>(
  'load_feed_plainly',
  `select walk.id, walk.completed_at + case when followed.follower_id is not null then interval '4 hours' else interval '0' end
          + case when exists (
              select from walk_pets join pets pet on pet.id = pet_id join pets mine on lower(mine.breed) = lower(pet.breed)
              where walk_id = walk.id and mine.user_id = $1::uuid and mine.removed_at is null
            ) then interval '1 hour' else interval '0' end
          + interval '2 minutes' * least(30,
              (select count(*) from walk_likes where walk_id = walk.id and created_at <= $2::timestamptz)
              + (
                select count(*) from walk_comments
                where walk_id = walk.id and created_at <= $2::timestamptz and user_id <> walk.user_id
              )
            ) as place
   from walks walk join users walker on walker.id = walk.user_id
   left join follows followed on followed.follower_id = $1::uuid and followed.followee_id = walker.id
   where walk.completed_at <= $2::timestamptz and walker.id <> $1::uuid and ${isWalkShownTo('walk', 'walker', '$1::uuid')}
     and (followed.follower_id is not null or walker.region_code = (select region_code from users where id = $1::uuid))
   order by place desc, id desc
   limit $3::int`,
);

const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const startedAt = performance.now();
  const result = await work();
  return [result, performance.now() - startedAt];
};
const quantile = (times: number[], q: number) =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))]!;

beforeAll(async () => {
  own = await ownDatabase();
  db = await openDatabase(loadConfig({ NODE_ENV: 'test', ...own.env }));
  const [, ms] = await timed(async () => {
    await generate(db, SIZE, NOW);
    await db.transaction(
      async (tx) => {
        for (const setting of STATEMENTS) await tx.rows(setting, []);
        const now = NOW.toISOString();
        for (const query of PEOPLE) await tx.rows(query, [SIZE.users, now]);
        for (const query of REACTIONS) await tx.rows(query, [SIZE.users, now, SIZE.walks]);
        const [many, sparse, some, few, nobody] = Object.values(VIEWERS);
        for (const viewer of Object.values(VIEWERS)) await tx.rows(withoutFollows, [viewer]);
        await tx.rows(followFirst, [many, MANY, now]);
        await tx.rows(followLast, [sparse, MANY, now]);
        await tx.rows(followFirst, [some, 200, now]);
        await tx.rows(followFirst, [few, 3, now]);
        await tx.rows(withoutHome, [nobody]);
        await tx.rows(analyze, []);
      },
      { timeoutMs: 900_000 },
    );
  });
  figures.push(`generated in ${Math.round(ms / 1_000)} s`);
}, BEFORE_ALL_MS);
afterAll(async () => {
  console.log(`feed of ${SIZE.users} users, ${SIZE.walks} walks:\n${figures.join('\n')}`);
  await db.close();
  await own.remove();
});

const first = (viewerId: string) => ({ viewerId, asOf: NOW, after: null, count: PAGE + 1 });
const after = (viewerId: string, rows: FeedRow[]) => {
  const { place, id } = rows[PAGE - 1]!;
  return { ...first(viewerId), after: { place, id } };
};

it.each(Object.entries(VIEWERS))('reads by indexes: %s', async (_name, viewer) => {
  const page = await feedOf(db, first(viewer));
  const asks = [first(viewer), ...(page.length > PAGE ? [after(viewer, page)] : [])];
  for (const asked of asks) {
    const plans = await plansOf(db, (connection: Connection) => feedOf(connection, asked));
    expect(plans.map((plan) => plan.statement)).toEqual(['social_feed', 'social_feed']);
    for (const { scans } of plans) {
      expect(scans.filter((scan) => /^Seq Scan (walks|follows|walk_likes|walk_comments)/.test(scan))).toEqual(
        [],
      );
      for (const index of ['walks_shown', 'walks_shown_by_user', 'walks_public_by_user', 'walk_likes_pkey'])
        expect(scans.join('\n')).toMatch(new RegExp(`${index}$`, 'm'));
    }
  }
});

it.each(Object.entries(VIEWERS))('lists what the formula says, page by page: %s', async (_name, viewer) => {
  for (const [asOf, count, pages] of [
    [NOW, PAGE, 10],
    [EVENING, 7, 20],
  ] as const) {
    const expected = await db.transaction(
      (tx) => tx.rows(plainly, [viewer, asOf.toISOString(), count * pages]),
      { timeoutMs: 60_000 },
    );
    const listed: FeedRow[] = [];
    for (let i = 0; i < pages; i++) {
      const last = listed.at(-1);
      const rows = await feedOf(db, { viewerId: viewer, asOf, after: last ?? null, count: count + 1 });
      listed.push(...rows.slice(0, count));
      if (rows.length <= count) break;
    }
    expect(listed.map(({ id, place }) => ({ id, place }))).toEqual(expected);
  }
});

it('answers pages', async () => {
  const times: Record<string, number[]> = { 'plain read by primary key': [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, viewer] of Object.entries(VIEWERS)) {
      let asked: Parameters<typeof feedOf>[1] = first(viewer);
      for (let i = 0; i < PAGES; i++) {
        const [rows, ms] = await timed(() => feedOf(db, asked));
        (times[name] ??= []).push(ms);
        const walk = rows[0]?.id ?? user(0);
        times['plain read by primary key']!.push((await timed(() => db.rows(readByKey, [walk])))[1]);
        if (rows.length <= PAGE) break;
        asked = after(viewer, rows);
      }
    }
  }
  const { 'plain read by primary key': plain, ...feeds } = times;
  const plainMs = quantile(plain!, 0.95);
  figures.push(`plain read by primary key: 95 % ${plainMs.toFixed(2)} ms`);
  for (const [name, ofFeed] of Object.entries(feeds)) {
    const ms = quantile(ofFeed, 0.95);
    figures.push(
      `${name}: median ${quantile(ofFeed, 0.5).toFixed(1)} ms, 95 % ${ms.toFixed(1)} ms = ${(ms / plainMs).toFixed(1)} plain reads`,
    );
  }
});
