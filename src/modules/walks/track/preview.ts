import polyline from '@googlemaps/polyline-codec';
import { PREVIEW_MAX_POINTS } from './constants.js';
import { cumulativeM, planeAt, type Position, type Segment } from './point.js';

const PRECISION = 5;

interface Part {
  from: number;
  to: number;
  /** The point furthest from the chord of this part, and how far it is. */
  widest: number;
  offM: number;
}

/**
 * Encoded polylines (precision 5), one for each segment, of at most `maxPoints` points in all: a line that
 * joined two segments could cross what a viewer must not see. Douglas & Peucker's simplification, the widest
 * deviation anywhere first, until the points are used up. Of more than `maxPoints / 2` segments the longest
 * are kept.
 */
export function encodePreview(segments: readonly Segment[], maxPoints = PREVIEW_MAX_POINTS): string[] {
  return simplify(longest(segments, Math.floor(maxPoints / 2)), maxPoints).map((points) =>
    polyline.encode(
      points.map(({ lat, lng }) => [lat, lng]),
      PRECISION,
    ),
  );
}

function longest(segments: readonly Segment[], count: number): readonly Segment[] {
  if (segments.length <= count) return segments;
  const lengthM = new Map(segments.map((segment) => [segment, cumulativeM(segment).at(-1) ?? 0]));
  const kept = new Set([...segments].sort((a, b) => lengthM.get(b)! - lengthM.get(a)!).slice(0, count));
  return segments.filter((segment) => kept.has(segment));
}

/** Shapes finer than what precision 5 can say (about 1 m) are not worth a point. */
const FINEST_M = 1;

function simplify(segments: readonly Segment[], maxPoints: number): Position[][] {
  const origin = segments[0]?.[0];
  if (!origin) return [];
  const plane = planeAt(origin);
  const xy = segments.map((segment) => segment.map((p) => plane.toXY(p)));
  const kept = segments.map((segment) => new Set([0, segment.length - 1]));
  let parts = segments.map((segment, s) => ({ s, ...widestOf(xy[s]!, 0, segment.length - 1) }));
  for (let points = 2 * segments.length; points < maxPoints; points++) {
    const widest = parts.reduce((best, part) => (part.offM > best.offM ? part : best));
    if (widest.offM < FINEST_M) break;
    const { s, from, to, widest: split } = widest;
    kept[s]!.add(split);
    parts = parts.filter((part) => part !== widest);
    parts.push({ s, ...widestOf(xy[s]!, from, split) }, { s, ...widestOf(xy[s]!, split, to) });
  }
  return segments.map((segment, s) => [...kept[s]!].sort((a, b) => a - b).map((i) => segment[i]!));
}

function widestOf(xy: readonly { x: number; y: number }[], from: number, to: number): Part {
  const [a, b] = [xy[from]!, xy[to]!];
  const part = { from, to, widest: from, offM: 0 };
  for (let i = from + 1; i < to; i++) {
    const offM = distanceToStepM(xy[i]!, a, b);
    if (offM > part.offM) Object.assign(part, { widest: i, offM });
  }
  return part;
}

/** From a point to the straight line between two others, ends included; all in metres on one plane. */
export function distanceToStepM(
  p: { x: number; y: number },
  a: { x: number; y: number },
  b: { x: number; y: number },
): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2 : 0;
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}
