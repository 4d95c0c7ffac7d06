/** Leaving, coming back, taking one's data along, and what is left afterwards. */
import { get as httpGet, type IncomingMessage } from 'node:http';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as passed } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import { v7 as uuidv7 } from 'uuid';
import { ageOut, eraseLeavers } from '../../src/modules/accounts/index.js';
import { EXPORTED, NOT_EXPORTED } from '../../src/modules/accounts/export/tables.js';
import { Exports } from '../../src/modules/accounts/export/exports.service.js';
import { Erasures } from '../../src/modules/accounts/erasures.service.js';
import { Leavings } from '../../src/modules/accounts/leaving.service.js';
import { RETENTION } from '../../src/modules/accounts/retention.js';
import { purgeIdempotencyKeys } from '../../src/platform/http/idempotency.js';
import { statement } from '../../src/platform/database/database.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { lockUser } from '../../src/modules/users/index.js';
import { CONSENT_TEXT_VERSION } from '../../src/modules/payments/plans.js';
import { paid, renewal } from '../builders/facts.js';
import { Subscriptions } from '../../src/modules/entitlement/index.js';
import { type LoginProviders, startLoginProviders } from '../simulators/login-providers.js';
import { startToss, type TossSimulator } from '../simulators/toss.js';
import { expectProblem, type Person, send, signIn } from '../support/api.js';
import { restBreakers } from '../support/breakers.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { SERVER_URL } from '../support/lane.js';
import { invitationRoom, LivePhone, tokenOf } from '../support/sockets.js';
import { bringOwner, fillBoards, worldWithoutOwner } from '../support/surface-world.js';
import { TestClock } from '../support/test-clock.js';
import { cacheKeysNaming, columnsNaming, filesNaming } from '../support/traces.js';

const DAY_MS = 86_400_000;
const clock = new TestClock();
let test: TestApp;
let providers: LoginProviders;
let toss: TossSimulator;

beforeAll(async () => {
  const now = () => clock.nowMs();
  [providers, toss] = await Promise.all([startLoginProviders({ now }), startToss({ now })]);
  const env = { ...providers.env, ...toss.env, OUTBOUND_TIMEOUT_SECONDS: '2' };
  test = await startTestApp({ clock, env });
});
afterAll(async () => {
  await test.close();
  await Promise.all([providers.close(), toss.close()]);
});

const confirmed = { confirm: true };
const leave = (person: Person) => person.send('DELETE', '/users/me', confirmed);
const restore = (person: Person) => person.send('POST', '/users/me/restore');
const days = (n: number) => clock.advance({ seconds: n * 86_400 });

const makeDue = statement<{ id: string }>(
  'accounts_spec_due',
  `update pgboss.job set start_after = now() where state = 'retry' returning id`,
);

const waitingForLocks = statement<{ pid: number }>(
  'accounts_spec_waiting',
  `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
);

/** The nightly slot, and what follows from it. @returns the failure of a job, if any */
async function night(job: typeof eraseLeavers = eraseLeavers): Promise<Error | null> {
  await test.db.rows(makeDue, []);
  await test.db.transaction((tx) => test.queue.enqueue(tx, job, { slotAt: clock.now().toISOString() }));
  return test.queue.drain().then(
    () => null,
    (error: Error) => error,
  );
}

const isThere = async ({ id }: Person) => (await test.db.prisma.user.count({ where: { id } })) === 1;

let lastKakaoId = 7_100_000_000;
/** Somebody who logs in with Kakao. */
async function byKakao(nickname?: string) {
  const person = await signIn(test, { nickname });
  const { id: kakaoId } = providers.kakao.addUser({ id: String(++lastKakaoId) });
  const link = { accessToken: providers.kakao.accessToken(kakaoId) };
  expect((await person.send('POST', '/auth/link/kakao', link)).status).toBe(200);
  const logIn = () =>
    send(test, 'POST', '/auth/kakao', { accessToken: providers.kakao.accessToken(kakaoId) });
  return { person, kakaoId, logIn };
}

async function linkNaverAndApple(person: Person) {
  const nonce = async () => (await send(test, 'POST', '/auth/nonce')).body.nonce as string;
  const naverId = `naver-${uuidv7()}`;
  providers.naver.addUser({ id: naverId });
  const state = await nonce();
  const naver = { code: providers.naver.code(naverId, { state }), state };
  expect((await person.send('POST', '/auth/link/naver', naver)).status).toBe(200);
  const { sub } = providers.apple.addUser({ sub: `001122.${uuidv7()}.0900` });
  const appleNonce = await nonce();
  const apple = {
    identityToken: providers.apple.idToken(sub, { nonce: appleNonce }),
    authorizationCode: providers.apple.code(sub, { clientId: providers.apple.clientIds[0]! }),
    nonce: appleNonce,
  };
  expect((await person.send('POST', '/auth/link/apple', apple)).status).toBe(200);
  return { naverId, sub };
}

async function subscribeToToss(person: Person): Promise<string> {
  const { billingId } = await test.db.prisma.user.findUniqueOrThrow({ where: { id: person.id } });
  const answer = await person.send('POST', '/payments/billing-key', {
    authKey: toss.authorizeBilling(billingId),
    customerKey: billingId,
    plan: 'monthly',
    consent: { priceKrw: 4_900, textVersion: CONSENT_TEXT_VERSION },
  });
  expect(answer.status).toBe(200);
  return billingId;
}

/** One that Apple renews. */
const renewingAtApple = (person: Person) =>
  test.db.transaction((tx) =>
    test.app
      .get(Subscriptions)
      .learn(tx, { store: 'apple', storeKey: person.id, environment: 'production', userId: person.id }, [
        paid('1', { startsAtMs: clock.nowMs(), endsAtMs: clock.nowMs() + 300 * DAY_MS }),
        renewal({ asOf: clock.nowMs() }),
      ]),
  );

describe('leaving', () => {
  it('A06 wants a yes, hides at once, ends the other sessions and tells until when', async () => {
    const [bori, friend] = [await signIn(test), await signIn(test)];
    expectProblem(await bori.send('DELETE', '/users/me', {}), 422, 'validation-failed');
    const invitation = await friend.send('POST', '/invitations', { userId: bori.id });
    await bori.send('POST', '/push-tokens', { token: `phone-${bori.id}`, platform: 'ios' });
    const elsewhere = uuidv7();
    const times = {
      createdAt: clock.now(),
      lastUsedAt: clock.now(),
      expiresAt: new Date(clock.nowMs() + DAY_MS),
    };
    await test.db.prisma.session.create({ data: { id: elsewhere, userId: bori.id, ...times } });
    const meetup = await bori.send('POST', '/meetups', {
      ...{ title: '모임', placeName: '정문', lat: 37.5, lng: 127, capacity: 3 },
      startsAt: new Date(clock.nowMs() + DAY_MS).toISOString(),
    });
    const left = await leave(bori);
    expect(left.body).toEqual({
      deletionScheduledAt: new Date(clock.nowMs() + 30 * DAY_MS).toISOString(),
      storeSubscriptions: [],
    });
    expectProblem(await friend.send('GET', `/users/${bori.id}`), 404, 'user-not-found');
    expect((await friend.send('GET', '/invitations')).body.items).toEqual([]);
    expectProblem(await friend.send('GET', `/meetups/${meetup.body.id}`), 404, 'meetup-not-found');
    const { prisma } = test.db;
    expect(await prisma.invitation.findUnique({ where: { id: invitation.body.id } })).toMatchObject({
      state: 'cancelled',
    });
    expect(await prisma.pushToken.count({ where: { userId: bori.id } })).toBe(0);
    expect(await prisma.session.findUnique({ where: { id: elsewhere } })).toMatchObject({
      revokedReason: 'leaving',
    });
    clock.advance({ seconds: 60 });
    expect((await leave(bori)).body).toEqual(left.body);
    expect((await bori.send('GET', '/users/me')).body).toMatchObject({
      deletionScheduledAt: left.body.deletionScheduledAt,
    });
  });

  it('A06 live rooms end within a second, and no socket opens', async () => {
    const [bori, friend] = [await signIn(test), await signIn(test)];
    const roomId = await invitationRoom(test, [bori, friend]);
    const phones = [
      await LivePhone.connect(test.url, tokenOf(test, bori)),
      await LivePhone.connect(test.url, tokenOf(test, friend)),
    ] as const;
    for (const phone of phones) await phone.join(roomId);
    await leave(bori);
    await phones[1].untilMember(bori.id, 'left');
    await phones[0].untilClosed('session-ended');
    await expect(LivePhone.connect(test.url, tokenOf(test, bori))).rejects.toMatchObject({
      message: 'account-leaving',
    });
    phones[1].socket.close();
  });

  it('S12 names the subscriptions that only the store can end', async () => {
    const bori = await signIn(test);
    await renewingAtApple(bori);
    expect((await leave(bori)).body.storeSubscriptions).toEqual([
      { store: 'apple', accessUntil: expect.any(String), manageUrl: expect.stringContaining('https://') },
    ]);
  });

  it('A05 on day 29 a login offers to restore, and everything is back', async () => {
    const { person, logIn } = await byKakao();
    const walk = await given.walk(person, { km: 0.6, visibility: 'public' });
    const friend = await signIn(test);
    await leave(person);
    days(29);
    expect(await night()).toBeNull();
    const { body: login } = await logIn();
    expect(login).toMatchObject({ isNewUser: false, user: { id: person.id } });
    expect(Date.parse(login.deletionScheduledAt)).toBe(clock.nowMs() + DAY_MS);
    expect((await restore(person)).status).toBe(204);
    expect((await restore(person)).status).toBe(204);
    expect((await person.send('GET', `/walks/${walk.id}`)).status).toBe(200);
    expect((await friend.send('GET', `/walks/${walk.id}`)).status).toBe(200);
    expect((await logIn()).body.deletionScheduledAt).toBeNull();
    days(2);
    expect(await night()).toBeNull();
    expect(await isThere(person)).toBe(true);
  });

  it('A05 to the millisecond: not restored and erased at 30 days, restored before; one of the two wins', async () => {
    const { person, logIn } = await byKakao();
    await leave(person);
    clock.set(clock.nowMs() + 30 * DAY_MS - 1);
    await night();
    expect((await restore(person)).status).toBe(204);
    await leave(person);
    clock.set(clock.nowMs() + 30 * DAY_MS);
    expectProblem(await restore(person), 409, 'account-being-erased');
    await night();
    expect(await isThere(person)).toBe(false);
    expect((await logIn()).body).toMatchObject({ isNewUser: true, deletionScheduledAt: null });
    expect(providers.kakao.unlinkedUsers.length).toBeGreaterThan(0);
  });

  it('A05 restored and purged at once, by a process whose clock is ahead: one wins, whole', async () => {
    const erasures = test.app.get(Erasures);
    const rounds = SERVER_URL ? 20 : 4;
    for (let round = 0; round < rounds; round++) {
      const person = await signIn(test);
      const walk = await given.walk(person, { km: 0.3 });
      await test.queue.drain();
      await leave(person);
      clock.set(clock.nowMs() + 30 * DAY_MS - 1);
      const aheadClock = new TestClock(clock.nowMs() + 1);
      const ahead = Object.assign(Object.create(erasures) as object, {
        clock: aheadClock,
      }) as unknown as Erasures;
      const begin = [() => restore(person), () => ahead.beginDue()];
      if (round % 2) begin.reverse();
      const answers = await Promise.all(begin.map((one) => one()));
      const { status } = answers.find((answer) => answer) as { status: number };
      await test.queue.drain();
      const left = {
        status,
        users: await test.db.prisma.user.count({ where: { id: person.id, deletionRequestedAt: null } }),
        walks: await test.db.prisma.walk.count({ where: { id: walk.id } }),
      };
      const whole = status === 204 ? 1 : 0;
      expect(left).toEqual({ status: whole ? 204 : 409, users: whole, walks: whole });
      if (whole) expect((await person.send('GET', `/walks/${walk.id}`)).status).toBe(200);
    }
  }, 120_000);

  it('A04 a login that is being linked while the last one goes keeps the account', async () => {
    const person = await signIn(test);
    const [held, seen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const linking = test.db.transaction(async (tx) => {
      await lockUser(tx, person.id);
      held.resolve();
      await seen.promise;
      const providerUserId = uuidv7();
      const ids = { id: uuidv7(), userId: person.id, providerUserId };
      await tx.prisma.identity.create({ data: { ...ids, provider: 'naver', linkedAt: clock.now() } });
    });
    await held.promise;
    const leaving = test.app.get(Leavings).leaveFor(person.id);
    // The embedded database has one connection: there it waits anyway.
    while (SERVER_URL && (await test.db.rows(waitingForLocks, [])).length === 0) await passed(5);
    seen.resolve();
    await Promise.all([linking, leaving]);
    expect((await person.send('GET', '/users/me')).body).toMatchObject({ deletionScheduledAt: null });
  });

  it('A04 an Apple account that was deleted takes the account along, if it was the only login', async () => {
    const [only, both] = [await signIn(test), (await byKakao()).person];
    const [one, other] = [await linkNaverAndApple(only), await linkNaverAndApple(both)];
    await test.db.prisma.identity.deleteMany({ where: { userId: only.id, provider: 'naver' } });
    clock.advance({ seconds: 5 });
    for (const { sub } of [one, other, one]) {
      const notice = providers.apple.notification(sub, 'account-delete');
      expect((await send(test, 'POST', '/auth/callbacks/apple', notice)).status).toBe(200);
    }
    await test.queue.drain();
    const rows = await test.db.prisma.user.findMany({ where: { id: { in: [only.id, both.id] } } });
    const requested = Object.fromEntries(
      rows.map(({ id, deletionRequestedAt }) => [id, deletionRequestedAt]),
    );
    expect(requested[only.id]).toEqual(clock.now());
    expect(requested[both.id]).toBeNull();
  });
});

describe('L6 the consent to the use of location', () => {
  it('taken back: recording ends, what was collected goes, figures stay', async () => {
    const bori = await signIn(test);
    const walk = await given.walk(bori, { km: 0.8 });
    await test.queue.drain();
    const pet = await given.pet(bori, { name: '초코' });
    const recording = await bori.send('POST', '/walks', { petIds: [pet.id] });
    const consent = { kind: 'location', version: '2026-11-01', granted: false };
    await bori.send('POST', '/users/me/consents', consent);
    await test.queue.drain();
    const { prisma } = test.db;
    const ofWalks = { where: { walk: { userId: bori.id } } };
    expect(await prisma.walkChunk.count(ofWalks)).toBe(0);
    expect(await prisma.walkTrack.count(ofWalks)).toBe(0);
    expect(await prisma.walkPlaces.count({ where: { userId: bori.id } })).toBe(0);
    expect(await prisma.locationUse.count({ where: { userId: bori.id } })).toBeGreaterThan(0);
    expect((await bori.send('GET', `/walks/${walk.id}`)).body).toMatchObject({ distanceM: walk.distanceM });
    expectProblem(await bori.send('POST', '/walks', { petIds: [pet.id] }), 403, 'location-consent-needed');
    expect((await bori.send('GET', `/walks/${recording.body.id}`)).status).toBe(404);
  });
});

const exported = async (person: Person) => {
  const { token } = test.app.get(AccessTokens).issue(person.id, person.sessionId);
  const response = await fetch(`${test.url}/users/me/export`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.headers.get('content-type')).toBe('application/zip');
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]),
  );
};
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows of any table
    .map((line): any => JSON.parse(line));

const userColumns = statement<{ table: string }>(
  'accounts_spec_tables',
  `with recursive refers as (
     select conrelid::regclass::text as "table", conrelid as oid from pg_constraint
     where contype = 'f' and confrelid = 'users'::regclass
     union
     select c.conrelid::regclass::text, c.conrelid from pg_constraint c join refers r on c.confrelid = r.oid
     where c.contype = 'f'
   )
   select "table" from refers
   union
   select table_name::text from information_schema.columns
   where table_schema = 'public' and data_type = 'uuid'
     and column_name ~ '^(user|actor|owner|host|inviter|invitee|reporter|target_user|provided_to|walk|pet)(_id)?$'`,
);

const columnsOf = statement<{ table: string; column: string; type: string }>(
  'accounts_spec_columns',
  `select table_name::text as "table", column_name::text as "column", data_type::text as type
   from information_schema.columns where table_schema = 'public'`,
);

describe('the export', () => {
  /** Reached from users by foreign keys, and yet about nobody. */
  const ABOUT_NOBODY = ['users', 'rooms', 'ranking_boards'];

  it('names every table that says something of a user, or why not; and no secret', async () => {
    const tables = new Set((await test.db.rows(userColumns, [])).map(({ table }) => table));
    const named = new Set([
      ...EXPORTED.map(({ table }) => table),
      ...Object.keys(NOT_EXPORTED),
      ...ABOUT_NOBODY,
    ]);
    expect([...tables].filter((table) => !named.has(table))).toEqual([]);
    const columns = await test.db.rows(columnsOf, []);
    const secret = columns.filter(
      ({ table, column, type }) =>
        (type === 'bytea' || /sealed|hash|seed|storage_key|^token$|payment_key/.test(column)) &&
        EXPORTED.some((one) => one.table === table && !one.omit?.includes(column)),
    );
    expect(secret).toEqual([]);
    for (const { table, omit = [] } of EXPORTED)
      for (const column of omit) expect(columns).toContainEqual(expect.objectContaining({ table, column }));
  });

  it('holds all of somebody’s own, and nothing of whom they do not see', async () => {
    const world = await bringOwner(test, await worldWithoutOwner(test));
    const { owner: bori, blocked } = world.people;
    const walk = await given.walk(bori, { km: 0.8, startMs: clock.nowMs() - 20 * 3_600_000 });
    const files = await exported(bori);
    expect(linesOf(files['users.jsonl']!)).toMatchObject([{ id: bori.id, nickname: world.nickname }]);
    expect(linesOf(files['walks.jsonl']!).length).toBe(
      await test.db.prisma.walk.count({ where: { userId: bori.id } }),
    );
    expect(linesOf(files['pets.jsonl']!).length).toBe(
      await test.db.prisma.pet.count({ where: { userId: bori.id } }),
    );
    expect(linesOf(files['health_records.jsonl']!).map(({ id }) => id)).toEqual([world.owner.record]);
    expect(files[`walks/${walk.id}.gpx`]).toContain('<trkpt');
    expect(files['README.txt']).toContain('멍이랑');
    const [photo] = linesOf(files['photos.jsonl']!);
    expect(photo).toMatchObject({ id: world.owner.photo, url320: expect.stringContaining('/files/') });
    expect((await fetch(test.url + new URL(photo.url320, test.url).pathname)).status).toBe(200);
    expect(linesOf(files['walk_comments.jsonl']!).map(({ body }) => body)).toContain('주인공이 남긴 댓글');
    await bori.send('POST', `/blocks/${blocked.id}`);
    await test.queue.drain();
    const theirs = await exported(blocked);
    expect(Object.values(theirs).filter((text) => text.includes(bori.id))).toEqual([]);
    // Also of somebody who is leaving.
    await leave(bori);
    expect(Object.keys(await exported(bori))).toEqual(Object.keys(files));
  });

  it('waits for a slow reader, stops for one who left, and runs once a person', async () => {
    const bori = await signIn(test);
    const walk = await given.walk(bori, { km: 0.6 });
    const chunks = SERVER_URL ? 120 : 60;
    await test.db.rows(
      statement(
        'accounts_spec_big_chunks',
        `insert into walk_chunks (walk_id, content_hash, point_count, points, pauses, received_at)
         select $1::uuid, decode(md5(n::text), 'hex'), 0, to_json($3::text), '[]', now()
         from generate_series(1, $2::int) n returning 1 as one`,
      ),
      [walk.id, chunks, randomBytes(300_000).toString('base64')],
    );
    let pages = 0;
    const { rows } = test.db;
    // It asks the database all the same; this only counts.
    test.db.rows = ((query: { name: string }, values: unknown[]) => {
      if (query.name === 'accounts_export_walk_chunks') pages++;
      return rows.call(test.db, query as never, values);
    }) as never;
    const exports = test.app.get(Exports);
    const { idleMs } = exports;
    const headers = {
      authorization: `Bearer ${test.app.get(AccessTokens).issue(bori.id, bori.sessionId).token}`,
    };
    const begin = async () => {
      const request = httpGet(`${test.url}/users/me/export`, { headers });
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      return { request, answer };
    };
    const standsStill = async () => {
      for (let still = 0, before = -1; still < 20; await passed(25)) {
        still = pages === before ? still + 1 : 0;
        before = pages;
      }
      return pages;
    };
    try {
      const slow = await begin(); // and reads nothing
      expect(await standsStill()).toBeLessThan(chunks / 5);
      expectProblem(await bori.send('GET', '/users/me/export'), 409, 'export-running');
      slow.answer.resume();
      await once(slow.answer, 'end');
      expect(pages).toBeGreaterThan(chunks / 5);
      while (exports.count > 0) await passed(5);
      pages = 0;
      const gone = await begin();
      gone.request.destroy();
      while (exports.count > 0) await passed(5);
      expect(pages).toBeLessThan(chunks / 5);
      // One that stops reading does not keep its turn.
      exports.idleMs = 200;
      pages = 0;
      const idle = await begin();
      const cut = once(idle.answer, 'end').catch((error: Error) => error.message);
      while (exports.count > 0) await passed(5);
      expect(pages).toBeLessThan(chunks / 5);
      idle.answer.resume();
      expect(await cut).toBe('aborted');
    } finally {
      exports.idleMs = idleMs;
      test.db.rows = rows;
    }
    // What comes after looks through all tables.
    await test.db.prisma.walkChunk.deleteMany({ where: { walkId: walk.id } });
  }, 120_000);
});

const manyNotes = statement<never>(
  'accounts_spec_many_notes',
  `insert into notifications (id, user_id, type, title, body, dedupe_key, push_state, created_at, read_at)
   select lpad(to_hex(n), 32, '0')::uuid, $1::uuid, 'social', '', '', 'many ' || n, 'none', now(), now()
   from generate_series(1, 5001) n`,
);
const manyUses = statement<never>(
  'accounts_spec_many_uses',
  `insert into location_uses (id, user_id, purpose, at)
   select gen_random_uuid(), gen_random_uuid(), 'walk_recording', '2026-01-01' from generate_series(1, 5001)`,
);

const IDENTIFYING = new Set(RETENTION.flatMap(({ columns }) => columns));

describe('the erasure', () => {
  it('A05 L5 leaves only what the retention table names, in tables, files and caches, and tells the providers', async () => {
    const world = await bringOwner(test, await worldWithoutOwner(test));
    const { owner: bori, follower } = world.people;
    await fillBoards(test, world, true);
    const kakao = providers.kakao.addUser({ id: String(++lastKakaoId) });
    const link = { accessToken: providers.kakao.accessToken(kakao.id) };
    expect((await bori.send('POST', '/auth/link/kakao', link)).status).toBe(200);
    const { naverId, sub } = await linkNaverAndApple(bori);
    const billingId = await subscribeToToss(bori);
    await given.premium(bori, { store: 'google' });
    // As Google's is: a hash.
    await test.db.prisma.subscription.updateMany({
      where: { storeKey: bori.id },
      data: { storeKey: uuidv7() },
    });
    const walk = await given.walk(bori, {
      km: 0.8,
      visibility: 'public',
      startMs: clock.nowMs() - 20 * 3_600_000,
    });
    await test.queue.drain();
    expect((await bori.send('GET', `/walks/${walk.id}/share-card`)).status).toBe(200);
    await bori.send('POST', `/walks/${walk.id}/shares`, {}, { 'idempotency-key': 'share' });
    for (const kind of ['terms', 'marketing'])
      await bori.send('POST', '/users/me/consents', { kind, version: '2026-11-01', granted: true });
    await bori.send('GET', '/walks/' + world.friendsWalk + '/route');
    const friend = world.friend;
    await bori.send('POST', `/likes/${world.friendsWalk}`);
    await friend.send('POST', `/likes/${walk.id}`);
    await friend.send('POST', '/comments', { walkId: walk.id, body: '멋져요' });
    await friend.send('GET', `/users/${bori.id}`);
    await friend.send('POST', '/reports', { targetKind: 'user', targetId: bori.id, reason: 'spam' });
    await bori.send('POST', '/reports', { targetKind: 'user', targetId: friend.id, reason: 'spam' });
    await test.db.prisma.dailyQuota.create({
      data: { day: clock.now(), name: `kakao-search:${bori.id}`, used: 1 },
    });
    const note = await test.db.prisma.notification.findFirstOrThrow({
      where: { userId: follower.id, actorId: bori.id },
    });
    const deliveryId = uuidv7();
    await test.db.prisma.pushDelivery.create({
      data: {
        ...{ id: deliveryId, userId: follower.id, day: clock.now(), ordinal: 1, title: world.nickname },
        ...{ body: world.nickname, data: { userId: bori.id }, remaining: [], createdAt: clock.now() },
      },
    });
    await test.db.prisma.notification.update({ where: { id: note.id }, data: { deliveryId } });
    await test.queue.drain();
    // More than are looked through, or deleted, at a time.
    await test.db.rows(manyNotes, [friend.id]);
    await test.db.rows(manyUses, []);
    const words = [
      ...[bori.id, world.nickname, billingId, kakao.id, naverId, sub, walk.id, world.owner.shareToken],
      ...[world.owner.pet, world.owner.pushToken, world.owner.photo, '주인공이 남긴 댓글', '가을이주인공'],
      ...Object.values(world.owner.walks),
    ];
    expect((await columnsNaming(test, words)).length).toBeGreaterThan(30);
    expect((await filesNaming(test, words)).length).toBeGreaterThan(1);
    const usesBefore = await test.db.prisma.locationUse.count({ where: { userId: bori.id } });

    await leave(bori);
    days(30);
    const refused = test.log.errors.length;
    expect(await night()).toBeNull();
    expect(test.log.errors.slice(refused)).toEqual([]);
    expect(await test.queue.drain()).toBe(0);

    const left = await columnsNaming(test, words);
    expect(left.filter((column) => !IDENTIFYING.has(column))).toEqual([]);
    expect(left).toEqual(
      expect.arrayContaining(['consents.user_id', 'location_uses.user_id', 'reports.reporter_id']),
    );
    expect(await filesNaming(test, words)).toEqual([]);
    expect(await cacheKeysNaming(words)).toEqual([]);
    expect(await test.db.prisma.locationUse.count({ where: { userId: bori.id } })).toBe(usesBefore);
    expect(providers.kakao.unlinkedUsers).toContain(kakao.id);
    expect(providers.naver.revokedTokens).toHaveLength(1);
    expect(providers.apple.revokedTokens).toHaveLength(1);
    expect(toss.billingKeys(billingId)).toEqual([]);
    expect(await test.db.prisma.fileDeletion.count()).toBe(0);
    const marketing = await test.db.prisma.consent.findMany({
      where: { userId: bori.id },
      orderBy: { at: 'asc' },
    });
    expect(marketing.map(({ kind, granted }) => [kind, granted])).toEqual([
      ['marketing', true],
      ['marketing', false],
    ]);
    const [done] = await test.db.prisma.erasure.findMany({ orderBy: { begunAt: 'desc' }, take: 1 });
    expect(done).toMatchObject({ userId: null, leftUndone: [], finishedAt: expect.any(Date) });
    // What others read goes on, and a place on an old board stays, without a name.
    expect((await friend.send('GET', '/rankings')).status).toBe(200);
    expect((await friend.send('GET', '/hall-of-fame')).status).toBe(200);
    expect(await test.db.prisma.subscription.count({ where: { userId: null, store: 'google' } })).toBe(1);
    // Doing it again does nothing.
    expect(await night()).toBeNull();

    // And when the terms are over, nothing is left at all.
    await test.db.prisma.report.updateMany({ data: { state: 'dismissed', settledAt: clock.now() } });
    days(190);
    expect(await night(ageOut)).toBeNull();
    expect(await columnsNaming(test, [bori.id])).toEqual([
      'reports.reporter_id',
      'reports.target_id',
      'reports.target_user_id',
    ]);
    days(6 * 365);
    expect(await night(ageOut)).toBeNull();
    expect(await columnsNaming(test, words)).toEqual([]);
    expect(await test.db.prisma.locationUse.count({ where: { at: { lt: clock.now() } } })).toBe(0);
    expect(await test.db.prisma.ledgerEntry.count({ where: { subscription: { userId: null } } })).toBe(0);
    await expect(test.db.prisma.ledgerEntry.deleteMany()).rejects.toThrow();
    await expect(test.db.prisma.auditEntry.deleteMany()).rejects.toThrow();
    await night(purgeIdempotencyKeys);
  }, 120_000);

  it('A05 a provider that is down is waited for three days, and told later when it can be', async () => {
    const [{ person, kakaoId }, back] = [await byKakao(), await byKakao()];
    const never = await signIn(test);
    await linkNaverAndApple(never);
    const revokedBefore = providers.naver.revokedTokens.length;
    await leave(back.person);
    await leave(never);
    const walk = await given.walk(person, { km: 0.6 });
    await leave(person);
    days(30);
    providers.kakao.fault({ path: '/v1/user/unlink' }, { status: 503 });
    providers.naver.fault({ path: '/oauth2.0/revoke' }, { status: 503 });
    expect(await night()).not.toBeNull();
    expect(await isThere(person)).toBe(true);
    expect(await test.db.prisma.walk.count({ where: { id: walk.id } })).toBe(1);
    days(1);
    await night();
    expect(await isThere(person)).toBe(true);
    days(2);
    await night();
    expect(await isThere(person)).toBe(false);
    expect(providers.kakao.unlinkedUsers).not.toContain(kakaoId);
    const alarms = (leftUndone: string[]) =>
      test.log.errors.filter(
        ({ alarm, leftUndone: left }) =>
          alarm === 'erasure-left-undone' && String(left) === leftUndone.join(),
      ).length;
    expect([alarms(['unlink-kakao']), alarms(['unlink-naver'])]).toEqual([2, 1]);
    const owing = () => test.db.prisma.erasure.count({ where: { owedSealed: { not: null } } });
    expect(await owing()).toBe(3);
    expect(await columnsNaming(test, [kakaoId])).toEqual([]);
    restBreakers(test);
    expect((await back.logIn()).body).toMatchObject({ isNewUser: true });
    days(1);
    expect(await night()).toBeNull();
    expect(await owing()).toBe(2);
    providers.kakao.clearFaults();
    restBreakers(test);
    days(1);
    expect(await night()).toBeNull();
    expect(providers.kakao.unlinkedUsers).toContain(kakaoId);
    expect(providers.kakao.unlinkedUsers).not.toContain(back.kakaoId);
    expect(await test.db.prisma.erasure.count({ where: { leftUndone: { has: 'unlink-kakao' } } })).toBe(0);
    // And what stays away is given up.
    expect(await owing()).toBe(1);
    days(28);
    expect(await night()).toBeNull();
    expect([await owing(), alarms(['unlink-naver'])]).toEqual([0, 2]);
    expect(await test.db.prisma.erasure.count({ where: { leftUndone: { has: 'unlink-naver' } } })).toBe(1);
    expect(providers.naver.revokedTokens).toHaveLength(revokedBefore);
    providers.naver.clearFaults();
    restBreakers(test);
  });
});
