import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { moved, seededRandom, SEOUL_FOREST, streetWalk } from '../../../../test/builders/tracks.js';
import { deriveTrack } from './derive.js';
import { distanceBetweenM, planeAt, type Position, type Segment } from './point.js';
import { distanceToStepM } from './preview.js';
import { effectiveZone, viewerSafeSegments } from './viewer-safe.js';

const START_MS = Date.parse('2026-03-02T00:00:00Z');
const seedOf = (n: number): Uint8Array => createHash('sha256').update(`user ${n}`).digest();
const walkFrom = (start: Position, seed: number, km = 3): Segment[] =>
  deriveTrack(streetWalk({ startMs: START_MS, start, km, noiseM: 4, seed, intervalS: 20 })).segments;

/** How near a step comes to a place, in metres. */
function stepDistanceM(place: Position, a: Position, b: Position): number {
  const plane = planeAt(place);
  return distanceToStepM({ x: 0, y: 0 }, plane.toXY(a), plane.toXY(b));
}

function nearestM(place: Position, segments: readonly Segment[]): number {
  let nearest = Infinity;
  for (const segment of segments) {
    for (let i = 1; i < segment.length; i++) {
      nearest = Math.min(nearest, stepDistanceM(place, segment[i - 1]!, segment[i]!));
    }
  }
  return nearest;
}

/** Least-squares circle (Kåsa 1976). */
function fitCircle(points: readonly { x: number; y: number }[]): { x: number; y: number } {
  let [sx, sy, sxx, syy, sxy, sxz, syz, sz] = [0, 0, 0, 0, 0, 0, 0, 0];
  const n = points.length;
  for (const { x, y } of points) {
    const z = x * x + y * y;
    [sx, sy, sz] = [sx + x, sy + y, sz + z];
    [sxx, syy, sxy] = [sxx + x * x, syy + y * y, sxy + x * y];
    [sxz, syz] = [sxz + x * z, syz + y * z];
  }
  const [a, b, c] = [sxx - (sx * sx) / n, sxy - (sx * sy) / n, syy - (sy * sy) / n];
  const [d, e] = [(sxz - (sx * sz) / n) / 2, (syz - (sy * sz) / n) / 2];
  const det = a * c - b * b;
  return { x: (d * c - e * b) / det, y: (a * e - b * d) / det };
}

describe('effectiveZone', () => {
  it('P01 is shifted by 150–250 m, the same each time, and holds the true circle', () => {
    for (let user = 0; user < 50; user++) {
      const zone = { ...SEOUL_FOREST, radiusM: 100 + user * 10 };
      const safe = effectiveZone(zone, seedOf(user));
      const shiftM = distanceBetweenM(zone, safe);
      expect(shiftM).toBeGreaterThanOrEqual(149.99);
      expect(shiftM).toBeLessThanOrEqual(250.01);
      expect(safe.radiusM).toBeGreaterThanOrEqual(zone.radiusM + shiftM);
      expect(effectiveZone(zone, seedOf(user))).toEqual(safe);
    }
    expect(effectiveZone({ ...SEOUL_FOREST, radiusM: 200 }, seedOf(1))).not.toEqual(
      effectiveZone({ ...SEOUL_FOREST, radiusM: 200 }, seedOf(2)),
    );
  });
});

describe('viewerSafeSegments', () => {
  it('P01 no visible point or step lies in a true zone or within 200 m of an end', () => {
    const zoneAt = fc.record({
      along: fc.double({ min: 0, max: 1, noNaN: true }),
      asideM: fc.integer({ min: 0, max: 400 }),
      radiusM: fc.integer({ min: 50, max: 500 }),
    });
    let seen = 0;
    fc.assert(
      fc.property(fc.nat(40), fc.nat(1000), fc.array(zoneAt, { maxLength: 3 }), (route, user, wanted) => {
        const segments = walkFrom(SEOUL_FOREST, route + 1);
        const all = segments.flat();
        const zones = wanted.map(({ along, asideM, radiusM }) => ({
          ...moved(all[Math.floor(along * (all.length - 1))]!, 30, asideM),
          radiusM,
        }));
        const seed = seedOf(user);
        const visible = viewerSafeSegments(
          segments,
          zones.map((zone) => effectiveZone(zone, seed)),
          seed,
        );
        seen += visible.length;
        for (const zone of zones) expect(nearestM(zone, visible)).toBeGreaterThan(zone.radiusM);
        for (const end of [all[0]!, all.at(-1)!]) expect(nearestM(end, visible)).toBeGreaterThan(200);
        const original = new Set(all);
        expect(visible.flat().every((p) => original.has(p))).toBe(true);
        expect(visible.every((segment) => segment.length >= 2)).toBe(true);
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('P01 coming home in the middle of the walk shows nothing there', () => {
    const out = walkFrom(SEOUL_FOREST, 4, 3);
    const back = out.map((s) => s.toReversed()).toReversed();
    const again = walkFrom(SEOUL_FOREST, 9, 3);
    const visible = viewerSafeSegments([...out, ...back, ...again], [], seedOf(7));
    expect(visible.length).toBeGreaterThanOrEqual(2);
    expect(nearestM(SEOUL_FOREST, visible)).toBeGreaterThan(200);
  });

  it('P01 a long step across a zone with both ends outside is broken', () => {
    const at = (m: number, i: number) => ({ tMs: START_MS + i * 60_000, ...moved(SEOUL_FOREST, 90, m) });
    const segment = [0, 400, 800, 1200, 2200, 2600, 3000, 3400, 3800].map(at);
    const whole = viewerSafeSegments([segment], [], seedOf(1));
    expect(whole).toHaveLength(1);
    const zone = { ...moved(SEOUL_FOREST, 90, 1700), radiusM: 100 };
    const split = viewerSafeSegments([segment], [zone], seedOf(1));
    expect(split).toHaveLength(2);
    expect(nearestM(zone, split)).toBeGreaterThan(100);
  });

  it('P01 a walk that never leaves the hidden circles shows nothing', () => {
    expect(viewerSafeSegments(walkFrom(SEOUL_FOREST, 1, 0.5), [], seedOf(1))).toEqual([]);
    expect(viewerSafeSegments([], [], seedOf(1))).toEqual([]);
  });

  it('P02 a circle fit through 200 walks from one home misses it by 100 m and more', () => {
    for (const user of [1, 2]) {
      const plane = planeAt(SEOUL_FOREST);
      const random = seededRandom(user);
      const ends: { x: number; y: number }[] = [];
      for (let walk = 0; walk < 200; walk++) {
        const door = moved(SEOUL_FOREST, random() * 360, random() * 8);
        const visible = viewerSafeSegments(walkFrom(door, user * 1000 + walk), [], seedOf(user));
        const first = visible[0]?.[0];
        if (first) ends.push(plane.toXY(first));
      }
      expect(ends.length).toBeGreaterThan(150);
      const { x, y } = fitCircle(ends);
      expect(Math.hypot(x, y)).toBeGreaterThan(100);
    }
  });
});
