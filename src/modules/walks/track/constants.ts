/**
 * The numbers of the walk rules. Each is a product decision (DOMAIN.md, section Walks): change one only with
 * its reason, and raise FILTER_VERSION with it, so that stored walks can be derived again.
 */
export const FILTER_VERSION = 1;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const KMH = 1 / 3.6;

// Cleaning
export const MAX_ACCURACY_M = 50;
/** A fix older than the start by more than this is a cached one, not a position of this walk. */
export const STALE_FIX_MS = 60 * SECOND_MS;
export const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;
/** Faster than any dog or runner: a single fix reached and left above this is a teleport. */
export const MAX_STEP_SPEED_MPS = 12;
/** A step shorter than this can be GPS noise, however fast it looks at 1 Hz. */
export const MIN_JUMP_M = 50;

// Breaks
export const BREAK_GAP_MS = 5 * MINUTE_MS;
/** Longer than this without a fix, the straight line is an estimate. */
export const ESTIMATE_GAP_MS = 60 * SECOND_MS;
export const MAX_ESTIMATE_SPEED_MPS = 3;

// Vehicles
export const MAX_WALK_SPEED_MPS = 15 * KMH;
export const VEHICLE_WINDOW_MS = 60 * SECOND_MS;
/** Exactly 15.0 km/h is a walk: allow for the rounding of coordinates (6 decimals are 0.1 m). */
export const WINDOW_TOLERANCE_M = 0.1;
/** The edge of a drive is where steps become faster than a brisk walk. */
export const DRIVE_EDGE_SPEED_MPS = 3;
export const MAX_DRIVE_EDGE_MS = 60 * SECOND_MS;
/** Between two stretches of a drive, less than this is a red light or a traffic jam, not a walk. */
export const MAX_STOP_IN_DRIVE_MS = 120 * SECOND_MS;
/** Close to a drive a shorter window is enough: a car also moves up, parks and pulls out. */
export const DRIVE_BURST_WINDOW_MS = 20 * SECOND_MS;
/** So many steps that are each too fast are a drive with few fixes; one or two are a faulty position. */
export const MIN_DRIVE_JUMPS = 3;

// Smoothing
/** Below this a track is exact enough as it is, and smoothing would only cut its corners. */
export const MIN_SMOOTHED_NOISE_M = 0.5;
export const MAX_SMOOTHED_NOISE_M = 8;
/** Three fixes spread wider than this say more of the street than of the noise. */
export const MAX_NOISE_TRIPLE_MS = 24 * SECOND_MS;
/** Spectral density of a walker's acceleration, m²/s³. */
export const WALK_ACCELERATION_DENSITY = 0.07;
/** Fixes that call themselves worse than this are given their own, smaller weight. */
export const GOOD_ACCURACY_M = 20;

// Standing
/** Slow drift of a resting receiver, and a shorter rest with a good one. */
export const STAYS = [
  { radiusM: 30, minMs: 180 * SECOND_MS, mergeMs: 120 * SECOND_MS },
  { radiusM: 10, minMs: 45 * SECOND_MS, mergeMs: 0 },
] as const;
/** A yard is not a place of rest for who keeps walking in it: typical speed over this time, below this. */
export const RESTLESS_WINDOW_MS = 30 * SECOND_MS;
export const MAX_REST_SPEED_MPS = 0.6;
/** How fast one leaves and reaches a place of rest; the time is taken from the rest. */
export const STAY_APPROACH_SPEED_MPS = 1;
/** A step slower than this is partly standing: d metres move for at most d / 0.3 s. */
export const MIN_MOVING_SPEED_MPS = 0.3;

export const TOP_SPEED_WINDOW_MS = 30 * SECOND_MS;

// Validity
export const MIN_WALK_DISTANCE_M = 500;
/** Exactly 500 m counts: a centimetre for floating point. */
export const DISTANCE_TOLERANCE_M = 0.01;
export const SPEED_TOLERANCE_MPS = 0.01 * KMH;

// Suspicion
export const SYNTHETIC_MIN_M = 300;
export const SYNTHETIC_MIN_POINTS = 10;
/** No receiver repeats a straight line this well; coordinates of 6 decimals (0.06 m) do. */
export const SYNTHETIC_TOLERANCE_M = 0.2;
export const FINGERPRINT_MIN_POINTS = 10;

// Forgotten stop
export const TRIM_TAIL_MS = 10 * MINUTE_MS;
/** The last bout of walking at least this long is where the walk ended. */
export const TRIM_MIN_BOUT_M = 100;

// Privacy
export const HIDDEN_END_M = 200;
/** The centre of gravity of many walks' ends lies half-way between home and the circle's centre: half of it is still > 100 m. */
export const MIN_ZONE_SHIFT_M = 250;
export const MAX_ZONE_SHIFT_M = 350;
export const MAX_ZONE_WIDENING_M = 100;
/** Beyond the true circle at its nearest side, so that a simplified line cannot cut into it either. */
export const ZONE_MARGIN_M = 50;

/** Over how much of a visible end it is judged where it points, and how much more is hidden to make it point off home. */
export const AIM_STRETCH_M = 60;
export const MAX_AIMING_M = 400;
/** Streets over the straight line, where the way itself is hidden (1.2–1.4 in cities): so totals are neither longer nor shorter. */
export const HIDDEN_WAY_CIRCUITY = 1.2;

export const PREVIEW_MAX_POINTS = 100;
export const GPX_MAX_POINTS = 50_000;

/** A walk without fixes for so long has ended: also when a recording counts as abandoned. */
export const MAX_SILENCE_MS = 12 * 3_600_000;

/** Times of a GPX file are of this century, as those of the API are. */
export const GPX_EARLIEST_MS = Date.UTC(2000, 0, 1);
export const GPX_LATEST_MS = Date.UTC(2090, 0, 1);
/** Opening and closing tags: a point with elevation, time and extensions has about ten. */
export const GPX_MAX_TAGS = 600_000;
