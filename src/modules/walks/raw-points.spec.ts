import { chunkOf, chunkOfTrack, distinctCount, pointsOf, repeatsOf } from './raw-points.js';

const receivedAt = new Date('2026-11-20T03:00:00Z');
const fix = (seq: number, more = {}) => ({
  seq,
  t: new Date(Date.parse('2026-11-20T02:00:00Z') + seq * 1000).toISOString(),
  lat: 37.5,
  lng: 127,
  ...more,
});

it('G15 what is unknown stays unknown, and 0 stays 0', () => {
  const { points } = pointsOf([
    { ...chunkOf([fix(0), fix(1, { accuracyM: 0, altitudeM: 0, speedMps: -1, mock: true })]), receivedAt },
  ]);
  expect(points[0]).toEqual({
    seq: 0,
    tMs: Date.parse(fix(0).t),
    lat: 37.5,
    lng: 127,
    mock: false,
    receivedAtMs: receivedAt.getTime(),
  });
  expect(points[1]).toMatchObject({ accuracyM: 0, altitudeM: 0, speedMps: -1, mock: true });
});

it('G03 the same content has the same hash, any other content another', () => {
  const hashOf = (...args: Parameters<typeof chunkOf>) =>
    Buffer.from(chunkOf(...args).contentHash).toString('hex');
  const pause = { from: fix(0).t, to: fix(5).t };
  expect(hashOf([fix(0), fix(1)])).toBe(hashOf([{ ...fix(0) }, fix(1, { mock: false })]));
  const others = [
    [fix(1), fix(0)],
    [fix(0)],
    [fix(0), fix(1, { accuracyM: 3 })],
    [fix(0), fix(1, { mock: true })],
  ];
  for (const other of others) expect(hashOf(other)).not.toBe(hashOf([fix(0), fix(1)]));
  expect(hashOf([fix(0)], [pause])).not.toBe(hashOf([fix(0)]));
});

it('a chunk and its pauses come back as they were, through JSON too', () => {
  const pauses = [{ fromMs: 1_000, toMs: 2_000 }];
  const points = [{ seq: 3, tMs: 1_790_000_000_123, lat: 37.12345678901234, lng: -0.1, altitudeM: 12.5 }];
  const stored = JSON.parse(JSON.stringify(chunkOfTrack(points, pauses)));
  const back = pointsOf([{ ...stored, receivedAt }]);
  expect(back.points[0]).toMatchObject(points[0]!);
  expect(back.pauses).toEqual(pauses);
});

it('counts each number of a fix once', () => {
  const { points } = pointsOf([
    { ...chunkOf([fix(0), fix(1)]), receivedAt },
    { ...chunkOf([fix(1), fix(2)]), receivedAt },
  ]);
  expect(distinctCount(points)).toBe(3);
});

it('a chunk repeats another only if it holds all of it: fixes, their details, and pauses', () => {
  const pause = { from: fix(0).t, to: fix(5).t };
  const repeats = repeatsOf(chunkOf([fix(0), fix(1), fix(2)], [pause]));
  expect(repeats(chunkOf([fix(2), fix(0)], [pause]))).toBe(true);
  expect(repeats(chunkOf([fix(2), fix(3)]))).toBe(false);
  expect(repeats(chunkOf([fix(2, { mock: true })]))).toBe(false);
  expect(repeats(chunkOf([fix(2)], [{ ...pause, to: fix(6).t }]))).toBe(false);
});
