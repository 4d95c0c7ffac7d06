/**
 * What somebody could do to find the home of a walker with nothing but what others are shown of the walks. All of
 * it on a plane in metres.
 */
export interface XY {
  x: number;
  y: number;
}

/** One walk as others see it: the lines of its route, and the rounded distance. */
export interface SeenWalk {
  lines: XY[][];
  distanceM: number;
}

interface Ray {
  at: XY;
  along: XY;
}

const AIM_M = 60;
/** A first and a last visible point this near to each other are those of a walk that began and ended at home. */
const MAX_LOOP_GAP_M = 1_500;
const SEARCH_M = 1_200;
/** On each side of the best place so far. */
const STEPS = 5;

/** Every guess by its name; where an attack has nothing to go on, it makes none. */
export function guessesOfHome(walks: readonly SeenWalk[]): Record<string, XY> {
  const seen = walks.filter(({ lines }) => lines.length > 0);
  const ends = seen.flatMap(({ lines }) => [lines[0]![0]!, lines.at(-1)!.at(-1)!]);
  const starts = seen.map(({ lines }) => lines[0]![0]!);
  const lastSteps = seen.flatMap(({ lines }) => raysOf(lines, 0));
  const stretches = seen.flatMap(({ lines }) => raysOf(lines, AIM_M));
  const loops = seen.filter(({ lines }) => gapM(lines) < MAX_LOOP_GAP_M);
  return {
    'circle through the ends (Kåsa)': kasa(ends),
    'circle through the starts (Kåsa)': kasa(starts),
    'circle through the ends (Taubin)': taubin(ends),
    'circle through the ends (geometric)': geometricCircle(ends),
    'centre of gravity of the ends': centroid(ends),
    'median of the ends': geometricMedian(ends),
    'where the last steps meet': meetingPoint(lastSteps),
    'where most of the last steps meet': meetingPoint(lastSteps, 40),
    'where the last stretches meet': meetingPoint(stretches),
    'where most of the last stretches meet': meetingPoint(stretches, 40),
    'missing distance, straight': trilaterated(loops, { isTortuous: false, hasOffset: false }),
    'missing distance, by streets': trilaterated(loops, { isTortuous: true, hasOffset: false }),
    'missing distance, with an unknown part': trilaterated(loops, { isTortuous: true, hasOffset: true }),
  };
}

const gapM = (lines: readonly XY[][]) => distance(lines[0]![0]!, lines.at(-1)!.at(-1)!);
const distance = (a: XY, b: XY) => Math.hypot(a.x - b.x, a.y - b.y);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const centroid = (points: readonly XY[]): XY => ({
  x: mean(points.map(({ x }) => x)),
  y: mean(points.map(({ y }) => y)),
});
export const lengthM = (line: readonly XY[]) =>
  line.slice(1).reduce((sum, point, i) => sum + distance(line[i]!, point), 0);

/** From each end of a walk towards what is hidden: by its last step, or by its last stretch. */
function raysOf(lines: readonly XY[][], stretchM: number): Ray[] {
  return [lines[0]!, lines.at(-1)!.toReversed()].flatMap((line) => {
    const at = line[0]!;
    const before = line.find((point) => distance(point, at) > stretchM);
    if (!before) return [];
    const stepM = distance(before, at);
    return [{ at, along: { x: (at.x - before.x) / stepM, y: (at.y - before.y) / stepM } }];
  });
}

/** Kåsa 1976: least squares of x² + y² + Dx + Ey + F. */
function kasa(points: readonly XY[]): XY {
  const { Muu, Mvv, Muv, Muz, Mvz, centre } = moments(points);
  const det = Muu * Mvv - Muv * Muv;
  return {
    x: centre.x + (Muz * Mvv - Mvz * Muv) / det / 2,
    y: centre.y + (Mvz * Muu - Muz * Muv) / det / 2,
  };
}

/** Taubin 1991, by Newton's method (Chernov 2010, 5.9). */
function taubin(points: readonly XY[]): XY {
  const { Muu, Mvv, Muv, Muz, Mvz, Mzz, centre } = moments(points);
  const Mz = Muu + Mvv;
  const cov = Muu * Mvv - Muv * Muv;
  const A3 = 4 * Mz;
  const A2 = -3 * Mz * Mz - Mzz;
  const A1 = Mzz * Mz + 4 * cov * Mz - Muz * Muz - Mvz * Mvz - Mz ** 3;
  const A0 = Muz * Muz * Mvv + Mvz * Mvz * Muu - Mzz * cov - 2 * Muz * Mvz * Muv + Mz * Mz * cov;
  let root = 0;
  for (let i = 0; i < 50; i++) {
    const value = A0 + root * (A1 + root * (A2 + root * A3));
    const slope = A1 + root * (2 * A2 + root * 3 * A3);
    const next = root - value / slope;
    if (!Number.isFinite(next) || next < 0) break;
    root = next;
  }
  const det = root * root - root * Mz + cov;
  return {
    x: centre.x + (Muz * (Mvv - root) - Mvz * Muv) / det / 2,
    y: centre.y + (Mvz * (Muu - root) - Muz * Muv) / det / 2,
  };
}

function moments(points: readonly XY[]) {
  const centre = centroid(points);
  const about = points.map(({ x, y }) => {
    const [u, v] = [x - centre.x, y - centre.y];
    return { u, v, z: u * u + v * v };
  });
  return {
    centre,
    Muu: mean(about.map(({ u }) => u * u)),
    Mvv: mean(about.map(({ v }) => v * v)),
    Muv: mean(about.map(({ u, v }) => u * v)),
    Muz: mean(about.map(({ u, z }) => u * z)),
    Mvz: mean(about.map(({ v, z }) => v * z)),
    Mzz: mean(about.map(({ z }) => z * z)),
  };
}

/** The centre whose distances to the points differ least. */
const geometricCircle = (points: readonly XY[]): XY =>
  leastOf((centre) => {
    const radii = points.map((point) => distance(point, centre));
    const radius = mean(radii);
    return mean(radii.map((r) => (r - radius) ** 2));
  }, centroid(points));

/** Weiszfeld 1937. */
function geometricMedian(points: readonly XY[]): XY {
  let at = centroid(points);
  for (let i = 0; i < 100; i++) {
    const weights = points.map((point) => 1 / Math.max(distance(point, at), 1));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    at = {
      x: points.reduce((total, { x }, p) => total + x * weights[p]!, 0) / sum,
      y: points.reduce((total, { y }, p) => total + y * weights[p]!, 0) / sum,
    };
  }
  return at;
}

/** The point nearest to all lines; with a scale, to most of them (Cauchy's loss). */
function meetingPoint(rays: readonly Ray[], scaleM?: number): XY {
  const off = ({ at, along }: Ray, p: XY) => (p.x - at.x) * along.y - (p.y - at.y) * along.x;
  return leastOf(
    (p) => mean(rays.map((ray) => lossOf(off(ray, p), scaleM))),
    centroid(rays.map(({ at }) => at)),
  );
}

const lossOf = (residual: number, scaleM?: number) =>
  scaleM ? Math.log1p((residual / scaleM) ** 2) : residual ** 2;

/**
 * What is missing of each walk's distance is the way from home to the first visible point and from the last one back:
 * `missing = k · (|first − home| + |last − home|) + offset` for all walks at once.
 */
function trilaterated(
  walks: readonly SeenWalk[],
  { isTortuous, hasOffset }: { isTortuous: boolean; hasOffset: boolean },
): XY {
  const missing = walks.map(({ lines, distanceM }) => {
    const gapsM = lines.slice(1).map((line, i) => distance(lines[i]!.at(-1)!, line[0]!));
    const visibleM = lines.reduce((sum, line) => sum + lengthM(line), 0);
    return distanceM - visibleM - gapsM.reduce((sum, gap) => sum + gap, 0);
  });
  const ends = walks.map(({ lines }) => [lines[0]![0]!, lines.at(-1)!.at(-1)!] as const);
  return leastOf((home) => {
    const direct = ends.map(([first, last]) => distance(first, home) + distance(last, home));
    const [dMean, mMean] = hasOffset ? [mean(direct), mean(missing)] : [0, 0];
    const k = isTortuous
      ? mean(direct.map((d, i) => (d - dMean) * (missing[i]! - mMean))) /
        mean(direct.map((d) => (d - dMean) ** 2))
      : 1;
    return mean(direct.map((d, i) => lossOf(missing[i]! - mMean - k * (d - dMean), 150)));
  }, centroid(ends.flat()));
}

/** The least value of a function of a place: by ever finer grids, so that no start has to be guessed. */
function leastOf(cost: (at: XY) => number, about: XY): XY {
  let best = about;
  for (let reachM = SEARCH_M; reachM > 1; reachM /= 3) {
    const from = best;
    let least = Infinity;
    for (let i = -STEPS; i <= STEPS; i++) {
      for (let j = -STEPS; j <= STEPS; j++) {
        const at = { x: from.x + (i * reachM) / STEPS, y: from.y + (j * reachM) / STEPS };
        const value = cost(at);
        if (value < least) [least, best] = [value, at];
      }
    }
  }
  return best;
}
