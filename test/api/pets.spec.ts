import { v7 as uuidv7 } from 'uuid';
import { ownedPets } from '../../src/modules/pets/index.js';
import { expectProblem, type Person, send as sendAnonymously, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { expectFault, expectPages, get, patch, post, remove, send } from '../support/rest.js';

const DAY_MS = 86_400_000;
const MISSING_ID = '01890000-0000-7000-8000-000000000000';
const PET = {
  name: '초코',
  species: 'dog',
  breed: '토이 푸들',
  sex: 'female',
  neutered: true,
  birthDate: '2020-02-29',
  weightKg: 4.35,
  temperament: ['gentle', 'shy'],
};
const CHECKUP = {
  kind: 'vet_visit',
  date: '2026-11-01',
  title: '건강 검진',
  note: '이상 없음\n다음에 스케일링',
  nextDue: '2027-05-01',
};

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
beforeEach(() => test.clock.set('2026-11-20T03:00:00.000Z'));
afterAll(() => test.close());

const someone = (nickname = '초코아빠') => signIn(test, { nickname });

/** Columns and relations that no client may set (RELIABILITY C5). */
const NOT_YOURS = {
  id: MISSING_ID,
  userId: MISSING_ID,
  user_id: MISSING_ID,
  petId: MISSING_ID,
  pet_id: MISSING_ID,
  ownerId: MISSING_ID,
  user: { connect: { id: MISSING_ID } },
  pet: { connect: { id: MISSING_ID } },
  role: 'admin',
  isPremium: true,
  premiumUntil: '2099-01-01T00:00:00.000Z',
  createdAt: '2020-01-01T00:00:00.000Z',
  updatedAt: '2020-01-01T00:00:00.000Z',
  removedAt: null,
  removed_at: null,
  deletedAt: null,
  birth_date: '2020-01-01',
  weight_kg: 3,
  next_due: '2027-01-01',
  weight: 3,
  photoKey: 'x',
  healthRecords: { deleteMany: {} },
  walks: [],
  totalDistanceM: 1,
  constructor: {},
};

type Fault = [field: string, what: string, literal: string];

/** Text that must never be stored (RELIABILITY §4); a JSON literal each. */
const badText = (field: string, maxLength: number): Fault[] => [
  [field, 'NUL', '"a\\u0000b"'],
  [field, 'a lone surrogate', '"a\\ud800b"'],
  [field, 'a right-to-left override', '"a\\u202eb"'],
  [field, 'spaces only', '" \\u3000\\u00a0\\t "'],
  [field, 'nothing', '""'],
  [field, 'one character too many', JSON.stringify('가'.repeat(maxLength + 1))],
  [field, '4,000 characters', JSON.stringify('가'.repeat(4000))],
  [field, 'a number', '7'],
  [field, 'a list', '["a"]'],
  [field, 'an object', '{"set":"a"}'],
];

const badWeights = (field: string): Fault[] =>
  [
    '0',
    '-0',
    '-4.35',
    '0.09',
    '150.01',
    '4.355',
    '1e400',
    '-1e400',
    '9007199254740992',
    '"4.35"',
    'true',
    '[4]',
    '{}',
  ].map((literal) => [field, literal, literal]);

const badDates = (field: string): Fault[] =>
  [
    '"2025-02-29"',
    '"2026-02-30"',
    '"2026-13-01"',
    '"294277-01-01"',
    '"+275760-09-13"',
    '"1899-12-31"',
    '"2020-01-01T00:00:00Z"',
    '"2020-1-1"',
    '"２０２０-01-01"',
    '""',
    '20200101',
    'true',
  ].map((literal) => [field, literal, literal]);

const PET_FAULTS: Fault[] = [
  ...badText('name', 20),
  ...badText('breed', 40),
  ...badWeights('weightKg'),
  ...badDates('birthDate'),
  ['name', 'null', 'null'],
  ['species', 'a cat', '"cat"'],
  ['species', 'null', 'null'],
  ['sex', 'another', '"Male"'],
  ['sex', 'null', 'null'],
  ['neutered', 'text', '"true"'],
  ['neutered', 'a number', '1'],
  ['birthDate', 'tomorrow', '"2026-11-21"'],
  ['birthDate', 'before 1990', '"1989-12-31"'],
  ['temperament', 'null', 'null'],
  ['temperament', 'text', '"gentle"'],
  ['temperament', 'the same twice', '["gentle","gentle"]'],
  [
    'temperament',
    'nine',
    '["gentle","friendly","playful","energetic","calm","shy","timid","curious","vocal"]',
  ],
  ['temperament.1', 'an unknown one', '["gentle","angry"]'],
  ['temperament.0', 'a null', '[null]'],
];

const HEALTH_FAULTS: Fault[] = [
  ...badText('title', 60),
  ...badText('note', 500),
  ...badDates('date'),
  ...badDates('nextDue'),
  ['kind', 'an unknown one', '"surgery"'],
  ['kind', 'null', 'null'],
  ['date', 'tomorrow', '"2026-11-21"'],
  ['date', 'null', 'null'],
  ['nextDue', 'before the date', '"2026-10-31"'],
  ['weightKg', 'a weight that is out of place', '4.35'],
];

const withLiteral = (valid: object, path: string, literal: string) => {
  const field = path.split('.')[0]!;
  return JSON.stringify({ ...valid, [field]: '@' }).replace('"@"', literal);
};

const petRows = (userId: string) =>
  test.db.prisma.pet.findMany({
    where: { userId },
    include: { healthRecords: true },
    orderBy: { id: 'asc' },
  });

async function petOf(owner: Person, more = {}): Promise<{ id: string; createdAt: string }> {
  const { status, body } = await post('/pets', owner, { ...PET, ...more });
  expect(status).toBe(201);
  return body;
}

describe('pets', () => {
  it('adds, shows, lists and removes', async () => {
    const me = await someone();
    const added = await post('/pets', me, PET);
    expect(added.status).toBe(201);
    expect(added.body).toEqual({
      ...{ ...PET, id: expect.any(String), photo: null },
      createdAt: '2026-11-20T03:00:00.000Z',
    });
    expect(await get(`/pets/${added.body.id}`, me)).toMatchObject({ status: 200, body: added.body });
    expect((await get('/pets', me)).body).toEqual({ items: [added.body], nextCursor: null });

    expect((await remove(`/pets/${added.body.id}`, me)).status).toBe(204);
    expect((await get('/pets', me)).body.items).toEqual([]);
    for (const answer of [
      await get(`/pets/${added.body.id}`, me),
      await patch(`/pets/${added.body.id}`, me, { name: '보리' }),
      await remove(`/pets/${added.body.id}`, me),
    ]) {
      expectProblem(answer, 404, 'pet-not-found');
    }
  });

  it('needs no more than a name', async () => {
    const answer = await post('/pets', await someone(), { name: '  보리  ' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      name: '보리',
      species: 'dog',
      breed: null,
      sex: 'unknown',
      neutered: null,
      birthDate: null,
      weightKg: null,
      temperament: [],
    });
    expectFault(await post('/pets', await someone(), { breed: '진돗개' }), 'name');
  });

  it('merges: absent is unchanged, null clears', async () => {
    const me = await someone();
    const { id, createdAt } = await petOf(me);
    expect((await patch(`/pets/${id}`, me, {})).body).toEqual({ ...PET, id, createdAt, photo: null });
    const changed = { breed: null, birthDate: null, weightKg: null, neutered: null, temperament: ['vocal'] };
    expect(await patch(`/pets/${id}`, me, changed)).toMatchObject({
      status: 200,
      body: { ...PET, ...changed, id },
    });
    expect((await get(`/pets/${id}`, me)).body).toEqual({ ...PET, ...changed, id, createdAt, photo: null });
    expect((await patch(`/pets/${id}`, me, { weightKg: 150, birthDate: '1990-01-01' })).body).toMatchObject({
      weightKg: 150,
      birthDate: '1990-01-01',
    });
  });

  it('keeps the history of a removed pet', async () => {
    const me = await someone();
    const { id } = await petOf(me);
    await post(`/pets/${id}/health`, me, CHECKUP);
    await remove(`/pets/${id}`, me);
    expectProblem(await get(`/pets/${id}/health`, me), 404, 'pet-not-found');
    expectProblem(await post(`/pets/${id}/health`, me, CHECKUP), 404, 'pet-not-found');
    expect(await test.db.prisma.healthRecord.count({ where: { petId: id } })).toBe(1);
  });

  it('counts "today" by the Korean calendar', async () => {
    test.clock.set('2026-11-20T14:59:59.999Z'); // 23:59 in Korea
    const me = await someone();
    expectFault(await post('/pets', me, { name: '보리', birthDate: '2026-11-21' }), 'birthDate');
    test.clock.set('2026-11-20T15:00:00.000Z'); // midnight
    expect((await post('/pets', me, { name: '보리', birthDate: '2026-11-21' })).status).toBe(201);
  });

  it.each(PET_FAULTS)('refuses as %s: %s', async (field, _, literal) => {
    const me = await someone();
    const { id } = await petOf(me);
    const before = await petRows(me.id);
    expectFault(await post('/pets', me, withLiteral(PET, field, literal)), field);
    expectFault(await patch(`/pets/${id}`, me, withLiteral({}, field, literal)), field);
    expect(await petRows(me.id)).toEqual(before);
  });

  it.each(['NaN', 'Infinity', '.5', '0x10', 'undefined'])(
    'refuses %s, which is not JSON',
    async (literal) => {
      expectProblem(
        await post('/pets', await someone(), withLiteral(PET, 'weightKg', literal)),
        400,
        'bad-request',
      );
    },
  );

  it.each(['null', '[]', '"초코"', '7'])('refuses the body %s', async (body) => {
    expectProblem(await post('/pets', await someone(), body), 422, 'validation-failed');
  });

  it('takes a malformed id as malformed, a missing one as missing', async () => {
    const me = await someone();
    for (const petId of ['x', '%00', `${MISSING_ID}'--`]) expectFault(await get(`/pets/${petId}`, me), 'id');
    expectProblem(await get(`/pets/${MISSING_ID}`, me), 404, 'pet-not-found');
  });

  it('pages through 25, several of the same instant', async () => {
    const me = await someone();
    await test.db.prisma.pet.createMany({
      data: Array.from({ length: 25 }, (_, i) => ({
        id: uuidv7(),
        userId: me.id,
        name: `강아지 ${i}`,
        temperament: [],
        createdAt: new Date(1_790_000_000_000 + Math.floor(i / 5) * DAY_MS),
      })),
    });
    await expectPages('/pets', me, 25, ({ createdAt }: { createdAt: string }) => createdAt);
  });
});

describe('the free limit', () => {
  it('is two pets; a removed one frees its place', async () => {
    const me = await someone();
    const { id } = await petOf(me);
    await petOf(me);
    const third = await post('/pets', me, PET);
    expectProblem(third, 403, 'premium-required');
    expect(third.body).toMatchObject({ unlocks: ['unlimited-pets'], limit: 2 });
    await remove(`/pets/${id}`, me);
    expect((await post('/pets', me, PET)).status).toBe(201);
  });

  it('holds when ten come at once', async () => {
    const me = await someone();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('/pets', me, PET)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expectProblem(answer, 403, 'premium-required');
    expect(await test.db.prisma.pet.count({ where: { userId: me.id } })).toBe(2);
  });
});

describe('Idempotency-Key', () => {
  const routes: [string, (me: Person) => Promise<string>, object, object][] = [
    ['POST /pets', async () => '/pets', PET, { ...PET, name: '보리' }],
    [
      'POST /pets/:id/health',
      async (me) => `/pets/${(await petOf(me)).id}/health`,
      CHECKUP,
      { ...CHECKUP, title: null },
    ],
  ];

  it.each(routes)(
    '%s: the same again is answered the same, another body is refused',
    async (_, pathOf, body, other) => {
      const me = await someone();
      const path = await pathOf(me);
      const once = { 'idempotency-key': 'once' };
      const first = await post(path, me, body, once);
      expect(first.status).toBe(201);
      const { status, body: replayed } = await post(path, me, body, once);
      expect({ status, body: replayed }).toEqual({ status: 201, body: first.body });
      expectProblem(await post(path, me, other, once), 422, 'idempotency-key-reused');
      expect((await get(path, me)).body.items).toEqual([first.body]);
    },
  );

  it.each(routes)('%s: two at once make one', async (_, pathOf, body) => {
    const me = await someone();
    const path = await pathOf(me);
    const answers = await Promise.all([1, 2].map(() => post(path, me, body, { 'idempotency-key': 'once' })));
    const created = answers.filter(({ status }) => status === 201);
    expect(new Set(created.map((answer) => answer.body.id)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expectProblem(answer, 409, 'request-in-flight');
    expect((await get(path, me)).body.items).toHaveLength(1);
  });

  it('stores nothing for a request that was not valid, and is one user’s own', async () => {
    const [me, other] = [await someone(), await someone()];
    const once = { 'idempotency-key': 'mine' };
    expectFault(await post('/pets', me, { ...PET, weightKg: -1 }, once), 'weightKg');
    expectFault(await post('/pets', me, { ...PET, birthDate: '2030-01-01' }, once), 'birthDate');
    const mine = await post('/pets', me, PET, once);
    const theirs = await post('/pets', other, PET, once);
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });
});

describe('health records', () => {
  it('adds, lists, changes and removes', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const path = `/pets/${petId}/health`;
    const added = await post(path, me, CHECKUP);
    expect(added.status).toBe(201);
    expect(added.body).toEqual({
      ...CHECKUP,
      weightKg: null,
      id: expect.any(String),
      createdAt: expect.any(String),
    });
    expect((await get(path, me)).body).toEqual({ items: [added.body], nextCursor: null });

    const record = `${path}/${added.body.id}`;
    expect(await patch(record, me, {})).toMatchObject({ status: 200, body: added.body });
    const changed = { title: '정기 검진', note: null, nextDue: null };
    expect((await patch(record, me, changed)).body).toEqual({ ...added.body, ...changed });
    expect((await get(path, me)).body.items).toEqual([{ ...added.body, ...changed }]);

    expect((await remove(record, me)).status).toBe(204);
    expect((await get(path, me)).body.items).toEqual([]);
    expectProblem(await remove(record, me), 404, 'health-record-not-found');
    expectProblem(await patch(record, me, {}), 404, 'health-record-not-found');
  });

  it.each(HEALTH_FAULTS)('refuses as %s: %s', async (field, _, literal) => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const { body: record } = await post(`/pets/${petId}/health`, me, CHECKUP);
    const before = await petRows(me.id);
    expectFault(await post(`/pets/${petId}/health`, me, withLiteral(CHECKUP, field, literal)), field);
    expectFault(
      await patch(`/pets/${petId}/health/${record.id}`, me, withLiteral({}, field, literal)),
      field,
    );
    expect(await petRows(me.id)).toEqual(before);
  });

  it.each(badWeights('weightKg'))('refuses as %s of a weight record: %s', async (field, _, literal) => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const body = withLiteral({ kind: 'weight', date: '2026-11-01' }, field, literal);
    expectFault(await post(`/pets/${petId}/health`, me, body), 'weightKg');
    expect(await test.db.prisma.healthRecord.count({ where: { petId } })).toBe(0);
  });

  it('judges a change together with what stays', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const { body: checkup } = await post(`/pets/${petId}/health`, me, { ...CHECKUP, nextDue: '2026-11-10' });
    const record = `/pets/${petId}/health/${checkup.id}`;
    expectFault(await patch(record, me, { date: '2026-11-11' }), 'nextDue');
    expectFault(await patch(record, me, { kind: 'weight' }), 'weightKg');
    expectFault(await patch(record, me, { weightKg: 4 }), 'weightKg');
    expect((await get(`/pets/${petId}/health`, me)).body.items).toEqual([checkup]);
    expect((await patch(record, me, { date: '2026-11-10' })).status).toBe(200);
    expect((await patch(record, me, { kind: 'weight', weightKg: 4 })).status).toBe(200);
    expectFault(await patch(record, me, { weightKg: null }), 'weightKg');
    expectFault(await patch(record, me, { kind: 'medication' }), 'weightKg');
    expect((await patch(record, me, { kind: 'medication', weightKg: null })).status).toBe(200);
  });

  it('pages through 25, several on the same day', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    await test.db.prisma.healthRecord.createMany({
      data: Array.from({ length: 25 }, (_, i) => ({
        id: uuidv7(),
        petId,
        kind: 'medication' as const,
        date: new Date(`2026-02-${26 + Math.floor(i / 10)}T00:00:00.000Z`),
        createdAt: test.clock.now(),
      })),
    });
    await expectPages(`/pets/${petId}/health`, me, 25, ({ date }: { date: string }) => date);
  });
});

describe('weight records', () => {
  const weigh = async (me: Person, petId: string, date: string, weightKg: number): Promise<string> => {
    test.clock.advance({ seconds: 1 });
    const { status, body } = await post(`/pets/${petId}/health`, me, { kind: 'weight', date, weightKg });
    expect(status).toBe(201);
    return `/pets/${petId}/health/${body.id}`;
  };
  const weightOf = async (me: Person, petId: string): Promise<number> =>
    (await get(`/pets/${petId}`, me)).body.weightKg;

  it('need a weight', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    for (const weightKg of [undefined, null]) {
      expectFault(
        await post(`/pets/${petId}/health`, me, { kind: 'weight', date: '2026-11-01', weightKg }),
        'weightKg',
      );
    }
  });

  it('set the weight of the pet when they are the newest by date', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me, { weightKg: 4 });
    await weigh(me, petId, '2026-11-01', 4.5);
    expect(await weightOf(me, petId)).toBe(4.5);
    await weigh(me, petId, '2026-10-01', 4.2);
    expect(await weightOf(me, petId)).toBe(4.5);
    await weigh(me, petId, '2026-11-01', 4.6);
    expect(await weightOf(me, petId)).toBe(4.6);
    expect(await ownedPets(test.db, me.id, [petId])).toEqual([{ id: petId, weightKg: 4.6 }]);
  });

  it('set it anew when the newest is corrected, moved or removed', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const older = await weigh(me, petId, '2026-10-01', 4.2);
    const newer = await weigh(me, petId, '2026-11-01', 4.5);
    await patch(newer, me, { weightKg: 4.55 });
    expect(await weightOf(me, petId)).toBe(4.55);
    await patch(newer, me, { date: '2026-09-01' });
    expect(await weightOf(me, petId)).toBe(4.2);
    await patch(older, me, { kind: 'vet_visit', weightKg: null });
    expect(await weightOf(me, petId)).toBe(4.55);
    await weigh(me, petId, '2026-11-02', 5).then((newest) => remove(newest, me));
    expect(await weightOf(me, petId)).toBe(4.55);
  });

  it('leave a weight alone that was set by hand', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const newest = await weigh(me, petId, '2026-11-01', 4.5);
    await patch(`/pets/${petId}`, me, { weightKg: 5 });
    await patch(newest, me, { note: '병원 저울' });
    await weigh(me, petId, '2026-10-01', 4.2).then((older) => remove(older, me));
    expect(await weightOf(me, petId)).toBe(5);
    await remove(newest, me);
    expect(await weightOf(me, petId)).toBe(5);
  });

  it('agree with the list after many at once', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const days = Array.from({ length: 10 }, (_, i) => i + 1);
    await Promise.all(
      days.map((day) =>
        post(`/pets/${petId}/health`, me, {
          kind: 'weight',
          date: `2026-11-${String(day).padStart(2, '0')}`,
          weightKg: day,
        }),
      ),
    );
    expect(await weightOf(me, petId)).toBe(10);
  });
});

describe('what is not mine', () => {
  it('does not exist, and stays as it is', async () => {
    const [me, stranger] = [await someone(), await someone()];
    const { id: petId } = await petOf(me);
    const { id: theirPetId } = await petOf(stranger);
    const { body: record } = await post(`/pets/${petId}/health`, me, CHECKUP);
    const before = await petRows(me.id);
    for (const foreign of [petId, MISSING_ID]) {
      for (const answer of [
        await get(`/pets/${foreign}`, stranger),
        await patch(`/pets/${foreign}`, stranger, { name: '내 개' }),
        await remove(`/pets/${foreign}`, stranger),
        await get(`/pets/${foreign}/health`, stranger),
        await post(`/pets/${foreign}/health`, stranger, CHECKUP),
        await patch(`/pets/${foreign}/health/${record.id}`, stranger, { note: 'x' }),
        await remove(`/pets/${foreign}/health/${record.id}`, stranger),
      ]) {
        expectProblem(answer, 404, 'pet-not-found');
      }
    }
    // my record under their own pet
    for (const answer of [
      await patch(`/pets/${theirPetId}/health/${record.id}`, stranger, { note: 'x' }),
      await remove(`/pets/${theirPetId}/health/${record.id}`, stranger),
    ]) {
      expectProblem(answer, 404, 'health-record-not-found');
    }
    expect((await get('/pets', stranger)).body.items).toHaveLength(1);
    expect(await ownedPets(test.db, stranger.id, [petId, theirPetId])).toEqual([
      { id: theirPetId, weightKg: 4.35 },
    ]);
    expect(await petRows(me.id)).toEqual(before);
  });

  it('wants a token', async () => {
    expect((await sendAnonymously(test, 'GET', '/pets')).status).toBe(401);
  });
});

describe('mass assignment', () => {
  it('takes no key that is not its own, and changes nothing', async () => {
    const me = await someone();
    const { id: petId } = await petOf(me);
    const { body: record } = await post(`/pets/${petId}/health`, me, CHECKUP);
    const before = await petRows(me.id);
    const writes: [string, string, object][] = [
      ['POST', '/pets', PET],
      ['PATCH', `/pets/${petId}`, { name: '보리' }],
      ['POST', `/pets/${petId}/health`, CHECKUP],
      ['PATCH', `/pets/${petId}/health/${record.id}`, { note: 'x' }],
    ];
    for (const [method, path, valid] of writes) {
      for (const [key, value] of Object.entries(NOT_YOURS)) {
        expectFault(await send(method, path, me, { ...valid, [key]: value }), key);
      }
      expectProblem(await send(method, path, me, '{"__proto__":{"userId":"x"}}'), 400, 'bad-request');
    }
    expect(await petRows(me.id)).toEqual(before);
  });
});
