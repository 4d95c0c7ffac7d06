import geodesic from 'geographiclib-geodesic';
import type { Position, TrackPoint } from '../../src/modules/walks/track/index.js';

/** 서울숲. */
export const SEOUL_FOREST: Position = { lat: 37.5443, lng: 127.0374 };

export interface TrackInput {
  startMs: number;
  start?: Position;
  seed?: number;
  intervalS?: number;
  /** Standard deviation of white noise on each axis. */
  noiseM?: number;
  firstSeq?: number;
}

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal numbers of mean 0 and deviation 1 (Box & Muller). */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The place `distanceM` away from another, on the geodesic of that bearing. */
export function moved(from: Position, bearingDeg: number, distanceM: number): Position {
  const { lat2, lon2 } = geodesic.Geodesic.WGS84.Direct(from.lat, from.lng, bearingDeg, distanceM);
  return { lat: lat2!, lng: lon2! };
}

const offset = (from: Position, eastM: number, northM: number): Position =>
  moved(from, (Math.atan2(eastM, northM) * 180) / Math.PI, Math.hypot(eastM, northM));

/** Fixes along corners, at one speed, with white noise. */
export function along(corners: readonly Position[], speedMps: number, input: TrackInput): TrackPoint[] {
  const { startMs, seed = 1, intervalS = 1, noiseM = 0, firstSeq = 0 } = input;
  const normal = seededNormal(seed);
  const points: TrackPoint[] = [];
  let passedM = 0;
  for (let c = 1; c < corners.length; c++) {
    const leg = geodesic.Geodesic.WGS84.InverseLine(
      corners[c - 1]!.lat,
      corners[c - 1]!.lng,
      corners[c]!.lat,
      corners[c]!.lng,
    );
    const lengthM = leg.s13;
    const isLast = c === corners.length - 1;
    for (;;) {
      const walkedM = points.length * intervalS * speedMps - passedM;
      if (walkedM > lengthM + 1e-6) break;
      const { lat2, lon2 } = leg.Position(walkedM);
      const at = offset({ lat: lat2!, lng: lon2! }, noiseM * normal(), noiseM * normal());
      const tMs = startMs + Math.round(points.length * intervalS * 1000);
      points.push({ seq: firstSeq + points.length, tMs, ...at });
      if (isLast && Math.abs(walkedM - lengthM) < 1e-6) break;
    }
    passedM += lengthM;
  }
  return points;
}

/** A walk of `km` through streets: a turn to the left or right every 60–200 m, never back. */
export function streetWalk(input: TrackInput & { km: number; speedMps?: number }): TrackPoint[] {
  const random = seededRandom((input.seed ?? 1) + 7_919);
  const corners = [input.start ?? SEOUL_FOREST];
  const heading = random() * 360;
  let leftM = input.km * 1000;
  for (let turn = 0; leftM > 1e-6; turn++) {
    const legM = Math.min(60 + random() * 140, leftM);
    const bearing = heading + (turn % 2 === 0 ? 0 : random() < 0.5 ? 90 : -90);
    corners.push(moved(corners.at(-1)!, bearing, legM));
    leftM -= legM;
  }
  return along(corners, input.speedMps ?? 1.2, input);
}

/** A drive on a gently winding road; 36 km/h unless told. */
export function drive(
  input: TrackInput & { km: number; speedMps?: number; bearingDeg?: number },
): TrackPoint[] {
  const random = seededRandom((input.seed ?? 1) + 104_729);
  const corners = [input.start ?? SEOUL_FOREST];
  let bearing = input.bearingDeg ?? 90;
  for (let leftM = input.km * 1000; leftM > 1e-6;) {
    const legM = Math.min(100, leftM);
    corners.push(moved(corners.at(-1)!, bearing, legM));
    bearing += (random() - 0.5) * 20;
    leftM -= legM;
  }
  return along(corners, input.speedMps ?? 10, input);
}

/**
 * Standing in one place. `noiseM` is white; `driftM` bounds a slow random walk about the place, as a
 * receiver between houses draws it.
 */
export function standStill(
  input: TrackInput & { minutes: number; driftM?: number; driftStepM?: number },
): TrackPoint[] {
  const { start = SEOUL_FOREST, seed = 1, intervalS = 1, noiseM = 0, driftM = 0, driftStepM = 0.4 } = input;
  const normal = seededNormal(seed);
  const count = Math.floor((input.minutes * 60) / intervalS) + 1;
  const drift = { x: 0, y: 0 };
  return Array.from({ length: count }, (_, i) => {
    const step = driftStepM * Math.sqrt(intervalS);
    const next = { x: drift.x + step * normal(), y: drift.y + step * normal() };
    if (Math.hypot(next.x, next.y) <= driftM) Object.assign(drift, next);
    const at = offset(start, drift.x + noiseM * normal(), drift.y + noiseM * normal());
    return { seq: (input.firstSeq ?? 0) + i, tMs: input.startMs + Math.round(i * intervalS * 1000), ...at };
  });
}

/** What a script sends: one straight line at one speed, coordinates rounded to 6 decimals. */
export function straightRobotWalk(
  input: TrackInput & { km: number; speedMps?: number; bearingDeg?: number },
): TrackPoint[] {
  const start = input.start ?? SEOUL_FOREST;
  const end = moved(start, input.bearingDeg ?? 60, input.km * 1000);
  const rounded = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
  return along([start, end], input.speedMps ?? 1.2, input).map((p) => ({
    ...p,
    lat: rounded(p.lat),
    lng: rounded(p.lng),
  }));
}
