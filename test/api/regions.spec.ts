import { importAliases, importRegions, RegionFileError } from '../../src/modules/regions/index.js';
import { moved, streetWalk } from '../builders/tracks.js';
import { collectionOf, type Dong, dongGrid, featureOf, square } from '../builders/dongs.js';
import {
  type KakaoLocalSimulator,
  type SimulatedRegion,
  startKakaoLocal,
} from '../simulators/kakao-local.js';
import { expectFieldFault, expectProblem, type Person, send, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { restBreakers } from '../support/breakers.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { get, send as ask } from '../support/rest.js';

let kakao: KakaoLocalSimulator;
let test: TestApp;
let bori: Person;
beforeAll(async () => {
  kakao = await startKakaoLocal();
  test = await startTestApp({ env: { ...kakao.env, OUTBOUND_TIMEOUT_SECONDS: '0.5' } });
});
afterAll(async () => {
  await test.close();
  await kakao.close();
});
let spotOfTest = { lat: 0, lng: 0 };
let jejuOfTest = { lat: 0, lng: 0 };
beforeEach(async () => {
  restBreakers(test);
  kakao.reset();
  // Long past, so that what waits by this clock is due by the database's.
  test.clock.set('2024-11-20T03:00:00Z');
  const thousandths = (from: number, degrees: number) =>
    Math.round(from * 1_000 + Math.floor(Math.random() * degrees * 1_000)) / 1_000;
  // Away from the dongs of the builder, and from Japan.
  spotOfTest = { lat: thousandths(35, 2), lng: thousandths(126, 3) };
  jejuOfTest = { lat: thousandths(33.2, 0.3), lng: thousandths(126.2, 0.6) };
  bori = await signIn(test);
  await test.db.prisma.region.deleteMany();
  await test.db.prisma.regionAlias.deleteMany();
  await test.db.prisma.dailyQuota.deleteMany();
});

/** Of its own for each test: Redis remembers cells from one run to the next. */
const spot = () => spotOfTest;
const around = (lat: number, lng: number): SimulatedRegion['box'] => [
  lat - 0.004,
  lng - 0.004,
  lat + 0.004,
  lng + 0.004,
];
const yeonnam = (): SimulatedRegion => ({
  code: '1144071000',
  names: ['서울특별시', '마포구', '연남동'],
  box: around(spot().lat, spot().lng),
});
const resolve = ({ lat, lng } = spot()) => get(`/regions/resolve?lat=${lat}&lng=${lng}`, bori);
const found = async (q: string) => {
  const { status, body } = await get(`/regions?q=${encodeURIComponent(q)}`, bori);
  expect(status).toBe(200);
  return body.items.map(({ name }: { name: string }) => name) as string[];
};
const now = () => test.clock.now();
const imported = (dongs: Pick<Dong, 'code' | 'name' | 'rings'>[], more = {}) =>
  importRegions(test.db, collectionOf(dongs), { now: now(), ...more });
const region = (code: string) => test.db.prisma.region.findUniqueOrThrow({ where: { code } });

describe('GET /regions/resolve, asking Kakao', () => {
  it('gives the administrative dong, and learns it', async () => {
    kakao.regions.push(yeonnam());
    const { status, body } = await resolve();
    expect([status, body]).toEqual([
      200,
      {
        ...{ code: '1144071000', sido: '서울특별시', gu: '마포구', dong: '연남동' },
        name: '서울특별시 마포구 연남동',
      },
    ]);
    expect(await region('1144071000')).toMatchObject({ dong: '연남동', learntAt: now(), importedAt: null });
    expect(await found('연남')).toEqual(['서울특별시 마포구 연남동']);
  });

  it('asks once for a cell, and tells no more than the cell', async () => {
    kakao.regions.push(yeonnam());
    const { lat, lng } = spot();
    expect((await resolve()).status).toBe(200);
    expect((await resolve({ lat: lat + 0.0001, lng: lng - 0.0002 })).status).toBe(200);
    expect(kakao.asked.map(({ params }) => [Number(params.y), Number(params.x)])).toEqual([[lat, lng]]);
    expect((await resolve({ lat: lat + 0.001, lng })).status).toBe(200);
    expect(kakao.asked).toHaveLength(2);
  });

  it('W03 says of the sea that there is none, and does not ask again', async () => {
    expectProblem(await resolve(), 422, 'no-region-here');
    expectProblem(await resolve(), 422, 'no-region-here');
    expect(kakao.asked).toHaveLength(1);
  });

  it.each([
    ['도쿄', 35.6812, 139.7671],
    ['평양', 39.0392, 125.7625],
    ['nowhere', 0, 0],
    ['the south pole', -90, 180],
  ])('W03 does not ask for %s', async (_name, lat, lng) => {
    const answer = await resolve({ lat, lng });
    expectProblem(answer, 422, 'outside-korea');
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual(['lat', 'lng']);
    expect(kakao.requests.filter(({ path }) => path.includes('coord2regioncode')).length).toBe(kakaoRequests);
  });

  it('W03 knows 제주, and 세종, which has no gu', async () => {
    const { lat, lng } = spot();
    const jeju = jejuOfTest;
    kakao.regions.push(
      {
        code: '5011053000',
        names: ['제주특별자치도', '제주시', '이도이동'],
        box: around(jeju.lat, jeju.lng),
      },
      { code: '3611025000', names: ['세종특별자치시', '', '조치원읍'], box: around(lat, lng) },
    );
    expect((await resolve(jeju)).body.code).toBe('5011053000');
    expect((await resolve()).body).toMatchObject({
      gu: '',
      name: '세종특별자치시 조치원읍',
    });
  });

  it.each([
    { status: 500 },
    429,
    'timeout',
    'reset',
    'slowDrip',
    'hugeBody',
    'html',
    'truncatedJson',
    { status: 400 },
  ] as const)('W02 says that it is not known now when Kakao answers %j', async (kind) => {
    kakao.fault({ path: '/v2/local/geo' }, kind);
    expectProblem(await resolve(), 503, 'region-unavailable');
    kakao.clearFaults();
    kakao.regions.push(yeonnam());
    expect((await resolve()).status).toBe(200); // a failure is not kept
  });

  it('W02 says so within 300 ms while Kakao rests', async () => {
    kakao.fault({ path: '/v2/local/geo' }, { status: 500 });
    for (let i = 0; i < 5; i++) expectProblem(await resolve(), 503, 'region-unavailable');
    const tries: number[] = [];
    for (let i = 0; i < 3; i++) {
      const before = performance.now();
      expectProblem(await resolve(), 503, 'region-unavailable');
      tries.push(performance.now() - before);
    }
    expect(Math.min(...tries)).toBeLessThan(300);
    expect(kakao.requests.at(-1)!.path).toContain('coord2regioncode');
  });

  it('raises an alarm once an hour when our key is not let in', async () => {
    const alarms = () => test.log.errors.filter(({ alarm }) => alarm === 'kakao-local-refused').length;
    const before = alarms();
    for (const failure of ['wrong-key', 'map-off', 'wrong-key'] as const) {
      kakao.fail(failure);
      expectProblem(await resolve(), 503, 'region-unavailable');
    }
    expect(alarms()).toBe(before + 1);
    test.clock.advance({ minutes: 61 });
    expectProblem(await resolve(), 503, 'region-unavailable');
    expect(alarms()).toBe(before + 2);
  });

  const usedOf = async (name: string) =>
    (await test.db.prisma.dailyQuota.findFirst({ where: { name } }))?.used ?? 0;

  it('counts nothing while Kakao rests', async () => {
    kakao.fault({ path: '/v2/local/geo' }, { status: 500 });
    for (let i = 0; i < 20; i++) expectProblem(await resolve(), 503, 'region-unavailable');
    for (const name of ['kakao-local', 'kakao-regions', `kakao-regions:${bori.id}`])
      expect([name, await usedOf(name)]).toEqual([name, 5]);
  });

  it('nobody uses up Kakao for all: so many a day for each, and some are left to jobs', async () => {
    const use = (name: string, used: number) =>
      test.db.prisma.dailyQuota.create({ data: { day: new Date('2024-11-20'), name, used } });
    await use(`kakao-regions:${bori.id}`, 200);
    kakao.regions.push(yeonnam());
    const answer = await resolve();
    expectProblem(answer, 429, 'region-quota-used-up');
    expect(answer.headers.get('retry-after')).toBe(String(12 * 3_600)); // midnight in Korea
    expect(kakao.asked).toEqual([]);
    bori = await signIn(test);
    expect((await resolve()).status).toBe(200);
    await test.db.prisma.dailyQuota.deleteMany();
    await use('kakao-regions', 20_000);
    const elsewhere = { lat: spot().lat + 0.002, lng: spot().lng };
    const unavailable = await resolve(elsewhere);
    expectProblem(unavailable, 503, 'region-unavailable');
    expect(unavailable.headers.get('retry-after')).toBe(String(12 * 3_600));
    expect(await usedOf(`kakao-regions:${bori.id}`)).toBe(0);
    const walk = await given.walk(bori, {
      points: streetWalk({ startMs: Date.parse('2024-11-18T01:00:00Z'), km: 0.8, start: spot(), noiseM: 3 }),
    });
    await test.queue.drain();
    const { startRegionCode } = await test.db.prisma.walk.findUniqueOrThrow({ where: { id: walk.id } });
    expect(startRegionCode).toBe('1144071000');
  });

  it('what Kakao said is turned into today’s region when it is read', async () => {
    kakao.regions.push(yeonnam());
    expect((await resolve()).body.code).toBe('1144071000');
    await importAliases(test.db, '1144071000,1144099000,2024-11-01', { now: now() });
    expect((await resolve()).body).toMatchObject({ code: '1144099000', dong: '연남동' });
    await test.db.prisma.region.create({
      data: { code: '1144099000', sido: '서울특별시', gu: '마포구', dong: '새연남동' },
    });
    expect((await resolve()).body).toMatchObject({ code: '1144099000', dong: '새연남동' });
    expect(kakao.asked).toHaveLength(1);
  });

  it('does not bring back a region that the boundaries have retired', async () => {
    const retiredAt = new Date('2024-11-01T00:00:00Z');
    await test.db.prisma.region.create({
      data: {
        code: '1144071000',
        sido: '서울특별시',
        gu: '마포구',
        dong: '옛동',
        importedAt: retiredAt,
        retiredAt,
      },
    });
    kakao.regions.push(yeonnam());
    expect((await resolve()).status).toBe(200);
    expect(await region('1144071000')).toMatchObject({ dong: '옛동', retiredAt });
  });

  it('does not ask beyond what we allow ourselves in a day', async () => {
    await test.db.prisma.dailyQuota.create({
      data: { day: new Date('2024-11-20'), name: 'kakao-local', used: 90_000 },
    });
    kakao.regions.push(yeonnam());
    expectProblem(await resolve(), 503, 'region-unavailable');
    expect(kakao.asked).toEqual([]);
    test.clock.advance({ days: 1 });
    expect((await resolve()).status).toBe(200);
  });

  it.each(['lat=95&lng=127', 'lat=37.5', 'lat=37.5&lng=x', 'lat=37.5&lng=127&zoom=3', 'lat=NaN&lng=127'])(
    'refuses ?%s',
    async (query) => {
      expectProblem(await get(`/regions/resolve?${query}`, bori), 422, 'validation-failed');
    },
  );

  it('is for people who are logged in', async () => {
    expectProblem(await send(test, 'GET', '/regions/resolve?lat=37.5&lng=127'), 401, 'unauthorized');
    expectProblem(await send(test, 'GET', '/regions?q=%EC%97%B0'), 401, 'unauthorized');
  });
});

let kakaoRequests = 0;
beforeEach(() => {
  kakaoRequests = kakao.requests.filter(({ path }) => path.includes('coord2regioncode')).length;
});

describe('GET /regions', () => {
  beforeEach(async () => {
    const rings = [square(37.5, 127, 0.01)];
    await imported([
      { code: '1144071000', name: '서울특별시 마포구 연남동', rings },
      { code: '1144066000', name: '서울특별시 마포구 서교동', rings },
      { code: '4111751000', name: '경기도 수원시영통구 영통1동', rings },
      { code: '4111752000', name: '경기도 수원시영통구 영통2동', rings },
      { code: '2611051000', name: '부산광역시 중구 중앙동', rings },
      { code: '1114052000', name: '서울특별시 중구 소공동', rings },
      { code: '3611025000', name: '세종특별자치시 조치원읍', rings },
    ]);
  });

  it.each([
    ['연남동', ['서울특별시 마포구 연남동']],
    ['연남', ['서울특별시 마포구 연남동']],
    ['마포 연남', ['서울특별시 마포구 연남동']],
    ['마포', ['서울특별시 마포구 서교동', '서울특별시 마포구 연남동']],
    ['영통', ['경기도 수원시 영통구 영통1동', '경기도 수원시 영통구 영통2동']],
    ['  수원  영통2 ', ['경기도 수원시 영통구 영통2동']],
    ['중', ['부산광역시 중구 중앙동', '서울특별시 중구 소공동']],
    ['조치원', ['세종특별자치시 조치원읍']],
    ['연%', []],
    ['_남동', []],
    ["'; drop table regions; --", []],
  ])('finds by %j', async (q, names) => {
    expect(await found(q)).toEqual(names);
  });

  it('finds what Apple’s keyboards write in parts', async () => {
    expect(await found('연남'.normalize('NFD'))).toEqual(['서울특별시 마포구 연남동']);
  });

  it('gives no more than twenty', async () => {
    await imported(dongGrid(50), { retireMany: true });
    expect(await found('동')).toHaveLength(20);
  });

  it.each(['', 'q=', 'q=%20%20', `q=${'가'.repeat(41)}`, 'q=a%00b'])('refuses ?%s', async (query) => {
    expectFieldFault(await get(`/regions?${query}`, bori), 'q');
  });
});

describe('boundaries', () => {
  const DONGS = dongGrid(40);
  const at = ({ lat, lng }: { lat: number; lng: number }) => resolve({ lat, lng });

  it('decide alone, where they have none too', async () => {
    await imported(DONGS);
    expect((await at(DONGS[3]!)).body.name).toBe(DONGS[3]!.name);
    kakao.regions.push(yeonnam());
    expectProblem(await resolve(), 422, 'no-region-here');
    expect(kakao.asked).toEqual([]);
  });

  it('are read from TopoJSON too', async () => {
    const topology = {
      type: 'Topology',
      arcs: [square(37.5, 127, 0.02), square(37.6, 127, 0.02)],
      objects: {
        dongs: {
          type: 'GeometryCollection',
          geometries: [
            {
              type: 'Polygon',
              arcs: [[0]],
              properties: { adm_cd2: '1144071000', adm_nm: '서울특별시 마포구 연남동' },
            },
            {
              type: 'MultiPolygon',
              arcs: [[[1]]],
              properties: { adm_cd2: '1144066000', adm_nm: '서울특별시 마포구 서교동' },
            },
          ],
        },
      },
    };
    expect(await importRegions(test.db, topology, { now: now() })).toMatchObject({
      imported: 2,
      rejected: [],
    });
    expect((await at({ lat: 37.61, lng: 127.01 })).body.code).toBe('1144066000');
    await expect(importRegions(test.db, { ...topology, arcs: [] }, { now: now() })).rejects.toThrow(
      RegionFileError,
    );
  });

  it('are repaired where a ring crosses itself, and left out with a reason where nothing can be done', async () => {
    const bowTie: [number, number][] = [
      [127, 37.5],
      [127.02, 37.52],
      [127.02, 37.5],
      [127, 37.52],
      [127, 37.5],
    ];
    const flat: [number, number][] = [
      [127, 37.5],
      [127.02, 37.5],
      [127, 37.5],
      [127, 37.5],
    ];
    const good = DONGS.slice(0, 12).map(featureOf);
    const file = {
      type: 'FeatureCollection',
      features: [
        ...good,
        featureOf({ code: '1144071000', name: '서울특별시 마포구 연남동', rings: [bowTie] }),
        featureOf({ code: '1144072000', name: '서울특별시 마포구 선동', rings: [flat] }),
        featureOf({ code: '114407', name: '서울특별시 마포구 코드동', rings: [square(37, 127, 0.1)] }),
        featureOf({ code: '1144073000', name: '서울특별시', rings: [square(37, 127, 0.1)] }),
        featureOf({ code: '1144074000', name: '서울특별시 마포구 일본동', rings: [square(35, 139, 0.1)] }),
        featureOf({ ...DONGS[0]!, rings: [square(37, 127, 0.1)] }),
        {
          type: 'Feature',
          properties: { adm_cd2: '1144075000', adm_nm: '서울특별시 마포구 점동' },
          geometry: null,
        },
      ],
    };
    const report = await importRegions(test.db, file, { now: now() });
    expect(report).toMatchObject({ imported: 13, added: 13, repaired: 1 });
    expect(report.rejected.map(({ reason }) => reason)).toEqual([
      'no-code',
      'no-name',
      'outside-korea',
      'twice',
      'no-area',
      'no-area',
    ]);
    expectProblem(await at({ lat: 37.518, lng: 127.01 }), 422, 'no-region-here');
    expect((await at({ lat: 37.51, lng: 127.005 })).body.code).toBe('1144071000');
  });

  it.each([
    [
      'another projection',
      collectionOf(DONGS.map((dong) => ({ ...dong, rings: [square(1_952_000, 953_000, 900)] }))),
      /EPSG:4326/,
    ],
    [
      'latitude first',
      collectionOf(DONGS.map((dong) => ({ ...dong, rings: [square(127, 37, 0.1)] }))),
      /EPSG:4326/,
    ],
    [
      'other properties',
      {
        type: 'FeatureCollection',
        features: [{ type: 'Feature', properties: { EMD_CD: '11110101' }, geometry: null }],
      },
      /adm_cd2/,
    ],
    ['no features', { type: 'FeatureCollection', features: [] }, /FeatureCollection/],
    ['something else', [1, 2, 3], /FeatureCollection/],
    ['nothing', null, /FeatureCollection/],
  ])('of %s are refused, and change nothing', async (_name, file, message) => {
    await imported(DONGS);
    await expect(importRegions(test.db, file, { now: now() })).rejects.toThrow(message);
    expect(await test.db.prisma.region.count({ where: { retiredAt: null } })).toBe(DONGS.length);
  });

  it('stay as they were when an import ends in the middle', async () => {
    await imported(DONGS);
    test.clock.advance({ days: 1 });
    const moved = dongGrid(140, 0.05).map((dong) => ({ ...dong, name: `${dong.name}2` }));
    await expect(
      imported(moved, {
        onProgress: () => {
          throw new Error('killed');
        },
      }),
    ).rejects.toThrow('killed');
    expect((await at(DONGS[3]!)).body.name).toBe(DONGS[3]!.name);
    expect(await test.db.prisma.region.count()).toBe(DONGS.length);
  });

  it('of a later file replace them; what it does not name is retired', async () => {
    await imported(DONGS);
    test.clock.advance({ days: 1 });
    const [gone, renamed, ...same] = DONGS as [Dong, Dong, ...Dong[]];
    const report = await imported([{ ...renamed, name: '서울특별시 종로구 새동' }, ...same]);
    expect(report).toMatchObject({ imported: 39, added: 0, changed: 1, retired: 1 });
    expect(await region(gone.code)).toMatchObject({ retiredAt: now() });
    expectProblem(await at(gone), 422, 'no-region-here');
    expect(await found(gone.name)).not.toContain(gone.name);
    expect((await at(renamed)).body.dong).toBe('새동');

    await imported(DONGS); // it comes back
    expect((await at(gone)).body.code).toBe(gone.code);
  });

  it('of a part of the country do not retire the rest, unless told to', async () => {
    await imported(DONGS);
    test.clock.advance({ days: 1 });
    await expect(imported(DONGS.slice(0, 20))).rejects.toThrow(/--retire-many/);
    expect((await at(DONGS[30]!)).status).toBe(200);
    expect(await imported(DONGS.slice(0, 20), { retireMany: true })).toMatchObject({ retired: 20 });
  });

  it('of before 2023 get the codes that 강원 and 전북 have now', async () => {
    await imported([
      { code: '4211051000', name: '강원도 춘천시 교동', rings: [square(37.87, 127.72, 0.01)] },
    ]);
    expect((await at({ lat: 37.875, lng: 127.725 })).body.code).toBe('5111051000');
  });
});

describe('codes that were replaced', () => {
  const [A, B, C] = ['2811000100', '2812000200', '2813000300'];
  const aliases = (text: string) => importAliases(test.db, text, { now: now() });
  const home = (person = bori) =>
    test.db.prisma.user.findUniqueOrThrow({ where: { id: person.id } }).then(({ regionCode }) => regionCode);
  const choose = (code: string) => ask('PUT', '/users/me/region', bori, { code });

  it('are followed by homes and walks, along chains', async () => {
    const walk = await given.walk(bori, { km: 0.6, startMs: Date.parse('2024-11-20T01:00:00Z') });
    await test.queue.drain();
    await test.db.prisma.walk.update({ where: { id: walk.id }, data: { startRegionCode: A } });
    await choose(A);
    expect(await home()).toBe(A);

    expect(await aliases(`old,new,from\n${A},${B},2024-01-01\n`)).toEqual({
      ...{ aliases: 1, rejected: [], users: 1, walks: 1 },
    });
    expect(await home()).toBe(B);
    expect(await aliases(`# July\n${B} ${C} 2024-07-01`)).toMatchObject({ users: 1, walks: 1 });
    expect(await home()).toBe(C);
    const moved = await test.db.prisma.walk.findUniqueOrThrow({ where: { id: walk.id } });
    expect(moved.startRegionCode).toBe(C);
    expect(await aliases('')).toMatchObject({ users: 0, walks: 0 });

    await choose(A); // an old phone
    expect(await home()).toBe(C);
  });

  it('of renamed sidos are known without a list', async () => {
    await choose('4211051000');
    expect(await home()).toBe('5111051000');
    await choose('4511151000');
    expect(await home()).toBe('5211151000');
    await test.db.prisma.user.update({ where: { id: bori.id }, data: { regionCode: '4511151000' } });
    expect(await aliases('')).toMatchObject({ users: 1 });
    expect(await home()).toBe('5211151000');
  });

  it('may not lead in a circle, at once or over time', async () => {
    await expect(aliases(`${A},${B},2024-01-01\n${B},${A},2024-01-01`)).rejects.toThrow(/circle/);
    await aliases(`${A},${B},2024-01-01\n${B},${C},2024-01-01`);
    await expect(aliases(`${C},${A},2024-02-01`)).rejects.toThrow(/circle/);
    await choose(A);
    expect(await home()).toBe(C);
  });

  it('are left out when they cannot be read, and until their day has come', async () => {
    expect(
      await aliases(`${A},${B}\n${A},${A},2024-01-01\n${B},${C},2030-01-01\n\n${A},${C},2024-13-01`),
    ).toMatchObject({
      aliases: 0,
      rejected: [
        { line: 1, reason: 'malformed' },
        { line: 2, reason: 'circle' },
        { line: 3, reason: 'not-yet' },
        { line: 5, reason: 'malformed' },
      ],
    });
  });

  it('are answered by today’s, also where the boundaries are older', async () => {
    const [one, other] = dongGrid(2) as [Dong, Dong];
    await imported([one, other]);
    await aliases(`${one.code},${other.code},2024-01-01`);
    expect((await resolve(one)).body).toMatchObject({ code: other.code, name: other.name });
    expect(await found('동')).toEqual([other.name]);
    await aliases(`${other.code},${A},2024-01-01`);
    expect((await resolve(one)).body).toMatchObject({ code: A, name: one.name });
  });

  it('a home must be a region that there is, once boundaries were imported', async () => {
    await choose('9999999999');
    expect(await home()).toBe('9999999999'); // nobody can tell yet
    const [one, gone, ...others] = dongGrid(40) as [Dong, Dong, ...Dong[]];
    await imported([one, gone, ...others]);
    test.clock.advance({ days: 1 });
    await imported([one, ...others]);
    expectProblem(await choose('9999999998'), 422, 'region-unknown');
    expectProblem(await choose(gone.code), 422, 'region-unknown');
    expect((await choose(one.code)).status).toBe(200);
    expect(await home()).toBe(one.code);
    await aliases(`${gone.code},${A},2024-01-01`);
    expect((await choose(gone.code)).body.regionCode).toBe(A);
  });
});

describe('where a walk began', () => {
  const starts = () => [0, 1, 2].map((i) => moved(spot(), 90, 3_000 * i));
  const dongAt = (i: number, { lat, lng } = starts()[i]!): SimulatedRegion => ({
    code: `11200${String(51_000 + i * 1_000)}`,
    names: ['서울특별시', '성동구', `${i}동`],
    box: [lat - 0.009, lng - 0.015, lat + 0.009, lng + 0.015],
  });
  let petId: string;
  beforeEach(async () => {
    petId = (await given.pet(bori)).id;
  });
  const walk = (i: number) =>
    given.walk(bori, {
      petId,
      points: streetWalk({
        startMs: Date.parse('2024-11-18T01:00:00Z') + i * 36_000_000,
        km: 0.8,
        start: starts()[i],
        noiseM: 3,
        seed: i + 1,
      }),
    });
  const codeOf = async (id: string) =>
    (await test.db.prisma.walk.findUniqueOrThrow({ where: { id } })).startRegionCode;
  const badge = async (code: string) => {
    const { body } = await get('/badges', bori);
    return body.items.find((item: { code: string }) => item.code === code);
  };

  it('three dongs earn their badge', async () => {
    kakao.regions.push(dongAt(0), dongAt(1), dongAt(2));
    const walks = [await walk(0), await walk(1)];
    await test.queue.drain();
    expect(await badge('dongs_3')).toMatchObject({ state: 'in_progress', value: 2 });
    walks.push(await walk(2));
    await test.queue.drain();
    expect(await Promise.all(walks.map(({ id }) => codeOf(id)))).toEqual(
      [0, 1, 2].map((i) => dongAt(i).code),
    );
    expect(await badge('dongs_3')).toMatchObject({ state: 'earned', value: 3 });
  });

  it('is known by the boundaries, without Kakao', async () => {
    const { lat, lng } = starts()[0]!;
    await imported([
      { code: '1120065000', name: '서울특별시 성동구 성수동', rings: [square(lat - 0.02, lng - 0.02, 0.04)] },
    ]);
    const { id } = await walk(0);
    await test.queue.drain();
    expect(await codeOf(id)).toBe('1120065000');
    expect(kakao.asked).toEqual([]);
  });

  it('is asked for again after Kakao failed, and the walk is saved in the meantime', async () => {
    kakao.regions.push(dongAt(0));
    kakao.fault({ path: '/v2/local/geo', times: 3 }, { status: 500 });
    const { id } = await walk(0);
    expect(await codeOf(id)).toBeNull();
    await test.queue.drain();
    expect(await codeOf(id)).toBe(dongAt(0).code);
  });

  it('is given up quietly after a day', async () => {
    kakao.fault({ path: '/v2/local/geo' }, { status: 500 });
    const errors = test.log.errors.length;
    const { id } = await walk(0);
    await test.queue.drain();
    expect(await codeOf(id)).toBeNull();
    expect(test.log.errors.length).toBe(errors);
    kakao.clearFaults();
    expect(await test.queue.drain()).toBe(0);
  });

  it('at sea is nowhere', async () => {
    const { id } = await walk(0);
    await test.queue.drain();
    expect(await codeOf(id)).toBeNull();
  });

  it('of a walk that was deleted is not learnt', async () => {
    kakao.regions.push(dongAt(0));
    const { id } = await walk(0);
    await ask('DELETE', `/walks/${id}`, bori);
    await test.queue.drain();
    expect(await codeOf(id)).toBeNull();
    expect(kakao.asked).toEqual([]);
  });
});

describe('without Kakao', () => {
  let other: TestApp;
  let mongi: Person;
  beforeAll(async () => {
    other = await startTestApp();
    mongi = await signIn(other);
  });
  afterAll(() => other.close());
  const at = (lat: number, lng: number) => get(`/regions/resolve?lat=${lat}&lng=${lng}`, mongi);

  it('and without boundaries nothing can be looked up, and walks are saved as ever', async () => {
    expectProblem(await at(37.5, 127), 503, 'provider-not-configured');
    expectProblem(await at(35.6812, 139.7671), 422, 'outside-korea');
    const { id } = await given.walk(mongi);
    await other.queue.drain();
    expect((await other.db.prisma.walk.findUniqueOrThrow({ where: { id } })).startRegionCode).toBeNull();
  });

  it('the boundaries alone decide', async () => {
    const [one] = dongGrid(1) as [Dong];
    await importRegions(other.db, collectionOf([one]), { now: other.clock.now() });
    expect((await at(one.lat, one.lng)).body.code).toBe(one.code);
    expectProblem(await at(37.5, 127), 422, 'no-region-here');
  });
});
