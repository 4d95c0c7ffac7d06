import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { homeWalk } from '../../../../test/builders/home-walks.js';
import { moved, SEOUL_FOREST, streetWalk } from '../../../../test/builders/tracks.js';
import { guessesOfHome } from '../../../../test/support/home-attacks.js';
import { deriveTrack } from './derive.js';
import { distanceBetweenM, planeAt, type Position, type Segment } from './point.js';
import { distanceToStepM } from './preview.js';
import { effectiveZone, shownLengthM, viewerSafeSegments } from './viewer-safe.js';

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

describe('effectiveZone', () => {
  it('P01 is shifted by 250–350 m, the same each time, and holds the true circle', () => {
    for (let user = 0; user < 50; user++) {
      const zone = { ...SEOUL_FOREST, radiusM: 100 + user * 10 };
      const safe = effectiveZone(zone, seedOf(user));
      const shiftM = distanceBetweenM(zone, safe);
      expect(shiftM).toBeGreaterThanOrEqual(249.99);
      expect(shiftM).toBeLessThanOrEqual(350.01);
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

  it('P02 P03 neither a circle fit nor the missing distance of 200 walks comes within 100 m of home', () => {
    for (const { user, hasZone } of [
      { user: 1, hasZone: true },
      { user: 2, hasZone: false },
    ]) {
      const [plane, seed] = [planeAt(SEOUL_FOREST), seedOf(user)];
      const zones = hasZone ? [effectiveZone({ ...SEOUL_FOREST, radiusM: 200 }, seed)] : [];
      const seen = Array.from({ length: 200 }, (_, walk) => {
        const track = homeWalk({ home: SEOUL_FOREST, walk, seed: user, startMs: START_MS, intervalS: 20 });
        const { segments, distanceM } = deriveTrack(track);
        const visible = viewerSafeSegments(segments, zones, seed);
        const shownM = shownLengthM(segments, visible, zones, seed) ?? distanceM;
        return {
          lines: visible.map((line) => line.map((p) => plane.toXY(p))),
          distanceM: Math.round(shownM / 100) * 100,
        };
      });
      expect(seen.filter(({ lines }) => lines.length > 0).length).toBeGreaterThan(100);
      // Others can come near by chance: one that takes a wrong circuity for granted lands anywhere.
      const near = Object.entries(guessesOfHome(seen)).filter(
        ([guess, { x, y }]) => /^circle|streets|unknown/.test(guess) && Math.hypot(x, y) < 100,
      );
      expect(near).toEqual([]);
    }
  });
});

describe('shownLengthM', () => {
  const at = (m: number, i: number) => ({ tMs: START_MS + i * 60_000, ...moved(SEOUL_FOREST, 90, m) });

  it('P03 is the same for all ways through what is hidden, and about that of the whole', () => {
    const seed = seedOf(3);
    const straight = Array.from({ length: 40 }, (_, i) => at(i * 100, i));
    const visible = viewerSafeSegments([straight], [], seed);
    const detour = straight.flatMap((p, i) => (i === 1 ? [p, { ...p, ...moved(p, 0, 60) }, p] : [p]));
    const [shownM, againM] = [straight, detour].map((segment) =>
      shownLengthM([segment], viewerSafeSegments([segment], [], seed), [], seed),
    );
    expect(visible).toHaveLength(1);
    expect(againM).toBe(shownM);
    expect(shownM! / 3_900).toBeGreaterThan(0.85);
    expect(shownM! / 3_900).toBeLessThan(1.3);
  });

  it('P03 counts nothing across a break, and is unknown where nothing is seen', () => {
    const line = (from: number) => Array.from({ length: 25 }, (_, i) => at(from + i * 100, i));
    const [near, far] = [line(0), line(50_000)];
    const shown = (segments: Segment[]) =>
      shownLengthM(segments, viewerSafeSegments(segments, [], seedOf(4)), [], seedOf(4));
    expect(shown([near, far])).toBeLessThan(7_000);
    expect(shown([near.slice(0, 4)])).toBeNull();
    expect(shown([])).toBeNull();
  });
});
