import fc from 'fast-check';
import { GPX_EARLIEST_MS, GPX_LATEST_MS } from './constants.js';
import { streetWalk } from '../../../../test/builders/tracks.js';
import { deriveTrack } from './derive.js';
import { buildGpx, GpxError, parseGpx } from './gpx.js';
import type { Segment } from './point.js';

const START_MS = Date.parse('2026-03-02T00:00:00Z');
const gpx = (inside: string, version = '1.1') =>
  `<?xml version="1.0"?><gpx version="${version}" xmlns="http://www.topografix.com/GPX/1/1">${inside}</gpx>`;
const trkpt = (second: number, attributes = 'lat="37.5" lon="127.1"') =>
  `<trkpt ${attributes}><time>2026-03-02T00:00:${String(second).padStart(2, '0')}Z</time></trkpt>`;

function codeOf(xml: string): string | undefined {
  try {
    parseGpx(xml);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(GpxError);
    return (error as GpxError).code;
  }
}

describe('parseGpx', () => {
  it('reads name, position, elevation and time of a GPX 1.1', () => {
    const xml = gpx(
      `<metadata><name>file</name></metadata><wpt lat="1" lon="1"/><rte><rtept lat="1" lon="1"/></rte>
       <trk><name>강아지 &amp; 나 &#128054;&#xAC15;</name><trkseg>
       <trkpt lat="37.5" lon="127.1"><ele>12.5</ele><time>2026-03-02T09:00:00+09:00</time><hdop>1</hdop></trkpt>
       <trkpt lat='-37.6' lon='127.2'><time>2026-03-02T00:00:10.250Z</time></trkpt></trkseg></trk>`,
    );
    expect(parseGpx(xml)).toEqual({
      name: '강아지 & 나 🐶강',
      points: [
        { seq: 0, tMs: START_MS, lat: 37.5, lng: 127.1, altitudeM: 12.5 },
        { seq: 1, tMs: START_MS + 10_250, lat: -37.6, lng: 127.2 },
      ],
      pauses: [],
    });
  });

  it('reads GPX 1.0, prefixes, a byte order mark and a single point', () => {
    const single = gpx(`<trk><trkseg>${trkpt(0)}</trkseg></trk>`, '1.0');
    expect(parseGpx(`\ufeff${single}`).points).toHaveLength(1);
    const prefixed =
      '<g:gpx xmlns:g="http://www.topografix.com/GPX/1/1"><g:trk><g:trkseg><g:trkpt lat="1" lon="2">' +
      '<g:time>2026-03-02T00:00:00</g:time></g:trkpt></g:trkseg></g:trk></g:gpx>';
    expect(parseGpx(prefixed).points).toEqual([{ seq: 0, tMs: START_MS, lat: 1, lng: 2 }]);
  });

  it('G11 the boundary between two segments is a pause', () => {
    const seg = (...seconds: number[]) => `<trkseg>${seconds.map((s) => trkpt(s)).join('')}</trkseg>`;
    const xml = gpx(`<trk>${seg(0, 5)}<trkseg/>${seg(20)}</trk><trk>${seg(20, 30)}${seg(40)}</trk>`);
    expect(parseGpx(xml).pauses).toEqual([
      { fromMs: START_MS + 5_000, toMs: START_MS + 20_000 },
      { fromMs: START_MS + 30_000, toMs: START_MS + 40_000 },
    ]);
  });

  it.each([
    ['nothing', '', 'gpx-malformed'],
    ['text', 'walk', 'gpx-malformed'],
    [
      'another century',
      gpx(`<trk><trkseg>${trkpt(0).replace('2026', '1850')}</trkseg></trk>`),
      'gpx-malformed',
    ],
    ['a million elements', gpx('<a/>'.repeat(600_001)), 'gpx-malformed'],
    ['another document', '<kml/>', 'gpx-malformed'],
    ['an unclosed element', gpx('<trk>'), 'gpx-malformed'],
    ['an empty GPX', gpx(''), 'gpx-no-points'],
    ['an empty segment', gpx('<trk><trkseg></trkseg></trk>'), 'gpx-no-points'],
    ['waypoints only', gpx('<wpt lat="1" lon="2"></wpt>'), 'gpx-no-points'],
    ['a point without time', gpx('<trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk>'), 'gpx-no-time'],
    ['no longitude', gpx(`<trk><trkseg>${trkpt(0, 'lat="1"')}</trkseg></trk>`), 'gpx-malformed'],
    ['NaN', gpx(`<trk><trkseg>${trkpt(0, 'lat="NaN" lon="1"')}</trkseg></trk>`), 'gpx-malformed'],
    ['no number', gpx(`<trk><trkseg>${trkpt(0, 'lat="" lon="1"')}</trkseg></trk>`), 'gpx-malformed'],
    [
      'an impossible time',
      gpx(`<trk><trkseg>${trkpt(0)}</trkseg></trk>`).replace('03-02', '13-02'),
      'gpx-malformed',
    ],
    ['a DOCTYPE', `<!DOCTYPE gpx [<!ENTITY a "b">]>${gpx('')}`, 'gpx-malformed'],
    ['an ENTITY', gpx('<!ENTITY a "b">'), 'gpx-malformed'],
  ])('refuses %s', (_name, xml, code) => {
    expect(codeOf(xml)).toBe(code);
  });

  it('expands no entity but the five predefined', () => {
    const xml = gpx(`<trk><name>&lol;&lt;&amp;lt;</name><trkseg>${trkpt(0)}</trkseg></trk>`);
    expect(parseGpx(xml).name).toBe('&lol;<&lt;');
  });

  it('G19 50,000 points are read, one more is refused before it is parsed', () => {
    const track = (count: number) => gpx(`<trk><trkseg>${trkpt(1).repeat(count)}</trkseg></trk>`);
    expect(parseGpx(track(50_000)).points).toHaveLength(50_000);
    expect(codeOf(track(50_001))).toBe('gpx-too-many-points');
  });
});

describe('buildGpx', () => {
  const coordinate = (max: number) => fc.integer({ min: -max * 1e7, max: max * 1e7 - 1 }).map((n) => n / 1e7);
  const point = fc.record(
    {
      tMs: fc.integer({ min: GPX_EARLIEST_MS, max: GPX_LATEST_MS - 1 }),
      lat: coordinate(90),
      lng: coordinate(180),
      altitudeM: fc.integer({ min: -40_000, max: 900_000 }).map((n) => n / 100),
    },
    { requiredKeys: ['tMs', 'lat', 'lng'] },
  );
  const segments = fc.array(fc.array(point, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 4 });

  it('round-trips through parseGpx', () => {
    fc.assert(
      fc.property(segments, (written: Segment[]) => {
        const { points } = parseGpx(buildGpx({ name: '산책', segments: written }));
        expect(points).toEqual(written.flat().map((p, seq) => ({ seq, ...p })));
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it('writes a segment for each segment, read back as pauses', () => {
    const at = (s: number) => ({ tMs: START_MS + s * 1000, lat: 37.5, lng: 127.1 });
    const xml = buildGpx({
      name: 'a',
      segments: [
        [at(0), at(1)],
        [at(9), at(10)],
      ],
    });
    expect(xml.match(/<trkseg>/g)).toHaveLength(2);
    expect(parseGpx(xml).pauses).toEqual([{ fromMs: START_MS + 1000, toMs: START_MS + 9000 }]);
  });

  it('escapes whatever a name holds', () => {
    const name = `<b>"멍이" & '나' 🐕 ]]></b>`;
    const track = [{ tMs: START_MS, lat: 1, lng: 2 }];
    expect(parseGpx(buildGpx({ name, segments: [track] })).name).toBe(name);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        const read = parseGpx(buildGpx({ name: `${any}.`, segments: [track] })).name;
        expect(read?.endsWith('.')).toBe(true);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('a derived walk keeps its length through GPX', () => {
    const track = deriveTrack(streetWalk({ startMs: START_MS, km: 1, noiseM: 4 }));
    const { points, pauses } = parseGpx(buildGpx({ name: 'w', segments: track.segments }));
    expect(deriveTrack(points, { pauses }).distanceM).toBeCloseTo(track.distanceM, -1);
  });
});
