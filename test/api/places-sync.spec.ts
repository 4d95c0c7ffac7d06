import proj4 from 'proj4';
import { syncPlaces } from '../../src/modules/places/index.js';
import { EPSG_5174 } from '../../src/modules/places/projection-rules.js';
import { PlaceSync } from '../../src/modules/places/sync.service.js';
import { statement } from '../../src/platform/database/database.js';
import { type KakaoLocalSimulator, startKakaoLocal } from '../simulators/kakao-local.js';
import { type PublicDataSimulator, startPublicData, type WireRow } from '../simulators/public-data.js';
import { signIn } from '../support/api.js';
import { restBreakers } from '../support/breakers.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { get } from '../support/rest.js';

/** Long past, so that what waits by this clock is due by the database's. */
const NIGHT = '2024-11-20T17:40:00Z';
const CITY_HALL = { lat: 37.5665, lng: 126.978 };
const [VET, PET_PLACE] = ['animal_hospitals', 'pet_tour'] as const;

let data: PublicDataSimulator;
let kakao: KakaoLocalSimulator;
let test: TestApp;
beforeAll(async () => {
  [data, kakao] = await Promise.all([startPublicData(), startKakaoLocal()]);
  test = await startTestApp({ env: { ...data.env, ...kakao.env } });
  test.clock.set(NIGHT);
});
afterAll(async () => {
  await test.close();
  await Promise.all([data.close(), kakao.close()]);
});
beforeEach(async () => {
  restBreakers(test);
  data.reset();
  kakao.reset();
  test.clock.set(NIGHT);
  await test.db.prisma.place.deleteMany();
  await test.db.prisma.placeSyncRun.deleteMany();
  await test.db.prisma.dailyQuota.deleteMany();
});

/** On a line to the east of City Hall, some 9 m from one to the next. */
function vet(number: number, more: WireRow = {}, { lat, lng } = CITY_HALL): WireRow {
  const [x, y] = proj4('+proj=longlat +datum=WGS84 +no_defs', EPSG_5174).forward<[number, number]>([
    lng + number / 10_000,
    lat,
  ]);
  return {
    ...{ OPN_ATMY_GRP_CD: '3000000', MNG_NO: `300000001020240${String(number).padStart(3, '0')}` },
    ...{ BPLC_NM: `동물병원 ${number}`, ROAD_NM_ADDR: `서울특별시 중구 세종대로 ${number}`, LOTNO_ADDR: '' },
    ...{ TELNO: '02-000-0000', SALS_STTS_CD: '01', SALS_STTS_NM: '영업/정상' },
    ...{ CRD_INFO_X: x.toFixed(4), CRD_INFO_Y: y.toFixed(4), LAST_MDFCN_PNT: '2024-10-20 11:00:00' },
    ...more,
  };
}

const petPlace = (number: number, more: WireRow = {}): WireRow => ({
  ...{ contentid: String(700_000 + number), contenttypeid: '39', title: `애견카페 ${number}` },
  ...{ addr1: '서울특별시 중구 무교로', addr2: String(number), tel: '02-111-1111', showflag: '1' },
  ...{ mapx: String(CITY_HALL.lng + number / 10_000), mapy: String(CITY_HALL.lat) },
  ...{ modifiedtime: '20241020110000', firstimage: 'http://tong.visitkorea.or.kr/a.jpg' },
  ...more,
});

const vets = (count: number, from = 1) => Array.from({ length: count }, (_, i) => vet(from + i));
function list(...rows: WireRow[]) {
  data.vets.length = 0;
  data.vets.push(...rows);
}

async function begin(): Promise<void> {
  await test.db.transaction((tx) =>
    test.queue.enqueue(tx, syncPlaces, { slotAt: test.clock.now().toISOString() }),
  );
}
async function sync({ nightsLater = 0 } = {}): Promise<void> {
  test.clock.advance({ days: nightsLater });
  await begin();
  await test.queue.drain();
}
const runs = (source: typeof VET | typeof PET_PLACE = VET) =>
  test.db.prisma.placeSyncRun.findMany({ where: { source }, orderBy: { startedAt: 'asc' } });
const lastRun = async (source?: typeof VET | typeof PET_PLACE) => (await runs(source)).at(-1)!;
const rows = () => test.db.prisma.place.findMany({ orderBy: { sourceKey: 'asc' } });
const pagesAsked = () => data.asked.filter(({ list: of }) => of === 'vets').map(({ page }) => page);

async function near(query = 'kind=vet&radiusM=20000&limit=50') {
  const bori = await signIn(test); // the nights between are longer than a session that nobody uses
  const { status, body } = await get(
    `/places/nearby?lat=${CITY_HALL.lat}&lng=${CITY_HALL.lng}&${query}`,
    bori,
  );
  expect(status).toBe(200);
  return body.items as { id: string; name: string; distanceM: number; petNote: string | null; lat: number }[];
}
const namesNear = async (query?: string) => (await near(query)).map(({ name }) => name);

describe('a first run', () => {
  it('W04 stores vets where the landmarks are, and not hundreds of metres off', async () => {
    list(vet(0), vet(1, {}, { lat: 35.1152, lng: 129.0415 }));
    await sync();
    expect(await near()).toEqual([
      expect.objectContaining({
        name: '동물병원 0',
        kind: 'vet',
        address: '서울특별시 중구 세종대로 0',
        phone: '02-000-0000',
        petNote: null,
        distanceM: 0,
        attribution: '행정안전부 · 공공데이터포털',
      }),
    ]);
    expect((await rows()).map(({ lat, lng }) => [lat!.toFixed(4), lng!.toFixed(4)])).toEqual([
      ['37.5665', '126.9780'],
      ['35.1152', '129.0416'],
    ]);
  });

  it('goes over all pages, and says what it did', async () => {
    list(...vets(203), vet(300, { SALS_STTS_CD: '03' }), vet(301, { BPLC_NM: '' }));
    await sync();
    expect(pagesAsked()).toEqual([1, 2, 3]);
    expect(await lastRun()).toMatchObject({
      ...{ state: 'finished', isSweep: true, pages: 3, failure: null, endedAt: test.clock.now() },
      ...{ added: 203, changed: 0, unchanged: 1, closed: 0, rejected: 1 },
    });
    expect(await rows()).toHaveLength(203);
  });

  it('takes a list of one, of none, and an answer without data', async () => {
    list(vet(1));
    data.answerWith({ list: 'petPlaces', times: 1 }, 'no-data-yet');
    await sync();
    expect(await namesNear()).toEqual(['동물병원 1']);
    expect((await lastRun(PET_PLACE)).state).toBe('failed'); // a list of nothing is no list
    data.petPlaces.push(petPlace(1));
    await sync({ nightsLater: 1 });
    expect(await lastRun(PET_PLACE)).toMatchObject({ state: 'finished', added: 1 });
  });

  it('W04 leaves out spots that cannot be, with their number', async () => {
    list(
      vet(1),
      vet(2, { CRD_INFO_X: '953900.1', CRD_INFO_Y: '1952000.5' }), // EPSG:5179
      vet(3, { CRD_INFO_X: '126.97', CRD_INFO_Y: '37.56' }),
    );
    await sync();
    expect(await namesNear()).toEqual(['동물병원 1']);
    expect(await lastRun()).toMatchObject({ added: 1, rejected: 2 });
  });

  it('finds by its address what has no coordinates, once', async () => {
    const nowhere = { CRD_INFO_X: '', CRD_INFO_Y: '' };
    list(vet(1, nowhere), vet(2, nowhere));
    kakao.addresses.set('서울특별시 중구 세종대로 1', { lat: 37.5666, lng: 126.9785 });
    await sync();
    expect(await namesNear()).toEqual(['동물병원 1']);
    expect(await lastRun()).toMatchObject({ added: 2, rejected: 0 });
    expect(kakao.asked).toHaveLength(2);

    await sync({ nightsLater: 8 });
    expect(kakao.asked).toHaveLength(3); // only the one that was not found
    expect(await namesNear()).toEqual(['동물병원 1']);

    list(vet(1, { ...nowhere, ROAD_NM_ADDR: '서울특별시 중구 세종대로 9' }), vet(2, nowhere));
    kakao.addresses.set('서울특별시 중구 세종대로 9', { lat: 37.5669, lng: 126.9785 });
    await sync({ nightsLater: 8 });
    expect(await near()).toMatchObject([{ name: '동물병원 1', lat: 37.5669 }]);
  });

  it('does without spots while Kakao is down', async () => {
    list(vet(1, { CRD_INFO_X: '', CRD_INFO_Y: '' }), vet(2));
    kakao.fault({ path: '/v2/local/search/address' }, { status: 500 });
    await sync();
    expect(await lastRun()).toMatchObject({ state: 'finished', added: 2 });
    expect(await namesNear()).toEqual(['동물병원 2']);
  });

  it('takes the places of the tourism organisation with what they say of pets', async () => {
    data.petPlaces.push(
      petPlace(1),
      petPlace(2, { contenttypeid: '12', title: '올림픽공원' }),
      petPlace(3, { showflag: '0' }),
      petPlace(4, { contenttypeid: '25' }),
    );
    data.petNotes.push({
      ...{
        contentid: '700001',
        acmpyTypeCd: '전구역 동반가능',
        acmpyPsblCpam: '소형견',
        acmpyNeedMtr: '목줄',
      },
      ...{ etcAcmpyInfo: '' },
    });
    await sync();
    expect(await near('kind=cafe')).toEqual([
      expect.objectContaining({
        ...{ name: '애견카페 1', address: '서울특별시 중구 무교로 1', petNote: '소형견 · 목줄' },
        imageUrl: 'http://tong.visitkorea.or.kr/a.jpg',
        attribution: '한국관광공사 · 공공데이터포털',
      }),
    ]);
    expect(await namesNear('kind=park')).toEqual(['올림픽공원']);
    expect(await lastRun(PET_PLACE)).toMatchObject({
      state: 'finished',
      added: 2,
      unchanged: 1,
      rejected: 1,
    });
  });
});

describe('later runs', () => {
  it('W04 keep ids, whatever changes', async () => {
    list(...vets(3));
    await sync();
    const before = await rows();
    list(vet(1), vet(2, { BPLC_NM: '새 이름' }), vet(3, {}, { lat: 37.57, lng: 126.98 }));
    await sync({ nightsLater: 8 });
    expect(await lastRun()).toMatchObject({ isSweep: true, added: 0, changed: 2, unchanged: 1, closed: 0 });
    const after = await rows();
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(after.map(({ name }) => name)).toEqual(['동물병원 1', '새 이름', '동물병원 3']);
    expect(after[2]!.lat).toBeCloseTo(37.57, 4);
  });

  it('W04 hide what was closed, and show what opened again under the same id', async () => {
    list(...vets(3));
    await sync();
    const ids = (await rows()).map(({ id }) => id);
    const changed = { LAST_MDFCN_PNT: '2024-11-21 01:00:00' };
    list(vet(1, { ...changed, SALS_STTS_CD: '03' }), vet(2, { ...changed, SALS_STTS_CD: '02' }), vet(3));
    await sync({ nightsLater: 1 });
    expect(await lastRun()).toMatchObject({ isSweep: false, closed: 2, unchanged: 0 });
    expect(await namesNear()).toEqual(['동물병원 3']);

    list(vet(1, { LAST_MDFCN_PNT: '2024-11-22 01:00:00' }), vet(2, { SALS_STTS_CD: '02' }), vet(3));
    await sync({ nightsLater: 1 });
    expect(await namesNear()).toEqual(['동물병원 1', '동물병원 3']);
    expect((await rows()).map(({ id }) => id)).toEqual(ids);
  });

  it('ask only for what changed, and once a week for everything', async () => {
    list(...vets(3));
    for (let night = 0; night <= 7; night++) await sync({ nightsLater: Number(night > 0) });
    expect((await runs()).map(({ isSweep }) => isSweep)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(data.asked.filter(({ list: of }) => of === 'vets')[1]!.params).toMatchObject({
      'cond[LAST_MDFCN_PNT::GTE]': '20241119020000', // two days before the first night
    });
  });

  it('W04 close what a sweep does not list any more', async () => {
    list(...vets(10));
    await sync();
    list(...vets(9));
    await sync({ nightsLater: 8 });
    expect(await lastRun()).toMatchObject({ state: 'finished', closed: 1, unchanged: 9 });
    expect(await namesNear()).not.toContain('동물병원 10');
  });

  it('close nothing for a list that was cut', async () => {
    list(...vets(10));
    await sync();
    const failed = async () => {
      await sync({ nightsLater: 8 });
      expect(await lastRun()).toMatchObject({ state: 'failed', failure: 'list-incomplete', closed: 0 });
      expect(await namesNear()).toHaveLength(10);
    };
    list(...vets(7)); // fewer than four in five
    await failed();
    list(...vets(9));
    data.claimTotal('vets', 10);
    await failed();
    list();
    data.claimTotal('vets', null);
    await failed();
    expect(test.log.errors.map(({ alarm }) => alarm)).toContain('places-list-incomplete');
  });

  it('leave open what was listed but cannot be read', async () => {
    list(...vets(10));
    await sync();
    list(...vets(9), vet(10, { CRD_INFO_X: '1', CRD_INFO_Y: '1' }));
    await sync({ nightsLater: 8 });
    expect(await lastRun()).toMatchObject({ state: 'finished', closed: 0, rejected: 1 });
    expect(await namesNear()).toHaveLength(10);
  });
});

describe('a run that is disturbed', () => {
  it('waits out a provider that fails for a while', async () => {
    list(...vets(250));
    data.answerWith({ list: 'vets', page: 2, times: 2 }, 'server-error');
    await sync();
    expect(pagesAsked()).toEqual([1, 2, 2, 2, 3]);
    expect(await lastRun()).toMatchObject({ state: 'finished', added: 250, failure: null });
  });

  it.each(['server-error', 'html'] as const)(
    'W04 closes nothing when %s comes in the middle of a sweep, and goes on there the next night',
    async (answer) => {
      list(...vets(250));
      await sync();
      data.asked.length = 0;
      data.answerWith({ list: 'vets', page: 3, times: 5 }, answer);
      await sync({ nightsLater: 8 });
      expect(pagesAsked()).toEqual([1, 2, 3, 3, 3, 3, 3]);
      expect(await lastRun()).toMatchObject({ state: 'running', nextPage: 3, closed: 0 });
      expect(await test.db.prisma.place.count({ where: { closedAt: null } })).toBe(250);

      restBreakers(test);
      await sync({ nightsLater: 1 });
      expect(pagesAsked()).toEqual([1, 2, 3, 3, 3, 3, 3, 3]);
      expect(await lastRun()).toMatchObject({ state: 'finished', unchanged: 250, closed: 0 });
      expect(await runs()).toHaveLength(2);
    },
  );

  it.each(['quota', 'quota-429'] as const)('rests when the day is used up, as %s says', async (answer) => {
    list(...vets(150));
    data.answerWith({ list: 'vets', page: 2, times: 1 }, answer);
    await sync();
    expect(await lastRun()).toMatchObject({
      state: 'running',
      nextPage: 2,
      failure: expect.stringContaining('quota'),
    });
    await sync(); // still the same day
    expect(pagesAsked()).toEqual([1, 2]);
    await sync({ nightsLater: 1 });
    expect(pagesAsked()).toEqual([1, 2, 2]);
    expect(await lastRun()).toMatchObject({ state: 'finished', added: 150 });
  });

  it.each(['xml-200', 'json-403', 'text-401'] as const)('ends at once on %s, loudly', async (answer) => {
    data.answerWith({ list: 'vets' }, answer);
    await sync();
    expect(pagesAsked()).toEqual([1]);
    expect(await lastRun()).toMatchObject({ state: 'failed', failure: expect.stringContaining('refused') });
    expect(test.log.errors).toContainEqual(expect.objectContaining({ alarm: 'animal-hospitals-refused' }));
  });

  it('finishes without the notes that it may not have', async () => {
    data.petPlaces.push(petPlace(1));
    data.answerWith({ list: 'petNotes' }, 'json-403');
    await sync();
    expect(await lastRun(PET_PLACE)).toMatchObject({ state: 'finished', added: 1 });
  });

  it('goes on where it stood when its process was killed between two pages', async () => {
    list(...vets(250));
    const sync1 = test.app.get(PlaceSync);
    await sync1.start();
    const run = await lastRun();
    await sync1.takePage({ runId: run.id, page: 1, failures: 0 });
    await sync1.takePage({ runId: run.id, page: 1, failures: 0 }); // a job that comes twice does nothing
    await forgetJobs();
    expect(await lastRun()).toMatchObject({ state: 'running', nextPage: 2, added: 100 });

    await sync();
    expect(pagesAsked()).toEqual([1, 2, 3]);
    expect(await runs()).toHaveLength(1);
    expect(await lastRun()).toMatchObject({ state: 'finished', added: 250, pages: 3 });
  });

  it('starts over when it was left for days', async () => {
    list(...vets(150));
    await test.app.get(PlaceSync).start();
    await forgetJobs();
    await sync({ nightsLater: 3 });
    expect((await runs()).map(({ state }) => state)).toEqual(['failed', 'finished']);
    expect(await lastRun()).toMatchObject({ added: 150 });
  });

  it('is one, however many begin it at once', async () => {
    list(...vets(150));
    const places = test.app.get(PlaceSync);
    await Promise.all([places.start(), places.start(), begin(), begin()]);
    await test.queue.drain();
    expect(await runs()).toHaveLength(1);
    expect(pagesAsked()).toEqual([1, 2]);
    expect(await lastRun()).toMatchObject({ state: 'finished', added: 150 });
  });
});

describe('without a key', () => {
  it('does nothing without a key', async () => {
    const other = await startTestApp();
    await other.app.get(PlaceSync).start();
    expect(await other.db.prisma.placeSyncRun.count()).toBe(0);
    await other.close();
  });
});

const removeJobs = statement<never>(
  'test_remove_jobs',
  `delete from pgboss.job where name = 'places.sync-page'`,
);
const forgetJobs = () => test.db.rows(removeJobs, []);
