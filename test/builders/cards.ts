import type { WalkOnCard } from '../../src/modules/shares/card/content-rules.js';
import { SEOUL_FOREST, streetWalk } from './tracks.js';

export { SEOUL_FOREST };

export const STREETS = streetWalk({ startMs: 0, km: 3, seed: 11, noiseM: 3, start: SEOUL_FOREST });
export const LONG_WAY = [4, 9].map((seed) => streetWalk({ startMs: 0, km: 9, seed, noiseM: 3 }));

/** A walk as it comes to the card: an ordinary one unless told. */
export const walkOnCard = (given: Partial<WalkOnCard> = {}): WalkOnCard => ({
  walkDate: '2026-11-20',
  distanceM: 3_400,
  movingS: 2_820,
  petNames: ['보리'],
  lines: [STREETS],
  ...given,
});
