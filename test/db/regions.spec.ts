import { importRegions } from '../../src/modules/regions/index.js';
import { regionCovering } from '../../src/modules/regions/regions.queries.js';
import { collectionOf, dongGrid } from '../builders/dongs.js';
import { signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { plansOf } from '../support/plans.js';
import { get } from '../support/rest.js';

const COUNT = 3_500;
const DONGS = dongGrid(COUNT);

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
  const progress: number[] = [];
  const report = await importRegions(test.db, collectionOf(DONGS), {
    now: test.clock.now(),
    onProgress: (done) => progress.push(done),
  });
  expect(report).toEqual({
    imported: COUNT,
    added: COUNT,
    changed: 0,
    retired: 0,
    repaired: 0,
    rejected: [],
  });
  expect(progress).toHaveLength(COUNT / 100);
  expect(progress.at(-1)).toBe(COUNT);
});
afterAll(() => test.close());

it('W03 a point of 3,500 dongs is one statement, by the index of the boundaries', async () => {
  const { lat, lng } = DONGS[1_234]!;
  const plans = await plansOf(test.db, (db) => regionCovering(db, lat, lng));
  expect(plans).toHaveLength(2); // the one statement with its values, and prepared for any
  for (const { scans } of plans) {
    expect(scans.join('\n')).toMatch(/Index Scan (regions )?regions_boundary_idx/);
    expect(scans.filter((scan) => scan.startsWith('Seq Scan regions'))).toEqual([]);
  }
});

it('each point is in its dong, in a hole in none, and on a border in the one of the smaller code', async () => {
  for (let i = 0; i < COUNT; i += 97) {
    const { lat, lng, code } = DONGS[i]!;
    expect((await regionCovering(test.db, lat, lng))?.code).toBe(code);
  }
  const [first, second] = DONGS as [(typeof DONGS)[0], (typeof DONGS)[0]];
  expect(await regionCovering(test.db, first.lat + 0.01, first.lng + 0.01)).toBeNull();
  expect((await regionCovering(test.db, first.lat, first.rings[0]![1]![0]))?.code).toBe(
    [first.code, second.code].sort()[0],
  );
});

it('the route asks the database once', async () => {
  const bori = await signIn(test);
  const { lat, lng, code, name } = DONGS[77]!;
  const asked: string[] = [];
  const rows = test.db.rows.bind(test.db);
  test.db.rows = (query, values) => {
    asked.push(query.name);
    return rows(query, values);
  };
  const { status, body } = await get(`/regions/resolve?lat=${lat}&lng=${lng}`, bori);
  test.db.rows = rows;
  expect([status, body]).toEqual([200, expect.objectContaining({ code, name })]);
  expect(asked.filter((query) => query.startsWith('regions'))).toEqual(['regions_covering']);
});

it('a second import of the same changes nothing', async () => {
  test.clock.advance({ days: 1 });
  expect(await importRegions(test.db, collectionOf(DONGS), { now: test.clock.now() })).toEqual({
    ...{ imported: COUNT, added: 0, changed: 0, retired: 0, repaired: 0, rejected: [] },
  });
});
