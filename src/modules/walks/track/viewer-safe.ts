import { createHmac } from 'node:crypto';
import geodesic from 'geographiclib-geodesic';
import {
  HIDDEN_END_M,
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

/** The circle that hides a zone: off its centre by 150–250 m, and wide enough to hold all of it. */
export function effectiveZone(zone: Position & { radiusM: number }, seed: Uint8Array): SafeZone {
  const { bearingDeg, shiftM, wideningM } = shiftOf(seed);
  const { lat2, lon2 } = geodesic.Geodesic.WGS84.Direct(zone.lat, zone.lng, bearingDeg, shiftM);
  return { lat: lat2!, lng: lon2!, radiusM: zone.radiusM + shiftM + wideningM + ZONE_MARGIN_M };
}

/**
 * What anybody but the owner may see of a route: nothing within the zones, nothing within 200 m of its ends
 * (along the way, and as shifted circles), and no step that crosses a hidden circle. It is cut at fixes: a
 * cut at the circle's edge would draw the circle. Times are the caller's to remove.
 */
export function viewerSafeSegments(
  segments: readonly Segment[],
  zones: readonly SafeZone[],
  seed: Uint8Array,
): Segment[] {
  const [first, last] = [segments[0]?.[0], segments.at(-1)?.at(-1)];
  if (!first || !last) return [];
  const ends = [first, last].map((end) => effectiveZone({ ...end, radiusM: HIDDEN_END_M }, seed));
  const circles = [...zones, ...ends].map(hiddenCircle);
  const isHidden = hiddenEnds(segments);

  const visible: Segment[] = [];
  segments.forEach((segment, s) => {
    let current: Segment = [];
    const finish = () => {
      if (current.length >= 2) visible.push(current);
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

/** A metre for the plane on which circles are judged. */
const PLANE_TOLERANCE_M = 1;

function hiddenCircle(zone: SafeZone) {
  const plane = planeAt(zone);
  const radiusM = zone.radiusM + PLANE_TOLERANCE_M;
  const centre = { x: 0, y: 0 };
  return {
    holds: (p: Position) => stepM(zone, p) <= radiusM,
    isCrossedBy: (a: Position, b: Position) =>
      distanceToStepM(centre, plane.toXY(a), plane.toXY(b)) <= radiusM,
  };
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
