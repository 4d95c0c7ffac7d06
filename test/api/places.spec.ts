import { randomUUID } from 'node:crypto';
import { type KakaoLocalSimulator, startKakaoLocal } from '../simulators/kakao-local.js';
import { fillPlaces } from '../builders/places.js';
import { placesNear } from '../../src/modules/places/places.queries.js';
import { expectFieldFault, expectProblem, type Person, send, signIn } from '../support/api.js';
import { restBreakers } from '../support/breakers.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { plansOf } from '../support/plans.js';
import { get } from '../support/rest.js';

const COUNT = 30_000;
const HERE = { lat: 37.5565, lng: 126.9243 };

let kakao: KakaoLocalSimulator;
let test: TestApp;
let bori: Person;
beforeAll(async () => {
  kakao = await startKakaoLocal();
  test = await startTestApp({ env: { ...kakao.env, OUTBOUND_TIMEOUT_SECONDS: '0.5' } });
  await fillPlaces(test.db, COUNT);
});
afterAll(async () => {
  await test.close();
  await kakao.close();
});
beforeEach(async () => {
  restBreakers(test);
  kakao.reset();
  bori = await signIn(test);
  await test.db.prisma.dailyQuota.deleteMany();
});

interface Item {
  id: string;
  kind: string;
  lat: number;
  lng: number;
  distanceM: number;
}
const metres = (item: { lat: number; lng: number }) =>
  Math.hypot(
    (item.lat - HERE.lat) * 110_980,
    (item.lng - HERE.lng) * 111_320 * Math.cos((HERE.lat * Math.PI) / 180),
  );

describe('GET /places/nearby', () => {
  const near = async (query = ''): Promise<Item[]> => {
    const { status, body } = await get(`/places/nearby?lat=${HERE.lat}&lng=${HERE.lng}${query}`, bori);
    expect(status).toBe(200);
    return body.items;
  };

  it('gives the nearest open ones first, with metres', async () => {
    const all = await test.db.prisma.place.findMany({ where: { closedAt: null, lat: { not: null } } });
    const nearest = all
      .map((place) => ({ id: place.id, m: metres({ lat: place.lat!, lng: place.lng! }) }))
      .filter(({ m }) => m <= 3_000)
      .sort((one, other) => one.m - other.m)
      .slice(0, 20);
    const items = await near();
    expect(items.map(({ id }) => id)).toEqual(nearest.map(({ id }) => id));
    items.forEach(({ distanceM }, i) => expect(Math.abs(distanceM - nearest[i]!.m)).toBeLessThan(15));
  });

  it('keeps to the kind, the radius and the number', async () => {
    const vets = await near('&kind=vet&radiusM=20000&limit=50');
    expect(vets).toHaveLength(50);
    expect(new Set(vets.map(({ kind }) => kind))).toEqual(new Set(['vet']));
    const close = await near('&radiusM=100&limit=50');
    expect(close.every(({ distanceM }) => distanceM <= 100)).toBe(true);
    expect(close.length).toBeLessThan((await near('&radiusM=500&limit=50')).length);
  });

  it('W04 does not show what is closed, or without a spot', async () => {
    const [first] = await near('&limit=1');
    await test.db.prisma.place.update({ where: { id: first!.id }, data: { closedAt: test.clock.now() } });
    expect((await near()).map(({ id }) => id)).not.toContain(first!.id);
    await test.db.prisma.place.update({ where: { id: first!.id }, data: { closedAt: null } });
    expect((await near('&limit=1'))[0]!.id).toBe(first!.id);
  });

  it('W03 has nothing at sea, and knows no other country', async () => {
    const { status, body } = await get('/places/nearby?lat=36.5&lng=125', bori);
    expect([status, body]).toEqual([200, { items: [] }]);
    expectProblem(await get('/places/nearby?lat=-33.8&lng=151.2', bori), 422, 'outside-korea');
  });

  it.each([null, 'vet', 'culture'] as const)(
    'is one statement by the index of open places: kind %s',
    async (kind) => {
      for (const radiusM of [100, 3_000, 20_000]) {
        const plans = await plansOf(test.db, (db) => placesNear(db, { ...HERE, radiusM, kind, count: 20 }));
        expect(plans).toHaveLength(2);
        for (const { scans } of plans) {
          expect(scans.join('\n')).toMatch(/Index Scan (places )?places_open_on_plane/);
          expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([]);
        }
      }
    },
  );

  it.each([
    ['kind=hospital', 'kind'],
    ['radiusM=99', 'radiusM'],
    ['radiusM=20001', 'radiusM'],
    ['limit=51', 'limit'],
    ['limit=0', 'limit'],
    ['near=me', 'near'],
  ])('refuses %s', async (query, field) => {
    expectFieldFault(await get(`/places/nearby?lat=37.5&lng=127&${query}`, bori), field);
  });

  it('is for people who are logged in', async () => {
    expectProblem(await send(test, 'GET', '/places/nearby?lat=37.5&lng=127'), 401, 'unauthorized');
  });
});

describe('GET /places/search', () => {
  const run = randomUUID().slice(0, 8);
  let word = 0;
  let q: string;
  beforeEach(() => {
    q = `보리동물병원 ${run} ${++word}`; // found by nobody before: Redis remembers from one run to the next
    kakao.places.push({
      ...{
        id: '900000001',
        name: `${q} 연남점`,
        category: '가정,생활 > 반려동물 > 동물병원',
        phone: '02-000-1111',
      },
      ...{
        address: '서울 마포구 연남동 1-1',
        roadAddress: '서울 마포구 예시로 1',
        lat: 37.562,
        lng: 126.9231,
      },
    });
  });
  const search = (query: string, as = bori) => get(`/places/search?${query}`, as);
  const words = (text = q) => `q=${encodeURIComponent(text)}`;
  const here = `&lat=${HERE.lat}&lng=${HERE.lng}`;

  it('gives what Kakao found, its documented fields only, and says whose it is', async () => {
    const { status, body, text } = await search(words() + here);
    expect([status, body]).toEqual([
      200,
      {
        items: [
          {
            ...{ id: '900000001', name: `${q} 연남점`, category: '가정,생활 > 반려동물 > 동물병원' },
            ...{ address: '서울 마포구 예시로 1', phone: '02-000-1111', lat: 37.562, lng: 126.9231 },
            distanceM: expect.any(Number),
            url: 'https://place.map.kakao.com/900000001',
          },
        ],
        attribution: 'Kakao',
      },
    ]);
    expect(Math.abs(body.items[0].distanceM - metres({ lat: 37.562, lng: 126.9231 }))).toBeLessThan(10);
    expect(text).not.toContain(kakao.env.KAKAO_REST_API_KEY);
  });

  it('asks once for an hour, for everybody who is near, however it is written', async () => {
    await search(words() + here);
    const mongi = await signIn(test);
    await search(`${words(` ${q} `)}&lat=${HERE.lat + 0.001}&lng=${HERE.lng}`, mongi);
    expect(kakao.asked.map(({ params }) => params)).toEqual([
      { query: q, size: '15', x: '126.92', y: '37.56', radius: '20000' },
    ]);
    await search(`${words()}&lat=35.1&lng=129`);
    await search(words());
    expect(kakao.asked).toHaveLength(3);
    expect(kakao.asked[2]!.params).toEqual({ query: q, size: '15' });
  });

  it('without a point gives no distance', async () => {
    expect((await search(words())).body.items).toMatchObject([{ id: '900000001', distanceM: null }]);
    expect((await search(words(`없는 곳 ${run}`))).body.items).toEqual([]);
  });

  it('W02 is unavailable, clearly, when Kakao is, and keeps no failure', async () => {
    const failures = [{ status: 500 }, 429, 'timeout', 'html', 'truncatedJson', 'reset'] as const;
    for (const kind of failures) {
      restBreakers(test);
      kakao.fault({ path: '/v2/local/search', times: 1 }, kind);
      expectProblem(await search(words()), 503, 'place-search-unavailable');
    }
    kakao.fail('wrong-key');
    expectProblem(await search(words()), 503, 'place-search-unavailable');
    kakao.fail(null);
    expect((await search(words())).status).toBe(200);
  });

  it('W02 says so within 300 ms while Kakao rests', async () => {
    kakao.fault({ path: '/v2/local/search' }, { status: 500 });
    for (let i = 0; i < 5; i++) expectProblem(await search(words()), 503, 'place-search-unavailable');
    const tries: number[] = [];
    for (let i = 0; i < 3; i++) {
      const before = performance.now();
      expectProblem(await search(words()), 503, 'place-search-unavailable');
      tries.push(performance.now() - before);
    }
    expect(Math.min(...tries)).toBeLessThan(300);
  });

  it('W02 counts nothing while Kakao rests', async () => {
    kakao.fault({ path: '/v2/local/search' }, { status: 500 });
    for (let i = 0; i < 20; i++) {
      const answer = await search(words());
      expectProblem(answer, 503, 'place-search-unavailable');
      expect(answer.headers.get('retry-after')).toBe('30');
    }
    const counts = await test.db.prisma.dailyQuota.findMany();
    expect(counts.map(({ name, used }) => [name, used]).sort()).toEqual([
      ['kakao-local', 5],
      ['kakao-search', 5],
      [`kakao-search:${bori.id}`, 5],
    ]);
  });

  it('has a number of searches a day for each user, and one for all', async () => {
    const used = (name: string, count: number) =>
      test.db.prisma.dailyQuota.create({ data: { day: new Date('2026-11-20'), name, used: count } });
    await used(`kakao-search:${bori.id}`, 299);
    expect((await search(words())).status).toBe(200);
    const refused = await search(words(`다른 곳 ${run}`));
    expectProblem(refused, 429, 'search-quota-used-up');
    expect(refused.headers.get('retry-after')).toBe(String(12 * 3_600)); // midnight in Korea
    expect((await search(words())).status).toBe(200); // what is known costs nothing
    const mongi = await signIn(test);
    expect((await search(words(`다른 곳 ${run}`), mongi)).status).toBe(200);
    await test.db.prisma.dailyQuota.update({
      where: { day_name: { day: new Date('2026-11-20'), name: 'kakao-search' } },
      data: { used: 50_000 },
    });
    expectProblem(await search(words(`또 다른 곳 ${run}`), mongi), 503, 'place-search-unavailable');
    test.clock.advance({ days: 1 });
    expect((await search(words(`다른 곳 둘 ${run}`))).status).toBe(200);
    test.clock.advance({ days: -1 });
  });

  it.each([
    ['', 'q'],
    ['q=%20', 'q'],
    [`q=${'a'.repeat(51)}`, 'q'],
    ['q=a&lat=37.5', 'lng'],
    ['q=a&lat=95&lng=127', 'lat'],
    ['q=a&page=2', 'page'],
  ])('refuses ?%s', async (query, field) => {
    expectFieldFault(await search(query), field);
  });
});

describe('without Kakao', () => {
  it('there is nothing to search with', async () => {
    const other = await startTestApp();
    expectProblem(await get('/places/search?q=a', await signIn(other)), 503, 'provider-not-configured');
    await other.close();
  });
});
