import { moved, type TrackInput, along, seededRandom } from './tracks.js';
import type { Position, TrackPoint } from '../../src/modules/walks/track/index.js';

const BLOCK_M = 90;
/** A park, a river, a friend: most walks go the few same ways. */
const FAVOURITES = 5;
const FAVOURITE_SHARE = 0.7;

/**
 * One of the many walks of somebody who lives at `home`, through a grid of streets that has its own direction at each
 * home: most go round and come back by other streets, some come back the same way, and some end elsewhere.
 */
export function homeWalk(input: TrackInput & { home: Position; walk: number }): TrackPoint[] {
  const { home, walk, seed = 1 } = input;
  const random = seededRandom(seed * 7_919 + walk);
  const northDeg = seededRandom(seed)() * 90;
  const favourite = seededRandom(seed * 31 + Math.floor(random() * FAVOURITES));
  const bearing =
    (random() < FAVOURITE_SHARE ? favourite() + 0.06 * (random() - 0.5) : random()) * 2 * Math.PI;
  const blocks = 6 + random() * 14;
  const far = { east: Math.round(blocks * Math.sin(bearing)), north: Math.round(blocks * Math.cos(bearing)) };
  const way = (to: { east: number; north: number }) => stairs(to, random);
  const out = way(far);
  const kind = random();
  const back = kind < 0.6 ? way(far).toReversed() : kind < 0.8 ? out.toReversed() : [];
  const corners = [...out, ...back].map(({ east, north }) =>
    moved(moved(home, northDeg, north * BLOCK_M), northDeg + 90, east * BLOCK_M),
  );
  const door = moved(home, random() * 360, random() * 8);
  const track = [door, ...corners.slice(1, -1), ...(back.length ? [door] : corners.slice(-1))];
  return along(withoutStops(track), 1.1 + random() * 0.3, { ...input, noiseM: 4, seed: seed * 7_919 + walk });
}

/** From the origin to a crossing of streets, block by block, turning where chance says. */
function stairs(to: { east: number; north: number }, random: () => number) {
  const at = { east: 0, north: 0 };
  const passed = [{ ...at }];
  while (at.east !== to.east || at.north !== to.north) {
    const [east, north] = [Math.abs(to.east - at.east), Math.abs(to.north - at.north)];
    if (random() * (east + north) < east) at.east += Math.sign(to.east - at.east);
    else at.north += Math.sign(to.north - at.north);
    passed.push({ ...at });
  }
  return passed;
}

const withoutStops = (corners: Position[]) =>
  corners.filter(
    (corner, i) => i === 0 || corner.lat !== corners[i - 1]!.lat || corner.lng !== corners[i - 1]!.lng,
  );
