import polyline from '@googlemaps/polyline-codec';
import { PREVIEW_MAX_POINTS } from './constants.js';
import { planeAt, type Position, type Segment } from './point.js';

const PRECISION = 5;

interface Part {
  from: number;
  to: number;
  /** The point furthest from the chord of this part, and how far it is. */
  widest: number;
  offM: number;
}

/**
 * An encoded polyline (precision 5) of at most `maxPoints` points. Douglas & Peucker's simplification, the
 * widest deviation first, until the points are used up. Segments are joined by a straight line, which can
 * cross what a viewer must not see: for a viewer, encode each visible segment by itself.
 */
export function encodePreview(segments: readonly Segment[], maxPoints = PREVIEW_MAX_POINTS): string {
  const points = segments.flat();
  const kept = simplify(points, maxPoints);
  return polyline.encode(
    kept.map(({ lat, lng }) => [lat, lng]),
    PRECISION,
  );
}

/** Shapes finer than what precision 5 can say (about 1 m) are not worth a point. */
const FINEST_M = 1;

function simplify(points: readonly Position[], maxPoints: number): Position[] {
  const [origin, last] = [points[0], points.length - 1];
  if (!origin || maxPoints < 2) return [];
  if (last < 1) return [origin];
  const plane = planeAt(origin);
  const xy = points.map((p) => plane.toXY(p));
  const kept = new Set([0, last]);
  const parts = [widestOf(xy, 0, last)];
  while (kept.size < maxPoints) {
    const index = parts.reduce((best, part, i) => (part.offM > parts[best]!.offM ? i : best), 0);
    const part = parts[index];
    if (!part || part.offM < FINEST_M) break;
    kept.add(part.widest);
    parts.splice(index, 1, widestOf(xy, part.from, part.widest), widestOf(xy, part.widest, part.to));
  }
  return [...kept].sort((a, b) => a - b).map((i) => points[i]!);
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
