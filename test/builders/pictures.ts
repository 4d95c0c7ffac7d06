import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** Words that metadata carries in tests; none of them may be in what is stored. */
export const TRACES = ['SecretCam 9000', 'secret-thumbnail', 'secret-xmp', 'secret-comment', 'Exif', 'GPS'];

export interface ExifFacts {
  lat?: number;
  lng?: number;
  /** `2026:11:20 10:30:00`, by the camera's clock. */
  takenAt?: string;
  /** `+09:00` */
  offset?: string;
  /** 1–8, as in TIFF. */
  orientation?: number;
  thumbnail?: Buffer;
  isBigEndian?: boolean;
}

interface PictureOptions {
  widthPx?: number;
  heightPx?: number;
}

/** Left half red, right half blue, so that turning it shows. */
export async function picture(
  format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff' = 'jpeg',
  { widthPx = 400, heightPx = 300 }: PictureOptions = {},
): Promise<Buffer> {
  const right = await sharp({
    create: { width: Math.ceil(widthPx / 2), height: heightPx, channels: 3, background: '#0000ff' },
  })
    .png()
    .toBuffer();
  return sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: '#ff0000' } })
    .composite([{ input: right, gravity: 'east' }])
    .toFormat(format)
    .toBuffer();
}

/** A JPEG as a phone makes it: EXIF with position, thumbnail and camera, XMP, a comment. */
export async function phonePhoto(
  facts: ExifFacts = { lat: 37.5, lng: 127 },
  options: PictureOptions = {},
): Promise<Buffer> {
  const jpeg = await picture('jpeg', options);
  const thumbnail = Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    Buffer.from('secret-thumbnail'),
    Buffer.from([0xff, 0xd9]),
  ]);
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/">secret-xmp GPSLatitude="37,30N"</x:xmpmeta>';
  return Buffer.concat([
    jpeg.subarray(0, 2),
    jpegSegment(0xe1, exifOf(tiff({ thumbnail, ...facts }))),
    jpegSegment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`)),
    jpegSegment(0xfe, Buffer.from('secret-comment')),
    jpeg.subarray(2),
  ]);
}

/** As it is in a JPEG. */
export const exifOf = (block: Buffer): Buffer => Buffer.concat([Buffer.from('Exif\0\0'), block]);

function jpegSegment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** The value is written in the block's byte order. */
type Entry = [tag: number, type: number, count: number, value: (isBig: boolean) => Buffer];

const numbers = (bytesEach: 2 | 4, values: number[]) => (isBig: boolean) => {
  const bytes = Buffer.alloc(values.length * bytesEach);
  values.forEach((value, i) =>
    isBig
      ? bytes.writeUIntBE(value, i * bytesEach, bytesEach)
      : bytes.writeUIntLE(value, i * bytesEach, bytesEach),
  );
  return bytes;
};
const ascii = (tag: number, text: string): Entry => [tag, 2, text.length + 1, () => Buffer.from(`${text}\0`)];
const long = (tag: number, value: number): Entry => [tag, 4, 1, numbers(4, [value])];
const short = (tag: number, value: number): Entry => [tag, 3, 1, numbers(2, [value])];
/** Degrees, minutes, seconds to a ten-thousandth. */
const degrees = (tag: number, value: number): Entry => {
  const seconds = Math.round(Math.abs(value) * 36_000_000);
  const parts = [Math.floor(seconds / 36_000_000), Math.floor((seconds % 36_000_000) / 600_000)];
  return [tag, 5, 3, numbers(4, [parts[0]!, 1, parts[1]!, 1, seconds % 600_000, 10_000])];
};

/** The TIFF block of EXIF: IFD0, EXIF, GPS and the thumbnail's IFD1. */
export function tiff({
  lat,
  lng,
  takenAt,
  offset,
  orientation = 1,
  thumbnail,
  isBigEndian: isBig = false,
}: ExifFacts): Buffer {
  const exif: Entry[] = [
    ...(takenAt ? [ascii(0x9003, takenAt)] : []),
    ...(offset ? [ascii(0x9011, offset)] : []),
  ];
  const gps: Entry[] =
    lat === undefined || lng === undefined
      ? []
      : [ascii(1, lat < 0 ? 'S' : 'N'), degrees(2, lat), ascii(3, lng < 0 ? 'W' : 'E'), degrees(4, lng)];
  const base = (exifAt: number, gpsAt: number): Entry[] => [
    ascii(0x010f, 'SecretCam 9000'),
    short(0x0112, orientation),
    ...(exif.length > 0 ? [long(0x8769, exifAt)] : []),
    ...(gps.length > 0 ? [long(0x8825, gpsAt)] : []),
  ];
  const small = (at: number): Entry[] =>
    thumbnail ? [short(0x0103, 6), long(0x0201, at), long(0x0202, thumbnail.length)] : [];
  const baseAt = 8;
  const exifAt = baseAt + sizeOf(base(0, 0));
  const gpsAt = exifAt + sizeOf(exif);
  const smallAt = gpsAt + sizeOf(gps);
  const thumbnailAt = smallAt + sizeOf(small(0));
  return Buffer.concat([
    Buffer.from(isBig ? 'MM' : 'II'),
    numbers(2, [42])(isBig),
    numbers(4, [baseAt])(isBig),
    ifd(base(exifAt, gpsAt), baseAt, isBig, thumbnail ? smallAt : 0),
    exif.length > 0 ? ifd(exif, exifAt, isBig) : Buffer.alloc(sizeOf(exif)),
    gps.length > 0 ? ifd(gps, gpsAt, isBig) : Buffer.alloc(sizeOf(gps)),
    ifd(small(thumbnailAt), smallAt, isBig),
    thumbnail ?? Buffer.alloc(0),
  ]);
}

const bytesOf = ([, , , value]: Entry): number => value(false).length;
const sizeOf = (entries: Entry[]): number =>
  6 + entries.length * 12 + entries.map(bytesOf).reduce((sum, bytes) => sum + (bytes > 4 ? bytes : 0), 0);

function ifd(entries: Entry[], at: number, isBig: boolean, next = 0): Buffer {
  let outsideAt = at + 6 + entries.length * 12;
  const outside: Buffer[] = [];
  const rows = entries.map(([tag, type, count, value]) => {
    const bytes = value(isBig);
    const head = [numbers(2, [tag, type])(isBig), numbers(4, [count])(isBig)];
    if (bytes.length <= 4) return Buffer.concat([...head, bytes, Buffer.alloc(4 - bytes.length)]);
    outside.push(bytes);
    outsideAt += bytes.length;
    return Buffer.concat([...head, numbers(4, [outsideAt - bytes.length])(isBig)]);
  });
  return Buffer.concat([numbers(2, [entries.length])(isBig), ...rows, numbers(4, [next])(isBig), ...outside]);
}

/** A block of thousands of entries that all claim the same 60 KB, under every tag that somebody could look at. */
export function floodedTiff(): Buffer {
  const tags = [0x8769, 0x8825, 0x9003, 0x9011, 1, 2, 3, 4, 0x9286, 0x010f];
  const flood = Array.from({ length: 5_000 }, (_, i) => {
    const type = [1, 2, 5, 7][i % 4]!;
    const count = type === 5 ? 7_000 : 60_000;
    return Buffer.concat([
      numbers(2, [i % 3 ? tags[i % tags.length]! : i, type])(false),
      numbers(4, [count, 8])(false),
    ]);
  });
  return Buffer.concat([
    Buffer.from('II'),
    numbers(2, [42])(false),
    numbers(4, [8])(false),
    numbers(2, [flood.length])(false),
    ...flood,
  ]);
}

/** A PNG of such a size; without rows there is only its header. `more`: chunks before the picture. */
export function png({
  widthPx,
  heightPx,
  rows,
  more = [],
}: {
  widthPx: number;
  heightPx: number;
  rows?: Buffer;
  more?: [string, Buffer][];
}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.set([8, 0, 0, 0, 0], 8); // 8 bits of grey
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    ...more.map(([kind, content]) => pngChunk(kind, content)),
    pngChunk('IDAT', deflateSync(rows ?? Buffer.alloc(1))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(kind: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** As an iPhone sends it: the first bytes are all that is looked at. */
export const heic = (brand = 'heic'): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 0x18]), Buffer.from(`ftyp${brand}`), Buffer.alloc(200)]);

/** A form with one file, under any name and media type. */
export function form(
  file: Uint8Array | null,
  fields: Record<string, string> = {},
  { name = 'photo.jpg', type = 'image/jpeg' }: { name?: string; type?: string } = {},
): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  if (file) form.append('file', new Blob([new Uint8Array(file)], { type }), name);
  return form;
}
