import { type Answer, expectProblem, type Person, signIn } from '../support/api.js';
import { get } from '../support/rest.js';
import { startWeatherWorld, type WeatherWorld } from '../support/weather-world.js';

const PATH = '/weather/walk-score?lat=37.5665&lng=126.978';

let world: WeatherWorld;
let bori: Person;
beforeAll(async () => {
  world = await startWeatherWorld();
  bori = await signIn(world.test);
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const score = async (petId?: string) => (await get(petId ? `${PATH}&petId=${petId}` : PATH, bori)).body;
const codes = ({ reasons }: Answer['body']): string[] => reasons.map(({ code }: { code: string }) => code);
async function dog(of: Person, more: object): Promise<string> {
  return (await of.send('POST', '/pets', { name: '콩이', ...more })).body.id as string;
}

it('is good on a fine autumn noon, and there is no better hour', async () => {
  expect(await score()).toMatchObject({
    ...{ score: 95, level: 'good', label: '좋음', petId: null, observedAt: '2026-11-20T03:00:00.000Z' },
    reasons: [{ code: 'air', points: 5, text: '미세먼지 37, 초미세먼지 18㎍/㎥이에요.' }],
    sources: ['기상청 단기예보', '한국환경공단 에어코리아'],
  });
});

it('is bad in a downpour, and the best hour is after it; the earlier of equal ones', async () => {
  for (let hour = 3; hour < 8; hour++)
    world.kma.set({ pty: '1', rain: '30.0~50.0mm' }, `2026-11-20T0${hour}:00:00Z`);
  const { level, label, reasons, bestHour } = await score();
  expect([level, label, reasons[0].code]).toEqual(['bad', '나쁨', 'rain']);
  expect(bestHour).toMatchObject({ at: '2026-11-20T08:00:00.000Z', level: 'good', label: '좋음' });
});

it('is worse for a dog that minds the heat, and says why', async () => {
  world.kma.set({ temperature: '29', humidity: '60' });
  const pug = await dog(bori, { breed: '퍼그', birthDate: '2022-05-01', weightKg: 8 });
  const retriever = await dog(bori, { breed: '골든 리트리버', birthDate: '2022-05-01', weightKg: 20 });
  const [ofPug, ofRetriever, ofAny] = [await score(pug), await score(retriever), await score()];
  expect(ofPug.petId).toBe(pug);
  expect(ofPug.score).toBeLessThan(ofRetriever.score);
  expect(ofRetriever.score).toBe(ofAny.score);
  expect(codes(ofPug)).toEqual(expect.arrayContaining(['hot', 'pet-brachycephalic']));
  expect(codes(ofRetriever)).not.toContain('pet-brachycephalic');
});

it('is of one’s own dogs only', async () => {
  const kong = await signIn(world.test);
  const theirs = await dog(kong, {});
  for (const petId of [theirs, '0193a1b2-0000-7000-8000-000000000000'])
    expectProblem(await get(`${PATH}&petId=${petId}`, bori), 404, 'pet-not-found');
  expect(world.kma.calls).toEqual([]);
});

it('without air it is not good, and says what is not known', async () => {
  world.airKorea.fail('xml-200');
  const { level, reasons } = await score();
  expect(level).toBe('fair');
  expect(codes({ reasons })).toContain('unknown-air');
});

it('W02 of what is known when KMA is down, it says that it is old', async () => {
  await score();
  world.kma.fail('database-error');
  world.test.clock.advance({ hours: 3 });
  const old = await score();
  await world.settled();
  expect(codes(old)).toContain('stale-weather');
  expect(old.score).toBeGreaterThan(0);
  expect(old.bestHour).not.toBeNull();
});
