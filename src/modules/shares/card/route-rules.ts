/** A rectangle of the picture, in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Place {
  lat: number;
  lng: number;
}

type XY = readonly [x: number, y: number];

/** A route smaller than this is not blown up to the whole box. */
const SMALLEST_SPAN_M = 120;
const METRES_PER_DEGREE = 111_320;
/** Shapes finer than these are not seen. */
const STEP_PX = 1;
const TOLERANCE_PX = 0.75;
/** Simplified apart, as its cost grows as the square of them for a track that goes to and fro. */
const POINTS_AT_ONCE = 64;
/** More than any honest walk comes to: whatever was recorded, drawing ends soon. */
const MOST_POINTS = 4_000;
const MOST_LINES = 1_000;

/**
 * Lines of a route as SVG paths within a box, north up, the aspect kept, in the middle of it. What comes out are
 * pixels: where on earth it was cannot be told from them.
 */
export function drawnRoute(lines: readonly (readonly Place[])[], box: Box): string[] {
  const { south, north, west, east } = boundsOf(lines);
  if (south > north) return [];
  const metresOfLng = METRES_PER_DEGREE * Math.cos((((south + north) / 2) * Math.PI) / 180);
  const span = { x: (east - west) * metresOfLng, y: (north - south) * METRES_PER_DEGREE };
  const pxPerM = Math.min(
    box.width / Math.max(span.x, SMALLEST_SPAN_M),
    box.height / Math.max(span.y, SMALLEST_SPAN_M),
  );
  const left = box.x + (box.width - span.x * pxPerM) / 2;
  const top = box.y + (box.height - span.y * pxPerM) / 2;
  const toXY = ({ lat, lng }: Place): XY => [
    left + (lng - west) * metresOfLng * pxPerM,
    top + (north - lat) * METRES_PER_DEGREE * pxPerM,
  ];
  const shapes = longest(lines).map((line) => simplified(thinned(line.map(toXY))));
  const points = shapes.reduce((sum, { length }) => sum + length, 0);
  return shapes.map((shape) => pathOf(everyNth(shape, Math.ceil(points / MOST_POINTS))));
}

/** Of no places at all, south is above north. */
function boundsOf(lines: readonly (readonly Place[])[]) {
  const bounds = { south: Infinity, north: -Infinity, west: Infinity, east: -Infinity };
  for (const line of lines)
    for (const { lat, lng } of line) {
      if (lat < bounds.south) bounds.south = lat;
      if (lat > bounds.north) bounds.north = lat;
      if (lng < bounds.west) bounds.west = lng;
      if (lng > bounds.east) bounds.east = lng;
    }
  return bounds;
}

/** Lines of two points and more, in their order; of too many, those with the most points. */
function longest(lines: readonly (readonly Place[])[]): (readonly Place[])[] {
  const drawable = lines.filter((line) => line.length > 1);
  if (drawable.length <= MOST_LINES) return drawable;
  const kept = new Set(drawable.toSorted((a, b) => b.length - a.length).slice(0, MOST_LINES));
  return drawable.filter((line) => kept.has(line));
}

const everyNth = (line: readonly XY[], n: number): XY[] =>
  line.filter((_, i) => i % n === 0 || i === line.length - 1);

const pathOf = (line: readonly XY[]): string =>
  line.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/** Fixes so near the one before tell nothing; of a long walk they are most. */
function thinned(line: readonly XY[]): XY[] {
  let before = line[0]!;
  const kept = [before];
  for (const p of line) {
    if ((p[0] - before[0]) ** 2 + (p[1] - before[1]) ** 2 < STEP_PX ** 2) continue;
    kept.push(p);
    before = p;
  }
  return kept.length > 1 ? kept : [line[0]!, line.at(-1)!];
}

/** Douglas & Peucker's simplification, of a piece at a time. */
function simplified(line: readonly XY[]): XY[] {
  const kept = [line[0]!];
  for (let from = 0; from < line.length - 1; from += POINTS_AT_ONCE)
    kept.push(...turnsOf(line.slice(from, from + POINTS_AT_ONCE + 1)));
  return kept;
}

/** Where a line turns, and its end, without its beginning. */
function turnsOf(line: readonly XY[]): XY[] {
  const kept = [line.length - 1];
  const parts: [number, number][] = [[0, line.length - 1]];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const [from, to] = part;
    let widest = from;
    let off2 = TOLERANCE_PX ** 2;
    for (let i = from + 1; i < to; i++) {
      const away2 = distance2ToStep(line[i]!, line[from]!, line[to]!);
      if (away2 <= off2) continue;
      widest = i;
      off2 = away2;
    }
    if (widest === from) continue;
    kept.push(widest);
    parts.push([from, widest], [widest, to]);
  }
  return kept.sort((a, b) => a - b).map((i) => line[i]!);
}

/** Squared: no root is needed to compare. */
function distance2ToStep(p: XY, a: XY, b: XY): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const length2 = dx * dx + dy * dy;
  const along = length2 > 0 ? ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2 : 0;
  const t = along < 0 ? 0 : along > 1 ? 1 : along;
  return (p[0] - a[0] - t * dx) ** 2 + (p[1] - a[1] - t * dy) ** 2;
}
