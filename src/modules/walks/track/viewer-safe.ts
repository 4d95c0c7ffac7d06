import { createHmac } from 'node:crypto';
import geodesic from 'geographiclib-geodesic';
import {
  AIM_STRETCH_M,
  HIDDEN_END_M,
  HIDDEN_WAY_CIRCUITY,
  MAX_AIMING_M,
  MAX_ZONE_SHIFT_M,
  MAX_ZONE_WIDENING_M,
  MIN_ZONE_SHIFT_M,
  ZONE_MARGIN_M,
} from './constants.js';
import { cumulativeM, planeAt, stepM, type Position, type Segment } from './point.js';
import { distanceToStepM } from './preview.js';

/** A circle to hide, already shifted and widened. */
export interface SafeZone extends Position {
  radiusM: number;
}

/**
 * How a user's circles are moved off their true centres. One shift for all circles of a user: two circles
 * about one home with two shifts would leave two points where home can be.
 */
function shiftOf(seed: Uint8Array): { bearingDeg: number; shiftM: number; wideningM: number } {
  const digest = createHmac('sha256', seed).update('privacy-zone').digest();
  const share = (offset: number) => digest.readUInt32BE(offset) / 2 ** 32;
  return {
    bearingDeg: share(0) * 360,
    shiftM: MIN_ZONE_SHIFT_M + share(4) * (MAX_ZONE_SHIFT_M - MIN_ZONE_SHIFT_M),
    wideningM: share(8) * MAX_ZONE_WIDENING_M,
  };
}

/** The circle that hides a zone: off its centre by 250–350 m, and wide enough to hold all of it. */
export function effectiveZone(zone: Position & { radiusM: number }, seed: Uint8Array): SafeZone {
  const { bearingDeg, shiftM, wideningM } = shiftOf(seed);
  const { lat2, lon2 } = geodesic.Geodesic.WGS84.Direct(zone.lat, zone.lng, bearingDeg, shiftM);
  return { lat: lat2!, lng: lon2!, radiusM: zone.radiusM + shiftM + wideningM + ZONE_MARGIN_M };
}

/**
 * What anybody but the owner may see of a route: nothing within the zones, nothing within 200 m of its ends
 * (along the way, and as shifted circles), and no step that crosses a hidden circle. It is cut at fixes: a
 * cut at the circle's edge would draw the circle. The ends of what is left are cut further, to where they point
 * at the middle of their circle rather than home. Times are the caller's to remove.
 */
export function viewerSafeSegments(
  segments: readonly Segment[],
  zones: readonly SafeZone[],
  seed: Uint8Array,
): Segment[] {
  const circles = circlesOf(segments, zones, seed).map(hiddenCircle);
  const isHidden = hiddenEnds(segments);

  const visible: Segment[] = [];
  segments.forEach((segment, s) => {
    let current: Segment = [];
    const finish = () => {
      const shown = aimedAtCentres(current, circles);
      if (shown.length >= 2) visible.push(shown);
      current = [];
    };
    segment.forEach((p, i) => {
      const before = current.at(-1);
      if (isHidden(s, i) || circles.some((circle) => circle.holds(p))) finish();
      else {
        if (before && circles.some((circle) => circle.isCrossedBy(before, p))) finish();
        current.push(p);
      }
    });
    finish();
  });
  return visible;
}

/**
 * The length that others are told of a route, in metres; null when they see nothing of it. It follows from what they
 * see alone: what is hidden counts as far as it is to the middle of its circle, by streets. The true length less
 * the visible one would tell how far home is from each visible end, and 200 walks would tell where.
 */
export function shownLengthM(
  segments: readonly Segment[],
  visible: readonly Segment[],
  zones: readonly SafeZone[],
  seed: Uint8Array,
): number | null {
  if (visible.length === 0) return null;
  const circles = circlesOf(segments, zones, seed);
  const wayToHiddenM = (p: Position) => Math.min(...circles.map((circle) => stepM(p, circle)));
  let visibleM = 0;
  let hiddenM = 0;
  for (const segment of segments) {
    const lines = visible.filter((line) => segment.includes(line[0]!));
    const [first, last] = [lines[0]?.[0], lines.at(-1)?.at(-1)];
    if (!first || !last) continue;
    if (first !== segment[0]) hiddenM += wayToHiddenM(first);
    if (last !== segment.at(-1)) hiddenM += wayToHiddenM(last);
    lines.forEach((line, l) => {
      visibleM += cumulativeM(line).at(-1)!;
      if (l > 0) hiddenM += stepM(lines[l - 1]!.at(-1)!, line[0]!);
    });
  }
  return visibleM + HIDDEN_WAY_CIRCUITY * hiddenM;
}

/** The zones, and one circle about each end of the walk. */
function circlesOf(
  segments: readonly Segment[],
  zones: readonly SafeZone[],
  seed: Uint8Array,
): readonly SafeZone[] {
  const [first, last] = [segments[0]?.[0], segments.at(-1)?.at(-1)];
  if (!first || !last) return zones;
  return [...zones, ...[first, last].map((end) => effectiveZone({ ...end, radiusM: HIDDEN_END_M }, seed))];
}

/** A metre for the plane on which circles are judged. */
const PLANE_TOLERANCE_M = 1;

interface HiddenCircle {
  holds(p: Position): boolean;
  isCrossedBy(a: Position, b: Position): boolean;
  toCentreM(p: Position): number;
  /** How far from its centre the straight line through two points passes. */
  missedByM(a: Position, b: Position): number;
}

function hiddenCircle(zone: SafeZone): HiddenCircle {
  const plane = planeAt(zone);
  const radiusM = zone.radiusM + PLANE_TOLERANCE_M;
  const centre = { x: 0, y: 0 };
  const toCentreM = (p: Position) => stepM(zone, p);
  return {
    toCentreM,
    holds: (p) => toCentreM(p) <= radiusM,
    isCrossedBy: (a, b) => distanceToStepM(centre, plane.toXY(a), plane.toXY(b)) <= radiusM,
    missedByM: (a, b) => {
      const [at, from] = [plane.toXY(a), plane.toXY(b)];
      const [dx, dy] = [at.x - from.x, at.y - from.y];
      return Math.abs(at.x * dy - at.y * dx) / Math.hypot(dx, dy);
    },
  };
}

/**
 * Both ends of a visible line cut back to where they point nearest to the middle of the hidden circle: the straight
 * ways out of a home meet there, so the ends must not be left where the circle happens to cut them.
 */
function aimedAtCentres(line: Segment, circles: readonly HiddenCircle[]): Segment {
  const rest = line.slice(bestAimed(line, circles)).toReversed();
  return rest.slice(bestAimed(rest, circles)).toReversed();
}

/** The point to begin a line at: within 400 m, its first step and its first 60 m are both in line with the centre. */
function bestAimed(line: Segment, circles: readonly HiddenCircle[]): number {
  const [first] = line;
  if (!first) return 0;
  const nearest = circles.reduce((a, b) => (b.toCentreM(first) < a.toCentreM(first) ? b : a));
  const sums = cumulativeM(line);
  let [best, leastM, stretch] = [0, Infinity, 0];
  for (let i = 0; sums[i]! <= MAX_AIMING_M; i++) {
    while (stretch < line.length && sums[stretch]! - sums[i]! < AIM_STRETCH_M) stretch++;
    if (stretch === line.length) break;
    const [p, next, further] = [line[i]!, line[i + 1]!, line[stretch]!];
    const missedM = Math.max(nearest.missedByM(p, next), nearest.missedByM(p, further));
    if (missedM < leastM) [best, leastM] = [i, missedM];
  }
  return best;
}

/** Whether a point lies within the first or last 200 m of the way. */
function hiddenEnds(segments: readonly Segment[]): (segment: number, point: number) => boolean {
  const sums = segments.map((segment) => cumulativeM(segment));
  const lengths = sums.map((sum) => sum.at(-1) ?? 0);
  let totalM = 0;
  const starts = lengths.map((lengthM) => (totalM += lengthM) - lengthM);
  return (segment, point) => {
    const alongM = starts[segment]! + sums[segment]![point]!;
    return alongM <= HIDDEN_END_M || totalM - alongM <= HIDDEN_END_M;
  };
}
