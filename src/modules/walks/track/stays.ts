import { MAX_REST_SPEED_MPS, RESTLESS_WINDOW_MS, STAY_APPROACH_SPEED_MPS, STAYS } from './constants.js';
import { planeAt, stepM, type CleanPoint, type Segment } from './point.js';

interface Stay {
  from: number;
  to: number;
  x: number;
  y: number;
}

interface Track {
  x: Float64Array;
  y: Float64Array;
  tMs: Float64Array;
}

/** A scan that found no stay moves on by this part of its length: linear time, a start a few seconds late. */
const SCAN_STEP = 1 / 16;

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const centre = ({ x, y }: Track, from: number, to: number): Stay => ({
  from,
  to,
  x: median(x.subarray(from, to + 1)),
  y: median(y.subarray(from, to + 1)),
});

/**
 * Stay points (Li, Zheng et al. 2008, with a running mean as anchor): fixes that keep within `radiusM` of
 * their mean for `minMs` without walking about there. Neighbouring stays of one place are one stay.
 */
function findStays(track: Track, range: [number, number], rule: (typeof STAYS)[number]): Stay[] {
  const { x, y, tMs } = track;
  const stays: Stay[] = [];
  const [first, last] = range;
  let i = first;
  while (i < last) {
    let [sumX, sumY, count] = [x[i]!, y[i]!, 1];
    let j = i + 1;
    let judgedTo = i;
    let isRestless = false;
    while (j <= last && Math.hypot(x[j]! - sumX / count, y[j]! - sumY / count) <= rule.radiusM) {
      sumX += x[j]!;
      sumY += y[j]!;
      count++;
      j++;
      if (tMs[j - 1]! - tMs[judgedTo]! < rule.minMs) continue;
      isRestless = typicalSpeedMps(track, judgedTo, j - 1) > MAX_REST_SPEED_MPS;
      if (isRestless) break;
      judgedTo = j - 1;
    }
    const to = isRestless ? judgedTo : j - 1;
    const stay = tMs[to]! - tMs[i]! >= rule.minMs ? trimmed(track, i, to, rule.radiusM) : undefined;
    if (stay && tMs[stay.to]! - tMs[stay.from]! >= rule.minMs) {
      stays.push(stay);
      i = stay.to + 1;
    } else if (j > last && !isRestless) break;
    else i += Math.max(1, Math.floor((j - i) * SCAN_STEP));
  }
  return merged(track, stays, rule);
}

/** Median speed over 30 s of net movement: drift and noise come back to where they were, walking does not. */
function typicalSpeedMps({ x, y, tMs }: Track, from: number, to: number): number {
  const speeds: number[] = [];
  for (let i = from, j = from; i < to; i++) {
    while (j < to && tMs[j]! - tMs[i]! < RESTLESS_WINDOW_MS) j++;
    const seconds = (tMs[j]! - tMs[i]!) / 1000;
    if (seconds * 1000 < RESTLESS_WINDOW_MS) break;
    speeds.push(Math.hypot(x[j]! - x[i]!, y[j]! - y[i]!) / seconds);
  }
  return speeds.length > 0 ? median(Float64Array.from(speeds)) : 0;
}

/** Without the way to and from the place of rest, which the running mean let in. */
function trimmed(track: Track, from: number, to: number, radiusM: number): Stay {
  const stay = centre(track, from, to);
  const isAway = (i: number) => Math.hypot(track.x[i]! - stay.x, track.y[i]! - stay.y) > radiusM;
  while (stay.from < stay.to && isAway(stay.from)) stay.from++;
  while (stay.to > stay.from && isAway(stay.to)) stay.to--;
  return stay;
}

function merged(track: Track, stays: readonly Stay[], rule: (typeof STAYS)[number]): Stay[] {
  const result: Stay[] = [];
  for (const stay of stays) {
    const before = result.at(-1);
    const isSamePlace =
      before &&
      Math.hypot(before.x - stay.x, before.y - stay.y) <= rule.radiusM &&
      track.tMs[stay.from]! - track.tMs[before.to]! <= rule.mergeMs;
    if (isSamePlace) result[result.length - 1] = centre(track, before.from, stay.to);
    else result.push(stay);
  }
  return result;
}

/** A run in which every rest is one place, with the times of arriving there and of leaving. */
export function collapseStays(run: readonly CleanPoint[]): Segment {
  const origin = run[0];
  if (!origin || run.length < 2) return run.slice();
  const plane = planeAt(origin);
  const xy = run.map((p) => plane.toXY(p));
  const track = {
    x: Float64Array.from(xy, (p) => p.x),
    y: Float64Array.from(xy, (p) => p.y),
    tMs: Float64Array.from(run, (p) => p.tMs),
  };

  let stays: Stay[] = [];
  for (const rule of STAYS) {
    const found: Stay[] = [];
    let from = 0;
    for (const stay of stays) {
      found.push(...findStays(track, [from, stay.from - 1], rule), stay);
      from = stay.to + 1;
    }
    stays = [...found, ...findStays(track, [from, run.length - 1], rule)];
  }

  const segment: Segment = [];
  const arrivals: number[] = [];
  let next = 0;
  for (const stay of stays) {
    for (; next < stay.from; next++) segment.push(run[next]!);
    const place = { ...plane.toPosition(stay.x, stay.y), altitudeM: run[stay.from]!.altitudeM };
    arrivals.push(segment.length);
    segment.push({ ...place, tMs: run[stay.from]!.tMs }, { ...place, tMs: run[stay.to]!.tMs });
    next = stay.to + 1;
  }
  for (; next < run.length; next++) segment.push(run[next]!);
  for (const i of arrivals) giveTimeToApproach(segment, i);
  return segment;
}

/** Arriving takes as long as walking there does; without this, two stays in a row look like a leap. */
function giveTimeToApproach(segment: Segment, arrival: number): void {
  const [arrive, leave] = [segment[arrival]!, segment[arrival + 1]!];
  const [before, after] = [segment[arrival - 1], segment[arrival + 2]];
  const halfMs = (leave.tMs - arrive.tMs) / 2;
  const neededMs = (other: CleanPoint) => (stepM(other, arrive) / STAY_APPROACH_SPEED_MPS) * 1000;
  if (before) arrive.tMs += clamp(before.tMs + neededMs(before) - arrive.tMs, halfMs);
  if (after) leave.tMs -= clamp(leave.tMs + neededMs(after) - after.tMs, halfMs);
}

const clamp = (value: number, max: number) => Math.round(Math.min(Math.max(value, 0), max));
