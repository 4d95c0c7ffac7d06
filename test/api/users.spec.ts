import { v7 as uuidv7 } from 'uuid';
import { privacyOf, recordLocationUse } from '../../src/modules/users/index.js';
import { expectProblem, send as sendAnonymously, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { expectFault, expectPages, get, patch, post, remove, send } from '../support/rest.js';

const DAY_MS = 86_400_000;
const MISSING_ID = '01890000-0000-7000-8000-000000000000';
const ZONE = { name: '우리 집', lat: 37.5012, lng: 127.0396, radiusM: 300 };
const ALL_ON = {
  walk_reminder: true,
  badge_earned: true,
  ranking_change: true,
  social: true,
  companion: true,
  season_deadline: true,
  subscription: true,
};
const CONSENT = { kind: 'location', version: '2026-11-01', granted: true };

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const someone = (nickname = '초코아빠') => signIn(test, { nickname, hasAgreed: false });

const userRow = (id: string) => test.db.prisma.user.findUniqueOrThrow({ where: { id } });
const revisionOf = async (id: string) => (await userRow(id)).privacyRevision;

const everything = async (id: string) => ({
  ...(await test.db.prisma.user.findUniqueOrThrow({
    where: { id },
    include: { privacyZones: true, pets: true },
  })),
  consents: await test.db.prisma.consent.findMany({ where: { userId: id } }),
});

async function link(userId: string, provider: 'kakao' | 'naver', unlinkedAt: Date | null): Promise<void> {
  const id = uuidv7();
  await test.db.prisma.identity.create({
    data: { id, userId, provider, providerUserId: id, linkedAt: test.clock.now(), unlinkedAt },
  });
}

/** Columns and relations that no client may set (RELIABILITY C5). */
const NOT_YOURS = {
  id: MISSING_ID,
  userId: MISSING_ID,
  user_id: MISSING_ID,
  role: 'admin',
  isAdmin: true,
  isPremium: true,
  premiumUntil: '2099-01-01T00:00:00.000Z',
  premium_until: '2099-01-01T00:00:00.000Z',
  regionCode: '1168064000',
  region_code: '1168064000',
  privacySeed: 'AAAA',
  privacyRevision: 0,
  suspendedAt: null,
  rankingOptedOutAt: null,
  mutedNotifications: [],
  deletionRequestedAt: null,
  deletedAt: null,
  createdAt: '2020-01-01T00:00:00.000Z',
  updatedAt: '2020-01-01T00:00:00.000Z',
  identities: [],
  sessions: [],
  consents: { deleteMany: {} },
  privacyZones: { deleteMany: {} },
  pets: { create: { name: 'x' } },
  walks: [],
  locationUses: [],
  provider: 'kakao',
  providers: ['kakao'],
  email: 'a@example.com',
  password: 'x',
  at: '2020-01-01T00:00:00.000Z',
  constructor: {},
};

/** Text that must never be stored (RELIABILITY §4); a JSON string literal each. */
const BAD_TEXT = {
  NUL: '"a\\u0000b"',
  'lone surrogate': '"a\\ud800b"',
  '400 characters': JSON.stringify('가'.repeat(400)),
  'right-to-left override': '"a\\u202eb"',
  'only spaces': '" \\u3000\\u00a0\\t "',
  empty: '""',
  'a number': '7',
  'a list': '["a"]',
  'an object': '{"set":"a"}',
};

/** Numbers that JSON can spell and no column should get. */
const BAD_NUMBERS = {
  'above double': '1e400',
  'below double': '-1e400',
  text: '"37.5"',
  true: 'true',
  null: 'null',
  'a list': '[1]',
};

const jsonWith = (valid: object, field: string, literal: string) =>
  JSON.stringify({ ...valid, [field]: '@' }).replace('"@"', literal);

describe('GET and PATCH /users/me', () => {
  it('answers who I am, with the providers that are linked now', async () => {
    const me = await someone('초코아빠');
    await link(me.id, 'kakao', null);
    await link(me.id, 'naver', test.clock.now());
    const answer = await get('/users/me', me);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: me.id,
      nickname: '초코아빠',
      consentsNeeded: ['terms', 'privacy', 'location'],
      deletionScheduledAt: null,
      bio: null,
      role: 'user',
      regionCode: null,
      profileVisibility: 'public',
      providers: ['kakao'],
      createdAt: expect.any(String),
    });
  });

  it('merges: absent is unchanged, null clears', async () => {
    const me = await someone('초코아빠');
    expect((await patch('/users/me', me, { bio: ' 푸들 두 마리와 살아요 ' })).body).toMatchObject({
      nickname: '초코아빠',
      bio: '푸들 두 마리와 살아요',
    });
    expect((await patch('/users/me', me, {})).body).toMatchObject({
      nickname: '초코아빠',
      bio: '푸들 두 마리와 살아요',
    });
    expect((await patch('/users/me', me, { nickname: '보리누나', bio: null })).body).toMatchObject({
      nickname: '보리누나',
      bio: null,
    });
    expectFault(await patch('/users/me', me, { nickname: null }), 'nickname');
    expect((await get('/users/me', me)).body).toMatchObject({ nickname: '보리누나', bio: null });
  });

  it('composes Hangul that came decomposed', async () => {
    const me = await someone();
    const { body } = await patch('/users/me', me, { nickname: '멍이'.normalize('NFD') });
    expect(body.nickname).toBe('멍이');
  });

  it.each(Object.entries(BAD_TEXT))('refuses %s as nickname and as bio', async (_, literal) => {
    const me = await someone();
    const before = await userRow(me.id);
    for (const field of ['nickname', 'bio']) {
      expectFault(await patch('/users/me', me, jsonWith({}, field, literal)), field);
    }
    expect(await userRow(me.id)).toEqual(before);
  });

  it('wants a token', async () => {
    expect((await sendAnonymously(test, 'GET', '/users/me')).status).toBe(401);
  });
});

describe('mass assignment', () => {
  it.each([
    ['PATCH', '/users/me', { nickname: '새이름' }],
    ['PATCH', '/users/me/settings', { locale: 'en' }],
    ['PUT', '/users/me/region', { code: '1168064000' }],
    ['POST', '/users/me/privacy-zones', ZONE],
    ['POST', '/users/me/consents', CONSENT],
  ] as const)('%s %s takes no key that is not its own, and changes nothing', async (method, path, valid) => {
    const me = await someone();
    const before = await everything(me.id);
    for (const [key, value] of Object.entries(NOT_YOURS)) {
      expectFault(await send(method, path, me, { ...valid, [key]: value }), key);
    }
    expect((await send(method, path, me, `{"__proto__":{"role":"admin"}}`)).status).toBe(400);
    expect(await everything(me.id)).toEqual(before);
  });
});

describe('settings and region', () => {
  it('merges settings', async () => {
    const me = await someone();
    const first = {
      profileVisibility: 'public',
      defaultWalkVisibility: 'followers',
      locale: 'ko',
      showInRankings: true,
      notifications: ALL_ON,
    };
    expect((await get('/users/me/settings', me)).body).toEqual(first);
    const patched = await patch('/users/me/settings', me, { defaultWalkVisibility: 'private' });
    expect(patched.body).toEqual({ ...first, defaultWalkVisibility: 'private' });
    expect((await patch('/users/me/settings', me, {})).body).toEqual(patched.body);
    expect((await get('/users/me/settings', me)).body).toEqual(patched.body);
  });

  it.each([
    ['profileVisibility', 'friends'],
    ['profileVisibility', null],
    ['defaultWalkVisibility', 'Public'],
    ['defaultWalkVisibility', 1],
    ['locale', 'fr'],
    ['locale', null],
    ['locale', ['ko']],
    ['showInRankings', null],
    ['notifications', null],
    ['notifications', []],
  ])('refuses %s = %j', async (field, value) => {
    const me = await someone();
    const before = await userRow(me.id);
    expectFault(await patch('/users/me/settings', me, { [field]: value }), field);
    expect(await userRow(me.id)).toEqual(before);
  });

  it('leaves the boards and comes back; leaving twice keeps the first time', async () => {
    const me = await someone();
    const leave = () => patch('/users/me/settings', me, { showInRankings: false });
    expect((await leave()).body.showInRankings).toBe(false);
    const since = test.clock.now();
    test.clock.advance({ days: 1 });
    await leave();
    expect((await userRow(me.id)).rankingOptedOutAt).toEqual(since);
    await patch('/users/me/settings', me, { locale: 'en' });
    expect((await userRow(me.id)).rankingOptedOutAt).toEqual(since);
    expect((await patch('/users/me/settings', me, { showInRankings: true })).body.showInRankings).toBe(true);
    expect((await userRow(me.id)).rankingOptedOutAt).toBeNull();
  });

  it('merges the switches of notifications, also two at once', async () => {
    const me = await someone();
    const set = (notifications: object) => patch('/users/me/settings', me, { notifications });
    expect((await set({ social: false })).body.notifications).toEqual({ ...ALL_ON, social: false });
    expect((await set({})).body.notifications).toEqual({ ...ALL_ON, social: false });
    await Promise.all([set({ companion: false }), set({ walk_reminder: false }), set({ social: true })]);
    expect((await get('/users/me/settings', me)).body.notifications).toEqual({
      ...ALL_ON,
      companion: false,
      walk_reminder: false,
    });
  });

  it.each([
    [{ social: null }, 'notifications.social'],
    [{ social: 'off' }, 'notifications.social'],
    [{ marketing: true }, 'notifications.marketing'],
  ])('refuses the switches %j', async (notifications, field) => {
    expectFault(await patch('/users/me/settings', await someone(), { notifications }), field);
  });

  it('sets the home region', async () => {
    const me = await someone();
    const answer = await send('PUT', '/users/me/region', me, { code: '1168064000' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: me.id, regionCode: '1168064000' });
    expect((await get('/users/me', me)).body.regionCode).toBe('1168064000');
  });

  it.each([
    '',
    '116806400',
    '11680640000',
    '11680640a0',
    '１１６８０６４０００',
    ' 1168064000',
    '1168064000\n',
    1168064000,
    null,
  ])('refuses the region code %j', async (code) => {
    const me = await someone();
    expectFault(await send('PUT', '/users/me/region', me, { code }), 'code');
    expect((await userRow(me.id)).regionCode).toBeNull();
  });
});

describe('privacy zones', () => {
  it('adds, lists and removes; each change is a new privacy revision', async () => {
    const me = await someone();
    const added = await post('/users/me/privacy-zones', me, ZONE);
    expect(added.status).toBe(201);
    expect(added.body).toEqual({ ...ZONE, id: expect.any(String), createdAt: expect.any(String) });
    expect(await revisionOf(me.id)).toBe(1);
    expect((await get('/users/me/privacy-zones', me)).body).toEqual({
      items: [added.body],
      nextCursor: null,
    });
    expect(await privacyOf(test.db, me.id)).toMatchObject({
      revision: 1,
      zones: [{ lat: ZONE.lat, lng: ZONE.lng, radiusM: ZONE.radiusM }],
    });

    const removed = await remove(`/users/me/privacy-zones/${added.body.id}`, me);
    expect(removed.status).toBe(204);
    expect(await revisionOf(me.id)).toBe(2);
    expect((await get('/users/me/privacy-zones', me)).body.items).toEqual([]);
    expectProblem(
      await remove(`/users/me/privacy-zones/${added.body.id}`, me),
      404,
      'privacy-zone-not-found',
    );
    expect(await revisionOf(me.id)).toBe(2);
  });

  it('is mine alone', async () => {
    const [me, stranger] = [await someone(), await someone()];
    const { body: zone } = await post('/users/me/privacy-zones', me, ZONE);
    expect((await get('/users/me/privacy-zones', stranger)).body.items).toEqual([]);
    expectProblem(
      await remove(`/users/me/privacy-zones/${zone.id}`, stranger),
      404,
      'privacy-zone-not-found',
    );
    expectProblem(
      await remove(`/users/me/privacy-zones/${MISSING_ID}`, stranger),
      404,
      'privacy-zone-not-found',
    );
    expect(await revisionOf(me.id)).toBe(1);
    expect(await revisionOf(stranger.id)).toBe(0);
    expect((await get('/users/me/privacy-zones', me)).body.items).toHaveLength(1);
  });

  it('takes ten, also when twelve come at once', async () => {
    const me = await someone();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => post('/users/me/privacy-zones', me, { ...ZONE, name: `존 ${i}` })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status !== 201);
    for (const answer of refused) expectProblem(answer, 409, 'privacy-zone-limit');
    expect(await test.db.prisma.privacyZone.count({ where: { userId: me.id } })).toBe(10);
    expect(await revisionOf(me.id)).toBe(10);
  });

  it('takes the edges of every range', async () => {
    const me = await someone();
    for (const edge of [
      { lat: 90, lng: 180, radiusM: 100 },
      { lat: -90, lng: -180, radiusM: 1000 },
    ]) {
      const answer = await post('/users/me/privacy-zones', me, { ...ZONE, ...edge });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject(edge);
    }
  });

  it.each([
    ...Object.entries(BAD_TEXT).map(([what, literal]) => ['name', what, literal] as [string, string, string]),
    ...['lat', 'lng', 'radiusM'].flatMap((field) =>
      Object.entries(BAD_NUMBERS).map(
        ([what, literal]) => [field, what, literal] as [string, string, string],
      ),
    ),
    ['lat', 'over the pole', '90.0001'],
    ['lat', 'under the pole', '-95'],
    ['lng', 'beyond the antimeridian', '200'],
    ['lng', 'far west', '-180.5'],
    ['radiusM', 'too small', '99'],
    ['radiusM', 'negative', '-300'],
    ['radiusM', 'too big', '1001'],
    ['radiusM', '2^53', '9007199254740992'],
    ['radiusM', 'above int4', '2147483648'],
    ['radiusM', 'a fraction', '300.5'],
  ])('refuses %s: %s', async (field, _, literal) => {
    const me = await someone();
    expectFault(await post('/users/me/privacy-zones', me, jsonWith(ZONE, field, literal)), field);
    expect(await test.db.prisma.privacyZone.count({ where: { userId: me.id } })).toBe(0);
    expect(await revisionOf(me.id)).toBe(0);
  });

  it('refuses NaN, which is not JSON, a missing field, and a malformed id', async () => {
    const me = await someone();
    expectProblem(
      await post('/users/me/privacy-zones', me, jsonWith(ZONE, 'lat', 'NaN')),
      400,
      'bad-request',
    );
    expectFault(await post('/users/me/privacy-zones', me, { ...ZONE, radiusM: undefined }), 'radiusM');
    expectFault(await remove('/users/me/privacy-zones/1%20or%201', me), 'id');
  });

  it('adds once for one Idempotency-Key', async () => {
    const me = await someone();
    const once = { 'idempotency-key': 'zone-1' };
    const first = await post('/users/me/privacy-zones', me, ZONE, once);
    const again = await post('/users/me/privacy-zones', me, ZONE, once);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const other = await post('/users/me/privacy-zones', me, { ...ZONE, name: '회사' }, once);
    expectProblem(other, 422, 'idempotency-key-reused');
    expect(await test.db.prisma.privacyZone.count({ where: { userId: me.id } })).toBe(1);
    expect(await revisionOf(me.id)).toBe(1);
  });

  it('adds once for two simultaneous requests of one Idempotency-Key', async () => {
    const me = await someone();
    const once = { 'idempotency-key': 'zone-2' };
    const answers = await Promise.all([1, 2].map(() => post('/users/me/privacy-zones', me, ZONE, once)));
    const created = answers.filter(({ status }) => status === 201);
    expect(created.length).toBeGreaterThanOrEqual(1);
    expect(new Set(created.map(({ body }) => body.id)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expectProblem(answer, 409, 'request-in-flight');
    expect(await test.db.prisma.privacyZone.count({ where: { userId: me.id } })).toBe(1);
  });

  it('stores nothing under a key whose request was not valid', async () => {
    const me = await someone();
    const once = { 'idempotency-key': 'zone-3' };
    expectFault(await post('/users/me/privacy-zones', me, { ...ZONE, radiusM: 5 }, once), 'radiusM');
    expect((await post('/users/me/privacy-zones', me, ZONE, once)).status).toBe(201);
  });
});

describe('consents', () => {
  it('L6 tells which are missing, taken back or of an older text', async () => {
    const me = await someone();
    const needed = async () => (await get('/users/me', me)).body.consentsNeeded;
    for (const kind of ['terms', 'privacy', 'location'])
      await post('/users/me/consents', me, { ...CONSENT, kind });
    expect(await needed()).toEqual([]);
    test.clock.advance({ seconds: 1 });
    await post('/users/me/consents', me, { ...CONSENT, granted: false });
    await post('/users/me/consents', me, { ...CONSENT, kind: 'terms', version: '2025-01-01' });
    expect(await needed()).toEqual(['terms', 'location']);
  });

  it('keeps every answer that was given, newest first', async () => {
    const [me, stranger] = [await someone(), await someone()];
    const agreed = await post('/users/me/consents', me, CONSENT);
    expect(agreed.status).toBe(201);
    expect(agreed.body).toEqual({ ...CONSENT, id: expect.any(String), at: expect.any(String) });
    test.clock.advance({ seconds: 1 });
    const takenBack = await post('/users/me/consents', me, { ...CONSENT, granted: false });
    expect((await get('/users/me/consents', me)).body.items).toEqual([takenBack.body, agreed.body]);
    expect((await get('/users/me/consents', stranger)).body.items).toEqual([]);
  });

  it.each([
    ['kind', 'everything'],
    ['kind', null],
    ['version', ''],
    ['version', 'v'.repeat(21)],
    ['version', '1 0'],
    ['version', '판 1'],
    ['version', 'a\u0000b'],
    ['version', 1],
    ['granted', 'true'],
    ['granted', 1],
    ['granted', null],
  ])('refuses %s = %j', async (field, value) => {
    const me = await someone();
    expectFault(await post('/users/me/consents', me, { ...CONSENT, [field]: value }), field);
    expect(await test.db.prisma.consent.count({ where: { userId: me.id } })).toBe(0);
  });

  it('records once for one Idempotency-Key', async () => {
    const me = await someone();
    const once = { 'idempotency-key': 'consent-1' };
    const first = await post('/users/me/consents', me, CONSENT, once);
    expect((await post('/users/me/consents', me, CONSENT, once)).body).toEqual(first.body);
    expect(await test.db.prisma.consent.count({ where: { userId: me.id } })).toBe(1);
  });

  it('pages through 25 without a gap or a double, several at the same instant', async () => {
    const me = await someone();
    await test.db.prisma.consent.createMany({
      data: Array.from({ length: 25 }, (_, i) => ({
        ...CONSENT,
        kind: 'location' as const,
        id: uuidv7(),
        userId: me.id,
        at: new Date(1_790_000_000_000 + Math.floor(i / 5) * DAY_MS),
      })),
    });
    await expectPages('/users/me/consents', me, 25, ({ at }) => String(at));
  });
});

describe('location log', () => {
  it('shows me, and only me, what my location was used for', async () => {
    const [me, friend] = [await someone(), await someone()];
    const at = new Date('2026-11-20T01:02:03.000Z');
    await test.db.transaction(async (tx) => {
      await recordLocationUse(tx, { userId: me.id, purpose: 'walk_recording', at });
      await recordLocationUse(tx, {
        userId: me.id,
        providedTo: friend.id,
        purpose: 'walk_route_view',
        at: new Date(at.getTime() + 1000),
      });
    });
    expect((await get('/users/me/location-log', me)).body.items).toEqual([
      {
        id: expect.any(String),
        purpose: 'walk_route_view',
        providedTo: friend.id,
        at: '2026-11-20T01:02:04.000Z',
      },
      { id: expect.any(String), purpose: 'walk_recording', providedTo: null, at: '2026-11-20T01:02:03.000Z' },
    ]);
    expect((await get('/users/me/location-log', friend)).body.items).toEqual([]);
  });

  it('pages through 25', async () => {
    const me = await someone();
    await test.db.transaction(async (tx) => {
      for (let i = 0; i < 25; i++) {
        const at = new Date(1_790_000_000_000 + Math.floor(i / 5) * 1000);
        await recordLocationUse(tx, { userId: me.id, purpose: 'walk_recording', at });
      }
    });
    await expectPages('/users/me/location-log', me, 25, ({ at }) => String(at));
  });

  it.each(['limit=0', 'limit=101', 'limit=1e400', 'limit=abc', 'limit=1&limit=2', 'limit=', 'limit=1.5'])(
    'refuses ?%s',
    async (query) => expectFault(await get(`/users/me/location-log?${query}`, await someone()), 'limit'),
  );

  it.each([
    'x',
    'W10',
    '%00',
    Buffer.from('["2026-02-30T00:00:00Z","x"]').toString('base64url'),
    'a'.repeat(501),
  ])('refuses the cursor %s', async (cursor) =>
    expectFault(await get(`/users/me/location-log?cursor=${cursor}`, await someone()), 'cursor'),
  );

  it('refuses a parameter that it does not know', async () => {
    expectFault(await get(`/users/me/location-log?userId=${MISSING_ID}`, await someone()), 'userId');
  });
});

describe('GET /users/:id', () => {
  it('shows a public profile, with the region no finer than the gu', async () => {
    const [viewer, other] = [await someone(), await someone('보리누나')];
    await test.db.prisma.user.update({
      where: { id: other.id },
      // 23:30 UTC is the next day in Korea
      data: { bio: '안녕', regionCode: '1168064000', createdAt: new Date('2026-03-01T23:30:00.000Z') },
    });
    const answer = await get(`/users/${other.id}`, viewer);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: other.id,
      nickname: '보리누나',
      isPrivate: false,
      ...{ isFollowing: false, isRequested: false, followsMe: false, followers: 0, following: 0 },
      bio: '안녕',
      regionCode: '11680',
      createdAt: '2026-03-02',
    });
    expect((await get(`/users/${other.id.toUpperCase()}`, viewer)).body).toEqual(answer.body);
  });

  it('shows of a private profile the name only, except to its owner', async () => {
    const [viewer, other] = [await someone(), await someone('보리누나')];
    await test.db.prisma.user.update({
      where: { id: other.id },
      data: { bio: '안녕', regionCode: '1168064000', profileVisibility: 'private' },
    });
    expect((await get(`/users/${other.id}`, viewer)).body).toEqual({
      id: other.id,
      nickname: '보리누나',
      isPrivate: true,
      ...{ isFollowing: false, isRequested: false, followsMe: false },
    });
    expect((await get(`/users/${other.id}`, other)).body).toMatchObject({ isPrivate: true, bio: '안녕' });
  });

  it('knows nobody who is missing, suspended or leaving', async () => {
    const [viewer, suspended, leaving] = [await someone(), await someone(), await someone()];
    await test.db.prisma.user.update({
      where: { id: suspended.id },
      data: { suspendedAt: test.clock.now() },
    });
    await test.db.prisma.user.update({
      where: { id: leaving.id },
      data: { deletionRequestedAt: test.clock.now() },
    });
    for (const userId of [MISSING_ID, suspended.id, leaving.id]) {
      expectProblem(await get(`/users/${userId}`, viewer), 404, 'user-not-found');
    }
  });

  it.each(['x', '1', 'null', '%00', MISSING_ID.slice(1), `${MISSING_ID}'--`])(
    'refuses the id %s',
    async (userId) => {
      expectFault(await get(`/users/${userId}`, await someone()), 'id');
    },
  );
});
