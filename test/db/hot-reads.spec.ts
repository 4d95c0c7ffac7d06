import { randomUUID } from 'node:crypto';
import { refreshBoards } from '../../src/modules/rankings/rankings.queries.js';
import { statement } from '../../src/platform/database/database.js';
import { consentRows } from '../builders/consents.js';
import { fillPlaces } from '../builders/places.js';
import { generate } from '../builders/population.js';
import { type Person, personAt } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { plansOfStatement } from '../support/plans.js';
import { type Sent, statementsOf } from '../support/statements.js';

/** So many that an index is cheaper than the whole table, whatever the statement. */
const SIZE = { users: 5_000, walks: 20_000 };
const BEFORE_ALL_MS = 120_000;

/** What phones ask for most, by the tables behind it. */
const HOT = {
  'GET /feed': '/feed',
  'GET /rankings of a dong': '/rankings?period=week&scope=dong',
  'GET /rankings of a gu': '/rankings?period=week&scope=gu',
  'GET /rankings of the nation': '/rankings?period=week&scope=nation',
  'GET /places/nearby': '/places/nearby?lat=37.55&lng=126.95&radiusM=500',
  'GET /users/me': '/users/me',
};

const person = (i: string) => `('00000001-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;
/** $1 users, $2 now: what the generated people lack, so that no table behind a hot read is small. */
const ties = [
  `insert into sessions (id, user_id, created_at, last_used_at, expires_at)
   select gen_random_uuid(), id, $2::timestamptz, $2::timestamptz, $2::timestamptz + interval '7 days'
   from users cross join generate_series(1, 3) where $1::int > 0`,
  `insert into identities (id, user_id, provider, provider_user_id, linked_at)
   select gen_random_uuid(), id, 'kakao', id::text, $2::timestamptz from users where $1::int > 0`,
  `insert into pets (id, user_id, name, breed, temperament, created_at)
   select gen_random_uuid(), id, '보리', '푸들', '{}', $2::timestamptz from users where $1::int > 0`,
  `insert into walk_pets (walk_id, pet_id)
   select walks.id, pets.id from walks join pets using (user_id) where $1::int > 0 and $2::timestamptz is not null`,
  `insert into follows (follower_id, followee_id, created_at)
   select ${person('i % $1::int')}, ${person('(i + 1 + i / $1::int) % $1::int')}, $2::timestamptz
   from generate_series(0, 10 * $1::int - 1) i`,
  `insert into blocks (blocker_id, blocked_id, created_at)
   select ${person('i % $1::int')}, ${person('(i + 100 + i / $1::int) % $1::int')}, $2::timestamptz
   from generate_series(0, 2 * $1::int - 1) i`,
  `insert into walk_likes (walk_id, user_id, created_at)
   select id, ${person('abs(hashtext(id::text)) % $1::int')}, $2::timestamptz from walks`,
  `insert into walk_comments (id, walk_id, user_id, body, created_at)
   select gen_random_uuid(), walk_id, user_id, '귀여워요', created_at from walk_likes where $1::int > 0 and $2::timestamptz is not null`,
].map((sql, i) => statement(`hot_reads_ties_${i}`, sql));
const analyze = statement('hot_reads_analyze', 'analyze');
const someViewer = statement<{ id: string; sessionId: string }>(
  'hot_reads_viewer',
  `select u.id, s.id as "sessionId" from users u join sessions s on s.user_id = u.id
   where u.region_code is not null and suspended_at is null and deletion_requested_at is null and ranking_opted_out_at is null
     and u.region_code = (select region_code from users where region_code is not null group by 1 order by count(*) desc limit 1)
   order by u.id offset 50 limit 1`,
);

let test: TestApp;
let viewer: Person;
beforeAll(async () => {
  test = await startTestApp();
  const now = test.clock.now();
  await generate(test.db, SIZE, now);
  await test.db.transaction(
    async (tx) => {
      for (const query of ties) await tx.rows(query, [SIZE.users, now.toISOString()]);
      await fillPlaces(tx, 5_000);
      await refreshBoards(tx, 'week', { now, appliedUntil: null });
      const users = await tx.prisma.user.findMany({ select: { id: true } });
      await tx.prisma.consent.createMany({ data: users.flatMap(({ id }) => consentRows(id, now)) });
      await tx.rows(analyze, []);
    },
    { timeoutMs: BEFORE_ALL_MS },
  );
  viewer = personAt(test, (await test.db.rows(someViewer, []))[0]!);
}, BEFORE_ALL_MS);
afterAll(() => test.close());

/** As many as there are periods, and dongs in Korea: no number of people makes them more. */
const STAYS_SMALL = /^Seq Scan (ranking_snapshots|regions)\b/;
const isViewer = ({ text }: Sent) => text.includes('from sessions s join users u');

async function sentFor(path: string): Promise<Sent[]> {
  return statementsOf(async () => {
    const { status, body } = await viewer.send('GET', path);
    expect([status, body.items?.length]).toEqual([
      200,
      path === '/users/me' ? undefined : expect.any(Number),
    ]);
    if (body.items) expect(body.items.length).toBeGreaterThan(0);
  });
}

it.each(Object.entries(HOT))('one statement per hot read: %s', async (_name, path) => {
  await viewer.send('GET', path);
  const sent = await sentFor(path);
  expect(sent.filter(isViewer)).toHaveLength(1);
  expect(sent.filter((one) => !isViewer(one)).map(({ text }) => text)).toHaveLength(1);
});

it.each(Object.entries(HOT))('no sequential scan on a table that grows: %s', async (name, path) => {
  for (const { text, values } of await sentFor(path)) {
    for (const { scans } of await plansOfStatement(
      test.db,
      { name: `${name} ${randomUUID()}`, text },
      values,
    )) {
      expect(scans.length).toBeGreaterThan(0);
      expect({
        text,
        scans: scans.filter((scan) => scan.startsWith('Seq Scan') && !STAYS_SMALL.test(scan)),
      }).toEqual({
        text,
        scans: [],
      });
    }
  }
});

const generalPlans = statement<{ count: number }>(
  'hot_reads_general_plans',
  'select generic_plans::int as count from pg_prepared_statements where name = $1::text',
);

// After five runs the planner compares what it planned for their values with a general plan, and keeps that, or plans
// at each call from then on.
it.each(Object.entries(HOT))('planned once a connection: %s', async (_name, path) => {
  for (const { text, values } of await sentFor(path))
    await test.db.transaction(async (tx) => {
      const query = statement(`spec_${randomUUID()}`, text);
      for (let i = 0; i < 7; i++) await tx.rows(query, values);
      expect([text, ...(await tx.rows(generalPlans, [query.name]))]).toEqual([text, { count: 2 }]);
    });
});
