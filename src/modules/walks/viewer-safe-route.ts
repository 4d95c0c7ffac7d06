import type { Privacy } from '../users/index.js';
import { effectiveZone, type Segment, viewerSafeSegments } from './track/index.js';

/** A route as anybody but its owner may see it, under the owner's present privacy zones. */
export function safeSegments(segments: readonly Segment[], { zones, seed }: Privacy): Segment[] {
  return viewerSafeSegments(
    segments,
    zones.map((zone) => effectiveZone(zone, seed)),
    seed,
  );
}
