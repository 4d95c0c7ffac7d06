import type { Privacy } from '../users/index.js';
import { effectiveZone, type Segment, shownLengthM, viewerSafeSegments } from './track/index.js';

/** A route as anybody but its owner may see it, under the owner's present privacy zones, and the length they are told. */
export function safeRoute(
  segments: readonly Segment[],
  { zones, seed }: Privacy,
): { segments: Segment[]; lengthM: number | null } {
  const circles = zones.map((zone) => effectiveZone(zone, seed));
  const visible = viewerSafeSegments(segments, circles, seed);
  return { segments: visible, lengthM: shownLengthM(segments, visible, circles, seed) };
}
