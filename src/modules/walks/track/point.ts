import geodesic from 'geographiclib-geodesic';

/** Degrees on WGS84. */
export interface Position {
  lat: number;
  lng: number;
}

/** One GPS fix. `tMs`: epoch ms UTC. Unknown is undefined; a negative accuracy or speed is unknown too. */
export interface TrackPoint extends Position {
  seq: number;
  tMs: number;
  accuracyM?: number;
  altitudeM?: number;
  speedMps?: number;
  mock?: boolean;
  receivedAtMs?: number;
}

/** An explicit pause of the app. */
export interface Pause {
  fromMs: number;
  toMs: number;
}

export interface CleanPoint extends Position {
  tMs: number;
  altitudeM?: number;
}

/** At least two points, time ascending. All within is credited, nothing between two segments. */
export type Segment = CleanPoint[];

const WGS84_AXIS_M = 6_378_137;
const WGS84_E2 = 0.00669437999014;
const RAD = Math.PI / 180;

/** Length of the geodesic on WGS84, in metres (Karney 2013). */
export function distanceBetweenM(a: Position, b: Position): number {
  return geodesic.Geodesic.WGS84.Inverse(a.lat, a.lng, b.lat, b.lng, geodesic.Geodesic.DISTANCE).s12 ?? 0;
}

/** Metres per degree of latitude and longitude: the two radii of curvature of WGS84 at that latitude. */
function metresPerDegree(lat: number): { north: number; east: number } {
  const sin = Math.sin(lat * RAD);
  const w = Math.sqrt(1 - WGS84_E2 * sin * sin);
  return {
    north: (RAD * WGS84_AXIS_M * (1 - WGS84_E2)) / w ** 3,
    east: (RAD * WGS84_AXIS_M * Math.cos(lat * RAD)) / w,
  };
}

const shortestTurn = (deg: number) => (deg > 180 ? deg - 360 : deg < -180 ? deg + 360 : deg);

/** A fast distance for decisions, within 1e-6 for steps of a walk and a few percent over a continent. */
export function stepM(a: Position, b: Position): number {
  const scale = metresPerDegree((a.lat + b.lat) / 2);
  return Math.hypot((b.lat - a.lat) * scale.north, shortestTurn(b.lng - a.lng) * scale.east);
}

export interface Plane {
  toXY(p: Position): { x: number; y: number };
  toPosition(x: number, y: number): Position;
}

/** Local equirectangular plane in metres: x east, y north of the origin. */
export function planeAt(origin: Position): Plane {
  const scale = metresPerDegree(origin.lat);
  const east = Math.max(scale.east, 1e-6);
  return {
    toXY: (p) => ({
      x: shortestTurn(p.lng - origin.lng) * east,
      y: (p.lat - origin.lat) * scale.north,
    }),
    toPosition: (x, y) => ({
      lat: origin.lat + y / scale.north,
      lng: shortestTurn(origin.lng + x / east),
    }),
  };
}

/** Metres walked up to each point, by `stepM`. */
export function cumulativeM(points: readonly Position[]): Float64Array {
  const sum = new Float64Array(points.length);
  for (let i = 1; i < points.length; i++) sum[i] = sum[i - 1]! + stepM(points[i - 1]!, points[i]!);
  return sum;
}
