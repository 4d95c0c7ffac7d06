import { cardContentOf } from '../../src/modules/shares/card/content-rules.js';
import { fonts } from '../../src/modules/shares/card/fonts.js';
import { Cards } from '../../src/modules/shares/cards.service.js';
import { sharePage } from '../../src/modules/shares/page/share-page.js';
import type { Position } from '../../src/modules/walks/track/index.js';
import { homeWalk } from '../builders/home-walks.js';
import { SEOUL_FOREST } from '../builders/tracks.js';
import { send, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { secret } from '../support/leaks.js';
import { get, post } from '../support/rest.js';

const WALKS = 30;
const DAY_MS = 86_400_000;

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
  test.clock.set('2026-11-20T03:00:00Z');
});
afterAll(() => test.close());

it.each([
  ['with a zone', 5],
  ['without', 6], // other ways: a copy of another's track does not count
])(
  'P01 P02 P03 cards and pages of 30 walks from one home tell nothing that their walks do not tell (%s)',
  async (protection, seed) => {
    const [owner, stranger] = [await signIn(test), await signIn(test)];
    const home = SEOUL_FOREST;
    if (protection === 'with a zone')
      await post('/users/me/privacy-zones', owner, { name: '집', ...home, radiusM: 200 });
    const pet = await given.pet(owner, { name: '보리' });
    const { covers } = await fonts();
    let routes = 0;
    for (let walk = 0; walk < WALKS; walk++) {
      const startMs = Date.parse('2026-11-18T23:30:00Z') - walk * DAY_MS;
      const points = homeWalk({ home, walk, seed, startMs, intervalS: 20 });
      const { id } = await given.walk(owner, { points, visibility: 'public', petId: pet.id });
      const { body: told } = await get(`/walks/${id}`, stranger);
      const { body: route } = await get(`/walks/${id}/route`, stranger);
      const lines = (route.geometry.coordinates as [number, number][][]).map((line) =>
        line.map(([lng, lat]): Position => ({ lat, lng })),
      );
      if (lines.length > 0) routes++;
      // Made by the stranger, of nothing but what the stranger is told.
      const petNames = (told.pets as { name: string }[]).map(({ name }) => name);
      const remade = cardContentOf({ ...told, petNames, lines }, [], 'milk', covers);
      const { content } = (await test.app.get(Cards).of(id, 'milk'))!;
      expect(content).toEqual(remade);
      const { url } = (await post(`/walks/${id}/shares`, owner, {})).body as { url: string };
      const token = secret(new URL(url).pathname.slice('/s/'.length));
      expect((await send(test, 'GET', `/s/${token}`)).text).toBe(sharePage(remade, { url, token }).html);
    }
    expect(routes).toBeGreaterThan(WALKS / 2);
    await test.queue.drain();
  },
  120_000,
);
