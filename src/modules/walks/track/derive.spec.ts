import fc from 'fast-check';
import {
  drive,
  moved,
  seededRandom,
  SEOUL_FOREST,
  standStill,
  straightRobotWalk,
  streetWalk,
} from '../../../../test/builders/tracks.js';
import { MAX_ACCURACY_M, MAX_WALK_SPEED_MPS } from './constants.js';
import { deriveTrack, type DerivedTrack } from './derive.js';
import { distanceBetweenM, type TrackPoint } from './point.js';

const START_MS = Date.parse('2026-03-02T00:00:00Z');
const MINUTE_MS = 60_000;

/** One recording from several, each beginning where and when the one before ended. */
function chain(
  ...parts: ((at: { startMs: number; start: TrackPoint | typeof SEOUL_FOREST }) => TrackPoint[])[]
) {
  const points: TrackPoint[] = [];
  for (const part of parts) {
    const last = points.at(-1);
    points.push(...part({ startMs: last ? last.tMs + 1000 : START_MS, start: last ?? SEOUL_FOREST }));
  }
  return points.map((p, seq) => ({ ...p, seq }));
}

/** Straight north, noise-free, so that distances are exact. */
function northward(input: { count: number; stepM: number; stepS?: number; startMs?: number }): TrackPoint[] {
  const { count, stepM, stepS = 1, startMs = START_MS } = input;
  return Array.from({ length: count }, (_, seq) => ({
    seq,
    tMs: startMs + seq * stepS * 1000,
    ...moved(SEOUL_FOREST, 0, seq * stepM),
  }));
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  const result = items.slice();
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function expectNothing(track: DerivedTrack) {
  expect(track).toMatchObject({ distanceM: 0, estimatedM: 0, movingS: 0, avgSpeedMps: 0, topSpeedMps: 0 });
  expect(JSON.stringify(track)).not.toMatch(/NaN|Infinity/);
}

describe('the set of points decides, not its order', () => {
  const walk = chain(
    (at) => streetWalk({ ...at, km: 0.4, noiseM: 4, seed: 3 }),
    (at) => drive({ ...at, km: 0.8, noiseM: 4, seed: 4 }),
    (at) => streetWalk({ ...at, km: 0.4, noiseM: 4, seed: 5 }),
  );
  // A second fix of one instant, worse and better than the first, with and without an accuracy.
  walk.push({ ...walk[10]!, seq: 9_000, lat: walk[10]!.lat + 1e-4, accuracyM: 5 });
  walk.push({ ...walk[20]!, seq: 9_001, lat: walk[20]!.lat + 1e-4 });
  walk.push({ ...walk[30]!, seq: 9_002, lat: 91 });
  const once = deriveTrack(walk);

  it('G03 chunks shuffled, overlapping and split anew give the identical walk', () => {
    const chunk = fc.record({ from: fc.nat(walk.length), length: fc.nat(400) });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 4 }), fc.integer(), (overlaps, seed) => {
        const repeated = overlaps.flatMap(({ from, length }) => walk.slice(from, from + length));
        expect(deriveTrack(shuffled([...walk, ...repeated], seed))).toEqual(once);
      }),
      { numRuns: 15, seed: 3 },
    );
  });

  it('G03 a chunk received again later changes nothing', () => {
    const received = walk.map((p) => ({ ...p, receivedAtMs: p.tMs + 1000 }));
    const again = walk.map((p) => ({ ...p, receivedAtMs: p.tMs + 3_600_000 }));
    expect(deriveTrack([...again, ...received])).toEqual(deriveTrack(received));
  });

  it('G07 of two fixes of one instant the more accurate stays, unknown accuracy last', () => {
    const points = northward({ count: 30, stepM: 1.2 });
    const wrong = { ...points[10]!, seq: 99, ...moved(points[10]!, 90, 4) };
    const track = deriveTrack([...points.map((p) => ({ ...p, accuracyM: 8 })), wrong]);
    expect(track.dropped).toEqual({ duplicate_time: 1 });
    expect(track.distanceM).toBeCloseTo(29 * 1.2, 3);
    expect(deriveTrack([...points, { ...wrong, accuracyM: 3 }]).distanceM).toBeGreaterThan(29 * 1.2 + 1);
  });
});

describe('points that say nothing', () => {
  it('G06 no point is no walk', () => {
    const track = deriveTrack([]);
    expectNothing(track);
    expect(track).toMatchObject({ segments: [], startedAtMs: null, endedAtMs: null, elapsedS: 0 });
    expect(track.fingerprint).toBeNull();
    expect(track.trimProposal).toBeNull();
  });

  it('G06 one point is a start and no distance', () => {
    const track = deriveTrack(northward({ count: 1, stepM: 0 }));
    expectNothing(track);
    expect(track).toMatchObject({ startedAtMs: START_MS, endedAtMs: START_MS, elapsedS: 0, segments: [] });
  });

  it('G06 identical points are 0 m', () => {
    const track = deriveTrack(northward({ count: 100, stepM: 0 }));
    expectNothing(track);
    expect(track.elapsedS).toBe(99);
    expectNothing(deriveTrack(Array.from({ length: 50 }, () => northward({ count: 1, stepM: 0 })[0]!)));
  });

  it('G06 null island, NaN, infinity and latitude 91 are dropped', () => {
    const at = (seq: number, lat: number, lng: number) => ({ seq, tMs: START_MS + seq * 1000, lat, lng });
    const nullIsland = deriveTrack([at(0, 0, 0), at(1, 0, 0), at(2, 0, 0)]);
    expectNothing(nullIsland);
    expect(nullIsland.startedAtMs).toBeNull();
    const bad = deriveTrack([at(0, NaN, 1), at(1, 37, Infinity), at(2, 91, 127), at(3, 37, -181)]);
    expectNothing(bad);
    expect(bad.dropped).toEqual({ invalid_position: 4 });
  });

  it('G06 whatever the points are, figures are finite and moving is at most elapsed', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: false });
    const point = fc.record({
      seq: fc.nat(1000),
      tMs: fc.oneof(fc.integer({ min: 0, max: 900_000 }), fc.constant(NaN)).map((t) => START_MS + t),
      lat: fc.oneof(number(37.5, 37.51), number(-100, 100)),
      lng: fc.oneof(number(127, 127.01), number(-200, 200)),
      accuracyM: fc.option(fc.double({ min: -1, max: 80 }), { nil: undefined }),
    });
    const pause = fc.record({ from: fc.nat(900_000), length: fc.integer({ min: -5, max: 100_000 }) });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 60 }), fc.array(pause, { maxLength: 3 }), (points, raw) => {
        const pauses = raw.map((p) => ({ fromMs: START_MS + p.from, toMs: START_MS + p.from + p.length }));
        const track = deriveTrack(points, { pauses });
        for (const figure of [track.distanceM, track.movingS, track.avgSpeedMps, track.topSpeedMps]) {
          expect(Number.isFinite(figure) && figure >= 0).toBe(true);
        }
        expect(track.movingS).toBeLessThanOrEqual(track.elapsedS);
        expect(track.estimatedM).toBeLessThanOrEqual(track.distanceM + 1e-9);
        const times = track.segments.flat().map((p) => p.tMs);
        expect(times).toEqual(times.slice().sort((a, b) => a - b));
        expect(track.segments.every((segment) => segment.length >= 2)).toBe(true);
      }),
      { numRuns: 200, seed: 6 },
    );
  });
});

describe('single wrong fixes', () => {
  const walk = northward({ count: 600, stepM: 1.2 });
  const farAway = { lat: 33.5, lng: 130.4 };

  it('G08 a single teleport 900 km away is removed', () => {
    const points = walk.map((p, i) => (i === 300 ? { ...p, lat: 30, lng: 122 } : p));
    const track = deriveTrack(points);
    expect(track.dropped).toEqual({ teleport: 1 });
    expect(track.leftOut).toEqual([]);
    expect(track.distanceM).toBeCloseTo(599 * 1.2, 2);
  });

  it.each([
    ['first', 0],
    ['last', 599],
  ])('G08 the %s point as the outlier is removed', (_name, index) => {
    const track = deriveTrack(walk.map((p, i) => (i === index ? { ...p, ...farAway } : p)));
    expect(track.dropped).toEqual({ teleport: 1 });
    expect(track.distanceM).toBeCloseTo(598 * 1.2, 2);
    expect(track.elapsedS).toBe(598);
  });

  it('G08 two outliers in a row are no walk either, and cost only the steps around them', () => {
    const track = deriveTrack(walk.map((p, i) => (i === 300 || i === 301 ? { ...p, ...farAway } : p)));
    expect(track.distanceM).toBeCloseTo(596 * 1.2, 2);
    expect(track.leftOut.map((l) => l.reason)).toEqual(['jump']);
  });

  it('G12 a cached fix from before the start is dropped, 60 s are tolerated', () => {
    const cached = { seq: 1000, tMs: START_MS - 60_001, ...moved(SEOUL_FOREST, 90, 300) };
    const track = deriveTrack([cached, ...walk], { startedAtMs: START_MS });
    expect(track.dropped).toEqual({ before_start: 1 });
    expect(track.startedAtMs).toBe(START_MS);
    const early = { ...walk[0]!, seq: 1000, tMs: START_MS - 60_000 };
    expect(deriveTrack([early, ...walk], { startedAtMs: START_MS }).dropped).toEqual({});
  });

  it('G12 fixes left over from another day are dropped, however many less they are', () => {
    const old = [0, 5_000, 10_000].map((ms, i) => ({
      ...walk[i]!,
      seq: 2_000 + i,
      tMs: START_MS - 86_400_000 + ms,
    }));
    const ancient = { seq: 3_000, tMs: Date.parse('2000-01-01T00:00:00Z'), ...SEOUL_FOREST };
    const track = deriveTrack([ancient, ...old, ...walk]);
    const { dropped, ...rest } = deriveTrack(walk);
    expect(track).toMatchObject({
      startedAtMs: START_MS,
      elapsedS: rest.elapsedS,
      distanceM: rest.distanceM,
    });
    expect(track.dropped).toEqual({ ...dropped, stale: 4 });
  });

  it('G12 a silence just below 12 h is a gap of the same walk', () => {
    const later = walk.map((p) => ({
      ...p,
      seq: p.seq + 10_000,
      tMs: walk.at(-1)!.tMs + 12 * 3_600_000 - 1 + p.tMs - START_MS,
    }));
    expect(deriveTrack([...walk, ...later]).dropped.stale).toBeUndefined();
  });

  it('G12 a stale first fix after a resume is dropped', () => {
    const pauses = [{ fromMs: walk[300]!.tMs, toMs: walk[350]!.tMs }];
    const resumed = walk.map((p, i) => (i === 350 ? { ...p, ...moved(p, 90, 400) } : p));
    const track = deriveTrack(
      resumed.filter((_, i) => i <= 300 || i >= 350),
      { pauses },
    );
    expect(track.dropped).toEqual({ teleport: 1 });
    expect(track.distanceM).toBeCloseTo((300 + 248) * 1.2, 2);
  });

  it('G14 a fix more than 5 min after it was received is in the future', () => {
    const points = walk.map((p) => ({ ...p, receivedAtMs: p.tMs - 5 * MINUTE_MS }));
    expect(deriveTrack(points).dropped).toEqual({});
    const ahead = points.map((p, i) => (i >= 590 ? { ...p, receivedAtMs: p.receivedAtMs - 1 } : p));
    expect(deriveTrack(ahead).dropped).toEqual({ in_future: 10 });
  });

  it('G15 negative and missing accuracy are unknown, worse than 50 m is dropped', () => {
    const track = deriveTrack(
      walk.map((p, i) => ({ ...p, accuracyM: [-1, undefined, MAX_ACCURACY_M, MAX_ACCURACY_M + 0.1][i % 4] })),
    );
    expect(track.dropped).toEqual({ inaccurate: 150 });
    expect(track.distanceM).toBeGreaterThan(700);
  });

  it('crop keeps what lies within it, ends included', () => {
    const crop = { fromMs: walk[100]!.tMs, toMs: walk[500]!.tMs };
    const track = deriveTrack(walk, { crop });
    expect(track.dropped).toEqual({ cropped: 199 });
    expect(track).toMatchObject({ startedAtMs: crop.fromMs, endedAtMs: crop.toMs, elapsedS: 400 });
    expect(track.distanceM).toBeCloseTo(400 * 1.2, 2);
  });
});

describe('breaks', () => {
  /** Two walks of 60 s and 72 m, with so much between them. */
  const apart = (gapS: number, gapM: number): TrackPoint[] => {
    const before = northward({ count: 61, stepM: 1.2 });
    const from = before.at(-1)!;
    const after = Array.from({ length: 61 }, (_, i) => ({
      seq: 61 + i,
      tMs: from.tMs + (gapS + i) * 1000,
      ...moved(from, 0, gapM + i * 1.2),
    }));
    return [...before, ...after];
  };

  it('G11 pause, move 400 m, resume: no straight line is credited', () => {
    const points = apart(40, 400);
    const pauses = [{ fromMs: points[60]!.tMs + 500, toMs: points[61]!.tMs - 500 }];
    const track = deriveTrack(points, { pauses });
    expect(track.distanceM).toBeCloseTo(144, 2);
    expect(track.leftOut).toEqual([
      { reason: 'pause', fromMs: points[60]!.tMs, toMs: points[61]!.tMs, distanceM: expect.closeTo(400, 1) },
    ]);
    expect(track.elapsedS).toBe(160);
    expect(track.movingS).toBeCloseTo(120, 6);
  });

  it('G11 what was recorded within a pause is not credited', () => {
    const points = northward({ count: 301, stepM: 1.2 });
    const track = deriveTrack(points, { pauses: [{ fromMs: points[100]!.tMs, toMs: points[200]!.tMs }] });
    expect(track.distanceM).toBeCloseTo(200 * 1.2, 2);
    expect(track.leftOut).toHaveLength(1);
    expect(track.leftOut[0]!.distanceM).toBeCloseTo(100 * 1.2, 2);
  });

  it.each([
    ['60 s is no gap', 60, 100, { distanceM: 244, estimatedM: 0, reasons: [] }],
    ['61 s is credited and estimated', 61, 100, { distanceM: 244, estimatedM: 100, reasons: [] }],
    ['5 min is credited and estimated', 300, 300, { distanceM: 444, estimatedM: 300, reasons: [] }],
    ['more than 5 min is a gap', 301, 300, { distanceM: 144, estimatedM: 0, reasons: ['gap'] }],
    ['3 m/s is plausible', 100, 299.9, { distanceM: 443.9, estimatedM: 299.9, reasons: [] }],
    ['more than 3 m/s is a gap', 100, 300.1, { distanceM: 144, estimatedM: 0, reasons: ['gap'] }],
  ])('a silence of %s', (_name, gapS, gapM, expected) => {
    const track = deriveTrack(apart(gapS, gapM));
    expect(track.distanceM).toBeCloseTo(expected.distanceM, 1);
    expect(track.estimatedM).toBeCloseTo(expected.estimatedM, 1);
    expect(track.leftOut.map((l) => l.reason)).toEqual(expected.reasons);
  });

  it.each([
    ['50 m in 4 s', 4, 49.9, []],
    ['more than 50 m above 12 m/s is a jump', 4, 50.1, ['jump']],
  ])('a step of %s', (_name, gapS, gapM, reasons) => {
    expect(deriveTrack(apart(gapS, gapM)).leftOut.map((l) => l.reason)).toEqual(reasons);
  });
});

describe('vehicles', () => {
  it('G13 exactly 15.0 km/h is a walk, 15.1 km/h is not', () => {
    const at = (kmh: number, stepS: number) =>
      deriveTrack(northward({ count: 401, stepM: (kmh / 3.6) * stepS, stepS }));
    for (const stepS of [1, 7, 30]) {
      expect(at(15, stepS).leftOut).toEqual([]);
      expect(at(15, stepS).distanceM).toBeCloseTo(400 * MAX_WALK_SPEED_MPS * stepS, 1);
      expect(at(15.1, stepS).leftOut.map((l) => l.reason)).toEqual(['vehicle']);
      expect(at(15.1, stepS).distanceM).toBe(0);
    }
  });

  it.each([1, 5, 20])(
    'G13 one 40 km/h stretch is withheld, the walk around it kept (a fix each %i s)',
    (s) => {
      const points = chain(
        (at) => streetWalk({ ...at, km: 0.6, noiseM: 3, seed: 1, intervalS: s }),
        (at) => drive({ ...at, km: 2, speedMps: 40 / 3.6, noiseM: 3, intervalS: s }),
        (at) => streetWalk({ ...at, km: 0.6, noiseM: 3, seed: 2, intervalS: s }),
      );
      const track = deriveTrack(points);
      expect(track.leftOut.map((l) => l.reason)).toEqual(['vehicle']);
      expect(track.leftOut[0]!.distanceM).toBeGreaterThan(1_850);
      expect(track.distanceM).toBeGreaterThan(1_120);
      expect(track.distanceM).toBeLessThan(1_260);
      expect(track.topSpeedMps).toBeLessThan(MAX_WALK_SPEED_MPS);
    },
  );

  it('G13 a red light, a stop and slow bits between two stretches belong to the drive', () => {
    const points = chain(
      (at) => streetWalk({ ...at, km: 0.6, noiseM: 3 }),
      (at) => drive({ ...at, km: 1, noiseM: 3 }),
      (at) => standStill({ ...at, minutes: 1.4, noiseM: 3 }),
      (at) => drive({ ...at, km: 0.1, speedMps: 6, noiseM: 3 }),
      (at) => standStill({ ...at, minutes: 1, noiseM: 3 }),
      (at) => drive({ ...at, km: 1, noiseM: 3 }),
    );
    const track = deriveTrack(points);
    expect(track.leftOut).toHaveLength(1);
    expect(Math.abs(track.distanceM - 600)).toBeLessThan(30);
  });

  it('G09 a subway ride is left out, the walks before and after stay', () => {
    const points = chain(
      (at) => streetWalk({ ...at, km: 0.5, noiseM: 4, seed: 1 }),
      (at) =>
        [0, 90, 92, 94].map((s, i) => ({
          seq: i,
          tMs: at.startMs + s * 1000,
          ...moved(at.start, 90, s * 16),
        })),
      (at) =>
        streetWalk({
          ...at,
          startMs: at.startMs + 8 * MINUTE_MS,
          start: moved(at.start, 90, 6_000),
          km: 0.5,
          noiseM: 4,
          seed: 2,
        }),
    );
    const track = deriveTrack(points);
    expect(Math.abs(track.distanceM - 1000)).toBeLessThan(50);
    const reasons = track.leftOut.map((l) => l.reason);
    expect(reasons).toContain('gap');
    expect(track.leftOut.reduce((sum, l) => sum + l.distanceM, 0)).toBeGreaterThan(6_000);
  });

  it('a stretch of 60 s above 15 km/h never remains in a credited segment', () => {
    const part = fc.record({
      speedMps: fc.double({ min: 0.5, max: 25, noNaN: true }),
      seconds: fc.integer({ min: 5, max: 200 }),
    });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 20 }),
        (parts, s) => {
          const points = chain(
            ...parts.map(
              ({ speedMps, seconds }) =>
                (at: { startMs: number; start: { lat: number; lng: number } }) =>
                  drive({ ...at, km: (speedMps * seconds) / 1000, speedMps, intervalS: s }),
            ),
          );
          for (const segment of deriveTrack(points).segments) {
            for (let i = 0, lengthM = 0, j = 0; i < segment.length; i++) {
              if (j < i) [j, lengthM] = [i, 0];
              while (j + 1 < segment.length && segment[j + 1]!.tMs - segment[i]!.tMs <= 60_000) {
                lengthM += distanceBetweenM(segment[j]!, segment[j + 1]!);
                j++;
              }
              expect(lengthM).toBeLessThan(250.2);
              if (j > i) lengthM -= distanceBetweenM(segment[i]!, segment[i + 1]!);
            }
          }
        },
      ),
      { numRuns: 40, seed: 13 },
    );
  });
});

describe('standing still', () => {
  it.each([1, 2, 3])('G10 30 min of white noise of 5 m is no walk (seed %i)', (seed) => {
    const track = deriveTrack(standStill({ startMs: START_MS, minutes: 30, noiseM: 5, seed }));
    expect(track.distanceM).toBeLessThan(10);
    expect(track.movingS).toBeLessThan(30);
    expect(track.elapsedS).toBeGreaterThan(1_750);
  });

  it.each([
    [0.2, 1],
    [0.5, 1],
    [1, 5],
    [0.4, 30],
  ])(
    'G10 30 min of slow drift within 20 m is no walk (%d m a second, a fix each %i s)',
    (driftStepM, intervalS) => {
      for (const seed of [1, 2, 3]) {
        const still = standStill({
          startMs: START_MS,
          minutes: 30,
          driftM: 20,
          driftStepM,
          noiseM: 1,
          seed,
          intervalS,
        });
        const track = deriveTrack(still);
        expect(track.distanceM).toBeLessThan(30);
        expect(track.movingS).toBeLessThan(60);
      }
    },
  );

  it('G10 a rest within a walk adds no distance and no moving time', () => {
    const points = chain(
      (at) => streetWalk({ ...at, km: 0.5, noiseM: 4, seed: 1 }),
      (at) => standStill({ ...at, minutes: 10, noiseM: 5, driftM: 10 }),
      (at) => streetWalk({ ...at, km: 0.5, noiseM: 4, seed: 2 }),
    );
    const track = deriveTrack(points);
    expect(Math.abs(track.distanceM - 1000)).toBeLessThan(50);
    expect(track.movingS).toBeGreaterThan(750);
    expect(track.movingS).toBeLessThan(900);
  });

  it('walking rounds in a small yard is a walk', () => {
    const rounds = Array.from({ length: 1200 }, (_, i) => ({
      seq: i,
      tMs: START_MS + i * 1000,
      ...moved(SEOUL_FOREST, ((i * 1.2) / 20) * (180 / Math.PI), 20),
    }));
    expect(Math.abs(deriveTrack(rounds).distanceM / (1199 * 1.2) - 1)).toBeLessThan(0.02);
  });
});

describe('accuracy', () => {
  it.each([1, 2, 3])('a walk of 2 km with 3–6 m of noise is within 5 % (seed %i)', (seed) => {
    for (const noiseM of [3, 4, 5, 6]) {
      const track = deriveTrack(streetWalk({ startMs: START_MS, km: 2, noiseM, seed }));
      expect(Math.abs(track.distanceM / 2000 - 1)).toBeLessThan(0.05);
      expect(Math.abs(track.movingS / track.elapsedS - 1)).toBeLessThan(0.05);
      expect(track.suspicions).toEqual([]);
    }
  });

  it.each([1, 2, 3])('a walk without noise is within 1 % (seed %i)', (seed) => {
    const track = deriveTrack(streetWalk({ startMs: START_MS, km: 2, seed }));
    expect(Math.abs(track.distanceM / 2000 - 1)).toBeLessThan(0.01);
  });

  it('G20 metres in, metres out: a walk of 1,200 km is not cut off', () => {
    const track = deriveTrack(northward({ count: 20_001, stepM: 60, stepS: 30 }));
    expect(track.distanceM).toBeCloseTo(1_200_000, 0);
  });

  // About 0.15 s in a plain process; the bound is for a busy machine, and far below what n² would take.
  it('G19 10 h at 1 Hz are derived in one go', () => {
    const points = streetWalk({ startMs: START_MS, km: 43.2, noiseM: 5 });
    const startedMs = performance.now();
    const track = deriveTrack(points);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(points.length).toBeGreaterThan(35_000);
    expect(Math.abs(track.distanceM / 43_200 - 1)).toBeLessThan(0.05);
  });

  it('the top speed is that of the fastest 30 s, the average that of the moving time', () => {
    const points = chain(
      (at) => drive({ ...at, km: 0.3, speedMps: 1 }),
      (at) => drive({ ...at, km: 0.12, speedMps: 3 }),
      (at) => drive({ ...at, km: 0.3, speedMps: 1 }),
    );
    const track = deriveTrack(points);
    expect(track.topSpeedMps).toBeCloseTo(3, 1);
    expect(track.avgSpeedMps).toBeCloseTo(track.distanceM / track.movingS, 9);
  });
});

describe('suspicion', () => {
  const noisy = streetWalk({ startMs: START_MS, km: 1, noiseM: 3 });

  it('G16 one simulated fix makes the walk suspicious, even one that is dropped', () => {
    const last = { ...noisy.at(-1)!, seq: 9_999, accuracyM: 900, mock: true };
    expect(deriveTrack([...noisy, last]).suspicions).toEqual(['mock_location']);
    expect(deriveTrack(noisy.map((p) => ({ ...p, mock: false }))).suspicions).toEqual([]);
  });

  it.each([1, 5, 20])(
    'G16 300 m of straight line at one speed are synthetic (a fix each %i s)',
    (intervalS) => {
      const robot = straightRobotWalk({ startMs: START_MS, km: 0.4, intervalS });
      expect(deriveTrack(robot).suspicions).toEqual(['synthetic_track']);
    },
  );

  it('G16 under 300 m, and with few fixes, a straight line is no evidence', () => {
    expect(deriveTrack(straightRobotWalk({ startMs: START_MS, km: 0.29 })).suspicions).toEqual([]);
    const sparse = straightRobotWalk({ startMs: START_MS, km: 0.4, intervalS: 50 });
    expect(deriveTrack(sparse).suspicions).toEqual([]);
  });

  it('G16 a straight walk with the jitter of a good receiver is real', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const real = straightRobotWalk({ startMs: START_MS, km: 3, noiseM: 0.5, seed });
      expect(deriveTrack(real).suspicions).toEqual([]);
    }
  });

  it('the same recording at another time has the same fingerprint, another has another', () => {
    const { fingerprint } = deriveTrack(noisy);
    const later = noisy.map((p) => ({ ...p, tMs: p.tMs + 86_400_123 }));
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(deriveTrack(later).fingerprint).toBe(fingerprint);
    expect(deriveTrack(streetWalk({ startMs: START_MS, km: 1, noiseM: 3, seed: 2 })).fingerprint).not.toBe(
      fingerprint,
    );
  });

  it('short and sparse tracks have no fingerprint', () => {
    expect(deriveTrack(northward({ count: 400, stepM: 1.2 })).fingerprint).toBeNull();
    expect(deriveTrack(northward({ count: 9, stepM: 70, stepS: 50 })).fingerprint).toBeNull();
    expect(deriveTrack(northward({ count: 10, stepM: 70, stepS: 50 })).fingerprint).not.toBeNull();
  });
});

describe('a forgotten stop', () => {
  it('G17 hours of standing and a drive at the end are proposed to be trimmed', () => {
    const walk = streetWalk({ startMs: START_MS, km: 2, noiseM: 4 });
    const points = chain(
      () => walk,
      (at) => standStill({ ...at, minutes: 120, noiseM: 5, driftM: 15 }),
      (at) => drive({ ...at, km: 8, noiseM: 4 }),
    );
    const { trimProposal, distanceM } = deriveTrack(points);
    expect(trimProposal?.fromMs).toBe(START_MS);
    expect(Math.abs(trimProposal!.toMs - walk.at(-1)!.tMs)).toBeLessThan(MINUTE_MS);
    expect(Math.abs(distanceM - 2000)).toBeLessThan(100);
    const trimmed = deriveTrack(points, { crop: trimProposal! });
    expect(trimmed.trimProposal).toBeNull();
    expect(Math.abs(trimmed.distanceM - 2000)).toBeLessThan(100);
  });

  it('G17 a walk stopped in time needs no trimming', () => {
    const points = chain(
      (at) => streetWalk({ ...at, km: 2, noiseM: 4 }),
      (at) => standStill({ ...at, minutes: 8, noiseM: 5 }),
    );
    expect(deriveTrack(points).trimProposal).toBeNull();
  });
});
