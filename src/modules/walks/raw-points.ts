import { sha256 } from '../../platform/crypto/secrets.js';
import type { Pause, TrackPoint } from './track/index.js';
import type { PauseIn, PointIn } from './walks.schemas.js';

/** A fix as it is stored: seq, tMs, lat, lng, accuracyM, altitudeM, speedMps, mock. */
export type StoredPoint = [
  number,
  number,
  number,
  number,
  number | null,
  number | null,
  number | null,
  0 | 1,
];
export type StoredPause = [number, number];

/** One request's points as the row they become. The same content is the same row, however often it is sent. */
export interface Chunk {
  contentHash: Uint8Array<ArrayBuffer>;
  points: StoredPoint[];
  pauses: StoredPause[];
}

export function chunkOf(points: readonly PointIn[], pauses: readonly PauseIn[] = []): Chunk {
  return packed(
    points.map((p) => [
      p.seq,
      Date.parse(p.t),
      p.lat,
      p.lng,
      p.accuracyM ?? null,
      p.altitudeM ?? null,
      p.speedMps ?? null,
      p.mock ? 1 : 0,
    ]),
    pauses.map(({ from, to }) => [Date.parse(from), Date.parse(to)]),
  );
}

/** From a parsed GPX file. */
export function chunkOfTrack(points: readonly TrackPoint[], pauses: readonly Pause[]): Chunk {
  return packed(
    points.map((p) => [
      p.seq,
      p.tMs,
      p.lat,
      p.lng,
      p.accuracyM ?? null,
      p.altitudeM ?? null,
      p.speedMps ?? null,
      p.mock ? 1 : 0,
    ]),
    pauses.map(({ fromMs, toMs }) => [fromMs, toMs]),
  );
}

function packed(points: StoredPoint[], pauses: StoredPause[]): Chunk {
  return { contentHash: sha256(JSON.stringify([points, pauses])), points, pauses };
}

export interface StoredChunk {
  points: StoredPoint[];
  pauses: StoredPause[];
  receivedAt: Date;
}

/** Tells whether another chunk holds nothing that this one lacks. */
export function repeatsOf({
  points,
  pauses,
}: Chunk): (other: { points: unknown; pauses: unknown }) => boolean {
  const held = new Set([...points, ...pauses].map((item) => JSON.stringify(item)));
  return (other) =>
    [...(other.points as unknown[]), ...(other.pauses as unknown[])].every((item) =>
      held.has(JSON.stringify(item)),
    );
}

/** All chunks of a walk, back as points. */
export function pointsOf(chunks: readonly StoredChunk[]): { points: TrackPoint[]; pauses: Pause[] } {
  const points: TrackPoint[] = [];
  const pauses: Pause[] = [];
  for (const chunk of chunks) {
    const receivedAtMs = chunk.receivedAt.getTime();
    for (const [seq, tMs, lat, lng, accuracyM, altitudeM, speedMps, mock] of chunk.points) {
      points.push({
        seq,
        tMs,
        lat,
        lng,
        accuracyM: accuracyM ?? undefined,
        altitudeM: altitudeM ?? undefined,
        speedMps: speedMps ?? undefined,
        mock: mock === 1,
        receivedAtMs,
      });
    }
    for (const [fromMs, toMs] of chunk.pauses) pauses.push({ fromMs, toMs });
  }
  return { points, pauses };
}

/** How many different fixes there are: what a phone's own count is compared with. */
export const distinctCount = (points: readonly TrackPoint[]): number =>
  new Set(points.map(({ seq }) => seq)).size;
