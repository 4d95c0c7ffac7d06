import {
  drive,
  moved,
  SEOUL_FOREST,
  straightRobotWalk,
  streetWalk,
} from '../../../../test/builders/tracks.js';
import { deriveTrack } from './derive.js';
import type { TrackPoint } from './point.js';
import { validateWalk, type ValidityContext } from './validity.js';

const START_MS = Date.parse('2026-03-02T00:00:00Z');
const quiet: ValidityContext = {
  serverNowMs: START_MS + 3_600_000,
  claimedStartMs: START_MS,
  duplicateTrack: false,
  overlappingWalk: false,
  awaitingPoints: false,
};
const judge = (points: readonly TrackPoint[], context: Partial<ValidityContext> = {}) =>
  validateWalk(deriveTrack(points), { ...quiet, ...context });

/** Noise-free zigzag of short legs: exact in length and not one straight line. */
const zigzag = (lengthM: number, speedMps: number): TrackPoint[] => {
  const legM = 75;
  let corner = SEOUL_FOREST;
  const points: TrackPoint[] = [{ seq: 0, tMs: START_MS, ...corner }];
  for (let doneM = 0, leg = 0; doneM < lengthM - 1e-9; leg++) {
    const stepM = Math.min(legM, lengthM - doneM);
    corner = moved(corner, leg % 2 ? 80 : 100, stepM);
    doneM += stepM;
    points.push({ seq: leg + 1, tMs: START_MS + (doneM / speedMps) * 1000, ...corner });
  }
  return points;
};

describe('validateWalk', () => {
  const walk = streetWalk({ startMs: START_MS, km: 1, noiseM: 3 });

  it('an ordinary walk counts', () => {
    expect(judge(walk)).toEqual({ counts: true, reasons: [] });
  });

  it('G13 exactly 500 m counts, 499.9 m do not', () => {
    expect(judge(zigzag(500, 1.25))).toEqual({ counts: true, reasons: [] });
    expect(judge(zigzag(499.9, 1.25))).toEqual({ counts: false, reasons: ['too_short'] });
  });

  it('G13 exactly 15.0 km/h counts, 15.1 km/h is a vehicle', () => {
    expect(judge(zigzag(2000, 15 / 3.6))).toEqual({ counts: true, reasons: [] });
    expect(judge(zigzag(2000, 15.1 / 3.6))).toEqual({ counts: false, reasons: ['too_short', 'vehicle'] });
  });

  it('G13 an average just above 15 km/h is too fast, whatever the windows say', () => {
    const track = { ...deriveTrack(walk), avgSpeedMps: 15 / 3.6 };
    expect(validateWalk(track, quiet).reasons).toEqual([]);
    expect(validateWalk({ ...track, avgSpeedMps: 15.1 / 3.6 }, quiet).reasons).toEqual(['too_fast']);
  });

  it('G06 no point left is one reason', () => {
    expect(judge([])).toEqual({ counts: false, reasons: ['no_points'] });
    expect(judge([{ seq: 0, tMs: START_MS, lat: 0, lng: 0 }]).reasons).toEqual(['no_points']);
    expect(judge(walk.slice(0, 1)).reasons).toEqual(['too_short']);
  });

  it('G09 a drive does not spoil a walk that is long enough without it', () => {
    const ride = drive({
      startMs: walk.at(-1)!.tMs + 1000,
      start: walk.at(-1)!,
      km: 2,
      noiseM: 3,
      firstSeq: 5_000,
    });
    expect(judge([...walk, ...ride])).toEqual({ counts: true, reasons: [] });
    expect(
      judge([...walk.slice(0, 200), ...ride.map((p) => ({ ...p, tMs: p.tMs - 600_000 }))]).reasons,
    ).toEqual(expect.arrayContaining(['too_short', 'vehicle']));
  });

  it('G16 spoofing signs are reasons', () => {
    expect(judge(walk.map((p, i) => ({ ...p, mock: i === 5 }))).reasons).toEqual(['mock_location']);
    expect(judge(straightRobotWalk({ startMs: START_MS, km: 1 })).reasons).toEqual(['synthetic_track']);
  });

  it('G14 a start more than 5 min ahead of the server is in the future', () => {
    expect(judge(walk, { serverNowMs: START_MS - 300_000 }).reasons).toEqual([]);
    expect(judge(walk, { serverNowMs: START_MS - 300_001 }).reasons).toEqual(['starts_in_future']);
    expect(judge([], { serverNowMs: START_MS - 300_001 }).reasons).toEqual(['no_points', 'starts_in_future']);
  });

  it('G02 G05 what the server knows of other walks and chunks is a reason', () => {
    expect(judge(walk, { duplicateTrack: true }).reasons).toEqual(['duplicate_track']);
    expect(judge(walk, { overlappingWalk: true }).reasons).toEqual(['overlapping_walk']);
    expect(judge(walk, { awaitingPoints: true })).toEqual({ counts: false, reasons: ['awaiting_points'] });
  });
});
