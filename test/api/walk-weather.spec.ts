import { walkChanged } from '../../src/modules/walks/index.js';
import { SEOUL_FOREST } from '../builders/tracks.js';
import { patch, remove, get } from '../support/rest.js';
import { type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startWeatherWorld, type WeatherWorld } from '../support/weather-world.js';

let world: WeatherWorld;
let bori: Person;
beforeAll(async () => {
  world = await startWeatherWorld({ OUTBOUND_TIMEOUT_SECONDS: '0.5' });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.test.queue.drain();
  await world.reset();
  bori = await signIn(world.test);
});

const STARTED = Date.parse('2026-11-20T01:20:00Z');
const walk = (startMs = STARTED) => given.walk(bori, { km: 1, startMs });
const weatherOf = async (id: string) => (await get(`/walks/${id}`, bori)).body.weather;
const asked = () => world.kma.calls.map(({ operation, base }) => `${operation} ${base}`);
const changed = (walkId: string) =>
  world.test.db.transaction((tx) => world.test.queue.record(tx, walkChanged, { walkId, userId: bori.id }));

/** When what is enqueued from here on is to run. */
function atWhichTimes(): () => number[] {
  const { queue } = world.test;
  const times: number[] = [];
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (tx, job, data, options) => {
    if (options?.runAt) times.push(options.runAt.getTime());
    return enqueue(tx, job, data, options);
  };
  return () => {
    queue.enqueue = enqueue;
    return times;
  };
}

it('is that of the hour and the place in which the walk started', async () => {
  world.kma.set({ temperature: '3.4', humidity: '81', wind: '2.5', pty: '2' }, STARTED);
  world.airKorea.set('중구', { dataTime: '2026-11-20 11:00' });
  for (const { stationName } of world.airKorea.stations)
    world.airKorea.set(stationName, { dataTime: '2026-11-20 11:00' });
  const { id, weather } = await walk();
  expect(weather).toBeNull();
  await world.test.queue.drain();
  expect(await weatherOf(id)).toEqual({
    ...{ observedAt: '2026-11-20T01:00:00.000Z', temperatureC: 3.4, humidityPct: 81, windMps: 2.5 },
    ...{ precipitation: 'rain_snow', pm10: 37, pm25: 18 },
  });
  expect(asked()).toEqual(['getUltraSrtNcst 20261120 1000']);
});

it('without the air, when that was measured at another time', async () => {
  const { id } = await walk();
  await world.test.queue.drain();
  expect(await weatherOf(id)).toMatchObject({ temperatureC: 14, pm10: null, pm25: null });
});

it('is asked for once, whatever happens to the walk afterwards in that hour', async () => {
  const { id } = await walk();
  await world.test.queue.drain();
  await patch(`/walks/${id}`, bori, { title: '아침 산책' });
  for (let i = 0; i < 3; i++) await changed(id);
  await world.test.queue.drain();
  expect(asked()).toHaveLength(1);
});

it('is taken from what the cell knows already', async () => {
  world.test.clock.set('2026-11-20T01:30:00Z');
  const { id } = await walk();
  await get(`/weather?lat=${SEOUL_FOREST.lat}&lng=${SEOUL_FOREST.lng}`, bori);
  const { length } = world.kma.calls;
  await world.test.queue.drain();
  expect((await weatherOf(id)).observedAt).toBe('2026-11-20T01:00:00.000Z');
  expect(world.kma.calls).toHaveLength(length);
});

it('stays unknown for a walk of a day ago, of which KMA does not tell', async () => {
  const { id } = await walk(STARTED - 24 * 3_600_000);
  await world.test.queue.drain();
  expect(await weatherOf(id)).toBeNull();
  expect(asked()).toEqual([]);
});

it('W02 keeps no walk from being completed while KMA does not answer, and is given up in peace', async () => {
  world.kma.fault({ path: '/' }, 'timeout');
  const { id, state } = await walk();
  expect(state).toBe('completed');
  await world.test.queue.drain();
  expect(await weatherOf(id)).toBeNull();
  expect(world.kma.requests.length).toBeGreaterThan(1);
  expect(await world.test.queue.drain()).toBe(0);
});

it('W02 is learnt when KMA answers again', async () => {
  world.kma.fail('database-error', { times: 2 });
  const { id } = await walk();
  await world.test.queue.drain();
  expect(await weatherOf(id)).toMatchObject({ temperatureC: 14 });
  expect(asked()).toHaveLength(3);
});

it('W02 is asked for as long as KMA tells of the hour', async () => {
  const runs = atWhichTimes();
  world.kma.fail('database-error');
  await walk();
  await world.test.queue.drain();
  // The clock stands still, so each time to come tells how long is waited for it.
  const waitedH = runs().reduce((sum, at) => sum + (at - world.test.clock.nowMs()) / 3_600_000, 0);
  expect(waitedH).toBeGreaterThan(22);
  expect(waitedH).toBeLessThan(24);
});

it('W02 waits for midnight in Korea when the day’s calls are used up', async () => {
  const runs = atWhichTimes();
  world.kma.fail('quota', { times: 1 });
  const { id } = await walk();
  await world.test.queue.drain();
  expect(new Set(runs())).toEqual(new Set([Date.parse('2026-11-20T15:01:00Z')]));
  expect(asked()).toHaveLength(1); // the day is not over by the clock of the test
  expect(await weatherOf(id)).toBeNull();
});

it('goes with the walk', async () => {
  const { id } = await walk();
  await world.test.queue.drain();
  expect((await remove(`/walks/${id}`, bori)).status).toBe(204);
  await world.test.queue.drain();
  expect(await world.test.db.prisma.walkWeather.findUnique({ where: { walkId: id } })).toBeNull();
});

it('three walks in the rain are a badge, and one in the snow is another', async () => {
  const codes = async () =>
    (await world.test.db.prisma.userBadge.findMany({ where: { userId: bori.id } })).map(({ code }) => code);
  const { id: petId } = await given.pet(bori);
  const inWeather = async (hour: number, pty: string) => {
    const at = Date.parse('2026-11-19T22:05:00Z') + hour * 3_600_000;
    world.kma.set({ pty }, at);
    await given.walk(bori, { km: 1, startMs: at, petId });
    await world.test.queue.drain();
  };
  await inWeather(0, '1');
  await inWeather(1, '5');
  await inWeather(2, '0');
  expect(await codes()).not.toContain('rain_walk_3');
  expect(await codes()).not.toContain('snow_walk_1');
  await inWeather(3, '4');
  expect(await codes()).toContain('rain_walk_3');
  expect(await codes()).not.toContain('snow_walk_1');
  await inWeather(4, '7');
  expect(await codes()).toContain('snow_walk_1');
});
