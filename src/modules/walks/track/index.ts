export { dogCaloriesKcal } from './calories.js';
export { deriveTrack, type DerivedTrack } from './derive.js';
export { buildGpx, GpxError, parseGpx } from './gpx.js';
export { distanceBetweenM } from './point.js';
export type { Pause, Position, Segment, TrackPoint } from './point.js';
export { encodePreview } from './preview.js';
export { INVALID_REASONS, validateWalk, type InvalidReason } from './validity.js';
export { effectiveZone, shownLengthM, viewerSafeSegments } from './viewer-safe.js';
