import type { TrackPoint } from '../../src/modules/walks/track/index.js';

/** Points as the phone sends them. */
export function wirePoints(points: readonly TrackPoint[]) {
  return points.map(({ seq, tMs, lat, lng, accuracyM, altitudeM, speedMps, mock }) => ({
    seq,
    t: new Date(tMs).toISOString(),
    lat,
    lng,
    accuracyM,
    altitudeM,
    speedMps,
    mock,
  }));
}

export function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
