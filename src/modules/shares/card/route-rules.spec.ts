import fc from 'fast-check';
import { drawnRoute } from './route-rules.js';

const BOX = { x: 100, y: 300, width: 800, height: 600 };
const xyOf = (path: string) =>
  [...path.matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));

const SEOUL = { lat: 37.5443, lng: 127.0374 };
/** Metres to the east and north of there. */
const at = (east: number, north: number) => ({
  lat: SEOUL.lat + north / 111_320,
  lng: SEOUL.lng + east / (111_320 * Math.cos((SEOUL.lat * Math.PI) / 180)),
});

it('keeps the aspect, north up, in the middle of the box', () => {
  const [path] = drawnRoute([[at(0, 0), at(1_000, 0), at(1_000, 500), at(0, 500)]], BOX);
  const [southWest, southEast, northEast, northWest] = xyOf(path!);
  expect(southWest!.x).toBeCloseTo(100, 0);
  expect(southEast!.x).toBeCloseTo(900, 0);
  expect(southEast!.y - northEast!.y).toBeCloseTo(400, 0);
  expect(northWest!.y).toBeCloseTo(400, 0);
});

it('does not blow up a tiny route, and draws a straight line', () => {
  const tiny = xyOf(drawnRoute([[at(0, 0), at(12, 0)]], BOX)[0]!);
  expect(tiny[1]!.x - tiny[0]!.x).toBeLessThan(90);
  const straight = xyOf(drawnRoute([[at(0, 0), at(0, 300), at(0, 900)]], BOX)[0]!);
  expect(straight.map(({ x }) => Math.round(x))).toEqual([500, 500]);
  expect(straight.map(({ y }) => Math.round(y))).toEqual([900, 300]);
});

it('never joins two lines, and draws nothing of none', () => {
  const paths = drawnRoute([[at(0, 0), at(100, 0)], [at(300, 0), at(400, 50)], [at(500, 500)]], BOX);
  expect(paths).toHaveLength(2);
  for (const path of paths) expect(path.match(/M/g)).toHaveLength(1);
  expect(drawnRoute([], BOX)).toEqual([]);
});

it('tells nothing of where it was: another place on the same latitude is the same picture', () => {
  const route = [at(0, 0), at(420, 130), at(600, -50)];
  const elsewhere = route.map(({ lat, lng }) => ({ lat, lng: lng - 100 }));
  expect(drawnRoute([route], BOX)).toEqual(drawnRoute([elsewhere], BOX));
});

it('stays in the box, whatever comes', () => {
  const place = fc.record({
    lat: fc.double({ min: 33, max: 39, noNaN: true }),
    lng: fc.double({ min: 124, max: 132, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(place, { maxLength: 30 }), { maxLength: 5 }), (lines) => {
      for (const { x, y } of drawnRoute(lines, BOX).flatMap(xyOf)) {
        expect(x).toBeGreaterThanOrEqual(BOX.x - 0.1);
        expect(x).toBeLessThanOrEqual(BOX.x + BOX.width + 0.1);
        expect(y).toBeGreaterThanOrEqual(BOX.y - 0.1);
        expect(y).toBeLessThanOrEqual(BOX.y + BOX.height + 0.1);
      }
    }),
  );
});

describe('A6 what was recorded to be slow to draw', () => {
  const zigzag = Array.from({ length: 50_000 }, (_, i) => at(i * 0.04, (i % 2) * 2_000 - (i % 977) * 0.5));
  const shaking = Array.from({ length: 50_000 }, (_, i) => at((i * 7_919) % 2_003, (i * 104_729) % 1_999));
  const sweeping = Array.from({ length: 50_000 }, (_, i) => {
    const [row, along] = [Math.floor(i / 500), (i % 500) * 2.8];
    return at(row % 2 ? 1_400 - along : along, row * 14);
  });
  const crumbs = Array.from({ length: 25_000 }, (_, i) => [
    at(i % 1_000, i / 25),
    at((i % 1_000) + 9, i / 25),
  ]);

  it.each<[string, ReturnType<typeof at>[][]]>([
    ['a zigzag', [zigzag]],
    ['a shaking line', [shaking]],
    ['a sweep of a field', [sweeping]],
    ['25,000 lines', crumbs],
  ])('%s of 50,000 points takes no time, and is drawn by few', (_, lines) => {
    const tookMs: number[] = [];
    for (let run = 0; run < 5; run++) {
      const beganMs = performance.now();
      drawnRoute(lines, BOX);
      tookMs.push(performance.now() - beganMs);
    }
    expect(Math.min(...tookMs)).toBeLessThan(200); // the machine may be busy with something else
    const paths = drawnRoute(lines, BOX);
    const points = paths.reduce((sum, path) => sum + xyOf(path).length, 0);
    expect(points).toBeGreaterThan(100);
    expect(points).toBeLessThan(5_100);
    for (const path of paths) expect(xyOf(path).length).toBeGreaterThan(1);
  });

  it('keeps the shape of a long way', () => {
    const ends = xyOf(drawnRoute([sweeping], BOX)[0]!);
    expect(ends.length).toBeGreaterThanOrEqual(200);
    expect(ends.length).toBeLessThan(1_000);
  });
});
