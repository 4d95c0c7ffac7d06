import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { GPX_EARLIEST_MS, GPX_LATEST_MS, GPX_MAX_POINTS, GPX_MAX_TAGS } from './constants.js';
import type { Pause, Segment, TrackPoint } from './point.js';

export type GpxErrorCode = 'gpx-malformed' | 'gpx-no-time' | 'gpx-no-points' | 'gpx-too-many-points';

export class GpxError extends Error {
  override readonly name = 'GpxError';

  constructor(
    readonly code: GpxErrorCode,
    message: string,
  ) {
    super(message);
  }
}

interface XmlPoint {
  lat?: unknown;
  lon?: unknown;
  time?: unknown;
  ele?: unknown;
}

interface XmlTrack {
  name?: unknown;
  trkseg?: unknown;
}

const LISTS = new Set(['gpx.trk', 'gpx.trk.trkseg', 'gpx.trk.trkseg.trkpt']);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (_name, path) => LISTS.has(String(path)),
});

/**
 * Reads the tracks of GPX 1.0 and 1.1. Between two `trkseg` the recorder was paused. `hdop` is no accuracy
 * in metres and is ignored, and so are waypoints and routes.
 *
 * @throws GpxError
 */
export function parseGpx(xml: string): { name?: string; points: TrackPoint[]; pauses: Pause[] } {
  const gpx = readXml(xml);
  const tracks = listOf<XmlTrack>(gpx['trk']);
  const points: TrackPoint[] = [];
  const pauses: Pause[] = [];
  for (const segment of tracks.flatMap((track) => listOf<{ trkpt?: unknown }>(track.trkseg))) {
    let before = points.at(-1);
    for (const node of listOf<XmlPoint>(segment.trkpt)) {
      const point = readPoint(node, points.length);
      if (before && before.tMs < point.tMs) pauses.push({ fromMs: before.tMs, toMs: point.tMs });
      before = undefined;
      points.push(point);
    }
  }
  if (points.length === 0) throw new GpxError('gpx-no-points', 'The GPX has no track points.');
  const name = textOf(tracks[0]?.name) ?? textOf((gpx['metadata'] as XmlTrack | undefined)?.name);
  return { ...(name ? { name: decodeText(name) } : {}), points, pauses };
}

const malformed = (message: string) => new GpxError('gpx-malformed', message);

function readXml(xml: string): Record<string, unknown> {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw malformed('Document type declarations are not accepted.');
  let tags = 0;
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at + 1)) {
    if (++tags > GPX_MAX_TAGS) throw malformed('The GPX has too many elements.');
  }
  const tag = /<(?:[\w.-]{1,40}:)?trkpt[\s/>]/g;
  for (let count = 0; tag.test(xml);) {
    if (++count > GPX_MAX_POINTS) {
      throw new GpxError('gpx-too-many-points', `A GPX can have ${GPX_MAX_POINTS} track points at most.`);
    }
  }
  let root: unknown;
  try {
    if (XMLValidator.validate(xml) === true) root = (parser.parse(xml) as { gpx?: unknown }).gpx;
  } catch (error) {
    throw new GpxError('gpx-malformed', `Not an XML document: ${(error as Error).name}.`);
  }
  if (root === '') throw new GpxError('gpx-no-points', 'The GPX has no track points.');
  if (typeof root !== 'object' || root === null) throw malformed('Not a GPX document.');
  return root as Record<string, unknown>;
}

/** An element without children is read as text. */
const listOf = <T>(value: unknown): T[] =>
  (Array.isArray(value) ? value : []).filter((item) => typeof item === 'object' && item !== null) as T[];

const textOf = (value: unknown): string | undefined => {
  const text =
    typeof value === 'object' && value !== null ? (value as { '#text'?: unknown })['#text'] : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
};

function numberOf(value: unknown): number | undefined {
  const text = textOf(value)?.trim();
  const number = text ? Number(text) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

function readPoint(node: XmlPoint, seq: number): TrackPoint {
  const [lat, lng, altitudeM] = [numberOf(node.lat), numberOf(node.lon), numberOf(node.ele)];
  if (lat === undefined || lng === undefined) throw malformed('A track point has no position.');
  const point = { seq, tMs: readTime(textOf(node.time)), lat, lng };
  return altitudeM === undefined ? point : { ...point, altitudeM };
}

/** ISO 8601; GPX times are UTC where they do not say otherwise. */
function readTime(text: string | undefined): number {
  if (text === undefined) throw new GpxError('gpx-no-time', 'A track point has no time.');
  const match = /^\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)?\s*$/i.exec(text);
  const tMs = match ? Date.parse(`${match[1]}${match[2] ?? 'Z'}`) : NaN;
  if (Number.isNaN(tMs)) throw malformed('A track point has an unreadable time.');
  if (tMs < GPX_EARLIEST_MS || tMs >= GPX_LATEST_MS) throw malformed('A track point is of another century.');
  return tMs;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five predefined entities and character references; anything else stays as it is written. */
function decodeText(text: string): string {
  return text.replace(
    /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (whole, name, dec, hex) => {
      if (name) return ENTITIES[name as string] ?? whole;
      const code = dec ? Number(dec) : parseInt(hex as string, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** What XML 1.0 cannot hold, even escaped. */
// eslint-disable-next-line no-control-regex
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function escapeText(text: string): string {
  return text
    .replace(NOT_XML, '')
    .replace(/[&<>"']/g, (c) => `&${Object.keys(ENTITIES).find((name) => ENTITIES[name] === c)};`);
}

/** GPX longitudes end before 180. */
const longitude = (lng: number): number => (lng >= 180 ? lng - 360 : lng);

/** A GPX 1.1 document, one `trkseg` for each segment. Round-trips through `parseGpx`. */
export function buildGpx(input: { name: string; segments: readonly Segment[] }): string {
  const segments = input.segments.map((segment) => {
    const points = segment.map(({ lat, lng, tMs, altitudeM }) => {
      const ele = altitudeM === undefined ? '' : `<ele>${altitudeM.toFixed(2)}</ele>`;
      const time = `<time>${new Date(tMs).toISOString()}</time>`;
      return `<trkpt lat="${lat.toFixed(7)}" lon="${longitude(lng).toFixed(7)}">${ele}${time}</trkpt>`;
    });
    return `<trkseg>\n${points.join('\n')}\n</trkseg>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gpx version="1.1" creator="멍이랑" xmlns="http://www.topografix.com/GPX/1/1">',
    `<trk><name>${escapeText(input.name)}</name>`,
    ...segments,
    '</trk>',
    '</gpx>',
    '',
  ].join('\n');
}
