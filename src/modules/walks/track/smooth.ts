import {
  GOOD_ACCURACY_M,
  MAX_NOISE_TRIPLE_MS,
  MAX_SMOOTHED_NOISE_M,
  MIN_SMOOTHED_NOISE_M,
  WALK_ACCELERATION_DENSITY,
} from './constants.js';
import { planeAt, type CleanPoint, type TrackPoint } from './point.js';

interface Planar {
  tS: Float64Array;
  x: Float64Array;
  y: Float64Array;
}

/** Of a normal distribution, median |x| / sigma. */
const MEDIAN_OF_NORMAL = 0.6745;
/** Variance of the unknown first velocity, m²/s². */
const FIRST_VELOCITY_VARIANCE = 4;

/**
 * White noise of a track in metres: how far each fix lies from the line between its neighbours, as a robust
 * standard deviation. Streets, turns and slow drift hardly show in it.
 */
function estimateNoiseM({ tS, x, y }: Planar): number {
  const residuals: number[] = [];
  for (let i = 1; i + 1 < tS.length; i++) {
    const span = tS[i + 1]! - tS[i - 1]!;
    if (span * 1000 > MAX_NOISE_TRIPLE_MS) continue;
    const after = (tS[i]! - tS[i - 1]!) / span;
    const before = 1 - after;
    const spread = Math.sqrt(1 + before * before + after * after);
    for (const axis of [x, y]) {
      residuals.push(Math.abs(axis[i]! - before * axis[i - 1]! - after * axis[i + 1]!) / spread);
    }
  }
  if (residuals.length === 0) return 0;
  residuals.sort((a, b) => a - b);
  return residuals[residuals.length >> 1]! / MEDIAN_OF_NORMAL;
}

/**
 * Positions with the noise of the receiver taken out: a constant-velocity Kalman filter followed by the
 * backward pass of Rauch, Tung & Striebel (1965), whose noise is measured on the track itself. A track
 * without noise is returned as it is.
 */
export function smooth(run: readonly TrackPoint[]): CleanPoint[] {
  const asIs = run.map(({ tMs, lat, lng, altitudeM }) => ({ tMs, lat, lng, altitudeM }));
  const first = run[0];
  if (!first || run.length < 3) return asIs;

  const plane = planeAt(first);
  const n = run.length;
  const planar = { tS: new Float64Array(n), x: new Float64Array(n), y: new Float64Array(n) };
  run.forEach((p, i) => {
    const { x, y } = plane.toXY(p);
    planar.tS[i] = (p.tMs - first.tMs) / 1000;
    planar.x[i] = x;
    planar.y[i] = y;
  });
  const noiseM = estimateNoiseM(planar);
  if (noiseM < MIN_SMOOTHED_NOISE_M) return asIs;

  const variance = Float64Array.from(run, ({ accuracyM = 0 }) => {
    const ownM = accuracyM > GOOD_ACCURACY_M ? accuracyM / 2 : 0;
    return Math.max(Math.min(noiseM, MAX_SMOOTHED_NOISE_M), ownM) ** 2;
  });
  rauchTungStriebel(planar, variance);
  return asIs.map((p, i) => ({ ...p, ...plane.toPosition(planar.x[i]!, planar.y[i]!) }));
}

/** In place. Both axes share the covariance, which depends on times and variances only. */
function rauchTungStriebel({ tS, x, y }: Planar, variance: Float64Array): void {
  const n = tS.length;
  const axes = [x, y].map((position) => ({ position, velocity: new Float64Array(n) }));
  // Filtered covariance [pp, pv; pv, vv] and the predicted one it came from.
  const [pp, pv, vv] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const [ahead, aheadPv, aheadVv] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  pp[0] = variance[0]!;
  vv[0] = FIRST_VELOCITY_VARIANCE;

  const q = WALK_ACCELERATION_DENSITY;
  for (let i = 1; i < n; i++) {
    const dt = tS[i]! - tS[i - 1]!;
    const a = pp[i - 1]! + 2 * dt * pv[i - 1]! + dt * dt * vv[i - 1]! + (q * dt ** 3) / 3;
    const b = pv[i - 1]! + dt * vv[i - 1]! + (q * dt * dt) / 2;
    const c = vv[i - 1]! + q * dt;
    const gainP = a / (a + variance[i]!);
    const gainV = b / (a + variance[i]!);
    ahead[i] = a;
    aheadPv[i] = b;
    aheadVv[i] = c;
    pp[i] = (1 - gainP) * a;
    pv[i] = (1 - gainP) * b;
    vv[i] = c - gainV * b;
    for (const { position, velocity } of axes) {
      const predicted = position[i - 1]! + velocity[i - 1]! * dt;
      const surprise = position[i]! - predicted;
      position[i] = predicted + gainP * surprise;
      velocity[i] = velocity[i - 1]! + gainV * surprise;
    }
  }
  for (let i = n - 2; i >= 0; i--) {
    const dt = tS[i + 1]! - tS[i]!;
    const [a, b, c] = [ahead[i + 1]!, aheadPv[i + 1]!, aheadVv[i + 1]!];
    const det = a * c - b * b;
    const toP = pp[i]! + dt * pv[i]!;
    const toV = pv[i]! + dt * vv[i]!;
    const c00 = (toP * c - pv[i]! * b) / det;
    const c01 = (pv[i]! * a - toP * b) / det;
    const c10 = (toV * c - vv[i]! * b) / det;
    const c11 = (vv[i]! * a - toV * b) / det;
    for (const { position, velocity } of axes) {
      const offP = position[i + 1]! - (position[i]! + velocity[i]! * dt);
      const offV = velocity[i + 1]! - velocity[i]!;
      position[i] = position[i]! + c00 * offP + c01 * offV;
      velocity[i] = velocity[i]! + c10 * offP + c11 * offV;
    }
  }
}
