import {
  DRIVE_BURST_WINDOW_MS,
  DRIVE_EDGE_SPEED_MPS,
  MAX_DRIVE_EDGE_MS,
  MAX_STEP_SPEED_MPS,
  MAX_STOP_IN_DRIVE_MS,
  MAX_WALK_SPEED_MPS,
  MIN_DRIVE_JUMPS,
  MIN_JUMP_M,
  VEHICLE_WINDOW_MS,
  WINDOW_TOLERANCE_M,
} from './constants.js';
import type { LeftOut } from './breaks.js';
import { cumulativeM, type CleanPoint } from './point.js';

export interface WalkedAndDriven {
  walked: CleanPoint[][];
  driven: LeftOut[];
}

interface Steps {
  tMs: number[];
  sumM: Float64Array;
}

const speedMps = ({ tMs, sumM }: Steps, step: number): number =>
  (sumM[step + 1]! - sumM[step]!) / ((tMs[step + 1]! - tMs[step]!) / 1000);

/** Too fast for anything but a vehicle or a wrong position, and longer than noise. */
const isJump = (steps: Steps, step: number): boolean =>
  speedMps(steps, step) > MAX_STEP_SPEED_MPS && steps.sumM[step + 1]! - steps.sumM[step]! > MIN_JUMP_M;

/**
 * Takes out of a run what was driven: single jumps, and each stretch with 60 s above 15 km/h, from where it
 * becomes faster than a brisk walk to where it ends, red lights included. What remains is judged again.
 */
export function cutVehicles(run: CleanPoint[]): WalkedAndDriven {
  const steps = { tMs: run.map((p) => p.tMs), sumM: cumulativeM(run) };
  const isDriven = new Uint8Array(Math.max(run.length - 1, 0));
  for (let i = 0; i < isDriven.length; i++) if (isJump(steps, i)) isDriven[i] = 1;
  markFastWindows(steps, VEHICLE_WINDOW_MS, isDriven);
  if (!isDriven.includes(1)) return { walked: [run], driven: [] };
  settleEdges(steps, isDriven);
  joinBursts(steps, isDriven);
  joinShortStops(steps, isDriven);

  const result: WalkedAndDriven = { walked: [], driven: [] };
  for (const { from, to, value } of stretches(isDriven)) {
    if (value) {
      result.driven.push(asLeftOut(steps, from, to));
    } else {
      const again = cutVehicles(run.slice(from, to + 1));
      result.walked.push(...again.walked);
      result.driven.push(...again.driven);
    }
  }
  return result;
}

/** Maximal stretches [from, to) of steps with one value. */
function stretches(flags: Uint8Array): { from: number; to: number; value: boolean }[] {
  const found: { from: number; to: number; value: boolean }[] = [];
  for (let i = 0; i < flags.length; i++) {
    const last = found.at(-1);
    if (last && last.value === Boolean(flags[i])) last.to = i + 1;
    else found.push({ from: i, to: i + 1, value: Boolean(flags[i]) });
  }
  return found;
}

/**
 * Marks every step that a too fast window touches. Between fixes the way is linear in time, so the fastest
 * window begins or ends at a fix. A run shorter than the window is judged as a whole.
 */
function markFastWindows(steps: Steps, fullWindowMs: number, isDriven: Uint8Array): void {
  const { tMs, sumM } = steps;
  const last = tMs.length - 1;
  if (last < 1) return;
  const windowMs = Math.min(fullWindowMs, tMs[last]! - tMs[0]!);
  const limitM = (windowMs / 1000) * MAX_WALK_SPEED_MPS + WINDOW_TOLERANCE_M;
  if (windowMs < fullWindowMs && sumM[last]! < MIN_JUMP_M) return;
  const at = (step: number, ms: number) =>
    sumM[step]! + ((sumM[step + 1]! - sumM[step]!) * (ms - tMs[step]!)) / (tMs[step + 1]! - tMs[step]!);

  let marked = 0;
  const mark = (from: number, to: number) => {
    for (marked = Math.max(marked, from); marked <= to; marked++) isDriven[marked] = 1;
  };
  for (let start = 0, end = 0; start < last; start++) {
    const endMs = tMs[start]! + windowMs;
    if (endMs > tMs[last]!) break;
    while (end < last - 1 && tMs[end + 1]! < endMs) end++;
    if (at(end, endMs) - sumM[start]! > limitM) mark(start, end);
  }
  marked = 0;
  for (let end = 1, start = 0; end <= last; end++) {
    const startMs = tMs[end]! - windowMs;
    if (startMs < tMs[0]!) continue;
    while (tMs[start + 1]! <= startMs) start++;
    if (sumM[end]! - at(start, startMs) > limitM) mark(start, end - 1);
  }
}

/**
 * A window reaches into the walk before and after the drive, and misses where the car pulls out: the edge is
 * the first step faster than a brisk walk.
 */
function settleEdges(steps: Steps, isDriven: Uint8Array): void {
  const isFast = (step: number) => speedMps(steps, step) > DRIVE_EDGE_SPEED_MPS;
  for (const { from, to, value } of stretches(isDriven)) {
    if (!value) continue;
    let [start, end] = [from, to];
    while (start < end && !isFast(start)) isDriven[start++] = 0;
    while (end > start && !isFast(end - 1)) isDriven[--end] = 0;
    const earliestMs = steps.tMs[start]! - MAX_DRIVE_EDGE_MS;
    const latestMs = steps.tMs[end]! + MAX_DRIVE_EDGE_MS;
    while (start > 0 && isFast(start - 1) && steps.tMs[start - 1]! >= earliestMs) isDriven[--start] = 1;
    while (end < isDriven.length && isFast(end) && steps.tMs[end + 1]! <= latestMs) isDriven[end++] = 1;
  }
}

/** A fast burst soon after a drive, or soon before one, is part of it, though too short to be one by itself. */
function joinBursts(steps: Steps, isDriven: Uint8Array): void {
  const isBurst = new Uint8Array(isDriven.length);
  markFastWindows(steps, DRIVE_BURST_WINDOW_MS, isBurst);
  settleEdges(steps, isBurst);
  const bursts = stretches(isBurst).filter(({ value }) => value);
  const drives = stretches(isDriven).filter(({ value }) => value);
  const { tMs } = steps;
  const join = ({ from, to }: { from: number; to: number }) => {
    const isNear = drives.some(
      (drive) =>
        tMs[from]! - tMs[drive.to]! < MAX_STOP_IN_DRIVE_MS &&
        tMs[drive.from]! - tMs[to]! < MAX_STOP_IN_DRIVE_MS,
    );
    if (!isNear) return;
    isDriven.fill(1, from, to);
    drives.push({ from, to, value: true });
  };
  bursts.forEach(join);
  bursts.reverse().forEach(join);
}

function joinShortStops({ tMs }: Steps, isDriven: Uint8Array): void {
  for (const { from, to, value } of stretches(isDriven)) {
    const isBetween = from > 0 && to < isDriven.length;
    if (!value && isBetween && tMs[to]! - tMs[from]! < MAX_STOP_IN_DRIVE_MS) isDriven.fill(1, from, to);
  }
}

function asLeftOut(steps: Steps, from: number, to: number): LeftOut {
  let [jumps, fastSteps] = [0, 0];
  for (let i = from; i < to; i++) {
    if (isJump(steps, i)) jumps++;
    else if (speedMps(steps, i) > DRIVE_EDGE_SPEED_MPS) fastSteps++;
  }
  return {
    reason: fastSteps > 0 || jumps >= MIN_DRIVE_JUMPS ? 'vehicle' : 'jump',
    fromMs: steps.tMs[from]!,
    toMs: steps.tMs[to]!,
    distanceM: steps.sumM[to]! - steps.sumM[from]!,
  };
}
