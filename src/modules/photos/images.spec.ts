import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { heic, phonePhoto, picture, png, TRACES } from '../../../test/builders/pictures.js';
import type { Problem } from '../../platform/http/problem.js';
import { Images, type PreparedImage } from './images.js';

const MB = 1024 * 1024;
const images = new Images();
const prepare = (bytes: Buffer) => images.prepare(bytes);
const refusal = async (bytes: Buffer): Promise<string> => {
  const error = await prepare(bytes).then(
    () => undefined,
    (reason: unknown) => reason as Problem,
  );
  return `${error?.kind?.status} ${error?.kind?.code}`;
};

/** What is kept is WebP of nothing but pixels. */
async function expectClean({ files, widthPx, heightPx }: PreparedImage, [width, height]: number[]) {
  expect([widthPx, heightPx]).toEqual([width, height]);
  expect([...files.keys()]).toEqual([320, 1080]);
  for (const [sizePx, bytes] of files) {
    const metadata = await sharp(bytes).metadata();
    expect(metadata).toMatchObject({ format: 'webp', space: 'srgb' });
    expect(Math.max(metadata.width, metadata.height)).toBeLessThanOrEqual(sizePx);
    for (const kind of ['exif', 'xmp', 'icc', 'iptc', 'orientation', 'comments'] as const)
      expect([kind, metadata[kind]]).toEqual([kind, undefined]);
    // Nothing but pixels: no chunk of metadata, and no word of it anywhere.
    expect(chunksOf(bytes).filter((chunk) => !['VP8 ', 'VP8L', 'VP8X', 'ALPH'].includes(chunk))).toEqual([]);
    for (const trace of TRACES) expect([trace, bytes.includes(trace)]).toEqual([trace, false]);
  }
}

function chunksOf(webp: Buffer): string[] {
  const names: string[] = [];
  for (let at = 12; at < webp.length;) {
    names.push(webp.toString('latin1', at, at + 4));
    const size = webp.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return names;
}

const halfOf = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);

const colourAt = async (bytes: Buffer, x: number, y: number) => {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [r, , b] = data.subarray((y * info.width + x) * info.channels);
  return r! > b! ? 'red' : 'blue';
};

it('P05 keeps nothing of a phone’s photo but its pixels', async () => {
  const bytes = await phonePhoto({ lat: 37.5, lng: 127, takenAt: '2026:11:20 10:30:00' });
  for (const trace of TRACES) expect([trace, bytes.includes(trace)]).toEqual([trace, true]);
  const image = await prepare(bytes);
  await expectClean(image, [400, 300]);
  expect(image.taken.position!.lat).toBeCloseTo(37.5, 6);
  expect(image.taken.atMs).toBe(Date.parse('2026-11-20T01:30:00Z'));
});

it.each([
  [1, 'left'],
  [3, 'right'],
  [6, 'top'],
  [8, 'bottom'],
])('P05 turns orientation %i upright: red is at the %s', async (orientation, red) => {
  const image = await prepare(await phonePhoto({ orientation }));
  await expectClean(image, orientation >= 5 ? [300, 400] : [400, 300]);
  for (const bytes of image.files.values()) {
    const { width, height } = await sharp(bytes).metadata();
    const ends = {
      left: await colourAt(bytes, 5, height >> 1),
      right: await colourAt(bytes, width - 5, height >> 1),
      top: await colourAt(bytes, width >> 1, 5),
      bottom: await colourAt(bytes, width >> 1, height - 5),
    };
    expect(ends[red as keyof typeof ends]).toBe('red');
    const opposite = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' } as const;
    expect(ends[opposite[red as keyof typeof ends]]).toBe('blue');
  }
});

it('P05 takes PNG, with its transparency, and WebP, and makes big ones small', async () => {
  await expectClean(await prepare(await picture('webp', { widthPx: 3000, heightPx: 2000 })), [1080, 720]);
  const clear = await sharp({
    create: { width: 500, height: 900, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
  })
    .png()
    .withExif({ IFD0: { Make: 'SecretCam 9000' }, IFD3: { GPSLatitude: '37/1 30/1 0/1' } })
    .toBuffer();
  const image = await prepare(clear);
  await expectClean(image, [500, 900]);
  expect((await sharp(image.files.get(320)).stats()).isOpaque).toBe(false);
  expect(await sharp(image.files.get(320)).metadata()).toMatchObject({ width: 178, height: 320 });
});

it('takes pictures of other colours: CMYK, grey, 16 bits, a profile', async () => {
  const base = sharp(await picture());
  await expectClean(await prepare(await base.clone().toColourspace('cmyk').jpeg().toBuffer()), [400, 300]);
  await expectClean(await prepare(await base.clone().greyscale().jpeg().toBuffer()), [400, 300]);
  await expectClean(await prepare(await base.clone().toColourspace('rgb16').png().toBuffer()), [400, 300]);
  await expectClean(await prepare(await base.clone().withIccProfile('p3').jpeg().toBuffer()), [400, 300]);
});

it('D5 keeps the first frame of an animation of 500', async () => {
  const frames = await sharp(Buffer.alloc(40 * 40 * 500 * 3, 90), {
    raw: { width: 40, height: 40 * 500, channels: 3, pageHeight: 40 },
  })
    .webp()
    .toBuffer();
  await expectClean(await prepare(frames), [40, 40]);
});

it('P06 a picture that is a page as well becomes a picture', async () => {
  const polyglot = Buffer.concat([
    await phonePhoto(),
    Buffer.from('<html><script>alert("polyglot")</script></html>'),
  ]);
  const image = await prepare(polyglot);
  for (const bytes of image.files.values()) expect(bytes.toString('latin1')).not.toMatch(/html|script/i);
});

it.each<[string, () => Buffer | Promise<Buffer>, string]>([
  ['HEIC', () => heic(), '415 heic-not-supported'],
  ['HEIF of another brand', () => heic('mif1'), '415 heic-not-supported'],
  ['AVIF', () => picture('avif'), '415 heic-not-supported'],
  ['GIF', () => picture('gif'), '415 image-type-not-supported'],
  ['TIFF', () => picture('tiff'), '415 image-type-not-supported'],
  [
    'SVG',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    '415 image-type-not-supported',
  ],
  ['a page', () => Buffer.from('<!doctype html><img src=x>'), '415 image-type-not-supported'],
  [
    'a zip',
    () => Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500)]),
    '415 image-type-not-supported',
  ],
  ['a PDF', () => Buffer.from('%PDF-1.7\n'), '415 image-type-not-supported'],
  ['a video', () => heic('isom'), '415 image-type-not-supported'],
  ['nothing', () => Buffer.alloc(0), '415 image-type-not-supported'],
  ['two bytes', () => Buffer.from([0xff, 0xd8]), '415 image-type-not-supported'],
  ['half a JPEG', async () => halfOf(await picture('jpeg', { widthPx: 900 })), '422 image-broken'],
  ['half a PNG', async () => halfOf(await picture('png')), '422 image-broken'],
  ['half a WebP', async () => halfOf(await picture('webp')), '422 image-broken'],
  [
    'a JPEG’s first bytes before a zip',
    () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('PK\x03\x04'), Buffer.alloc(500)]),
    '422 image-broken',
  ],
  [
    'noise after the first bytes',
    () => Buffer.concat([Buffer.from('RIFF....WEBP'), Buffer.alloc(500, 77)]),
    '422 image-broken',
  ],
  ['200 megapixels by its header', () => png({ widthPx: 20_000, heightPx: 10_000 }), '422 image-too-large'],
  ['900 megapixels by its header', () => png({ widthPx: 30_000, heightPx: 30_000 }), '422 image-too-large'],
  ['a line of 40,000 pixels', () => png({ widthPx: 40_000, heightPx: 1 }), '422 image-too-large'],
])('D5 P06 refuses %s', async (_, make, answer) => {
  expect(await refusal(await make())).toBe(answer);
});

it('D5 refuses what is too large by its header, within 50 ms and a few MB', async () => {
  const bytes = png({ widthPx: 20_000, heightPx: 10_000, rows: Buffer.alloc(10_000_000) });
  await refusal(bytes); // the library is there by now
  const rss = process.memoryUsage().rss;
  const triesMs: number[] = [];
  for (let i = 0; i < 3; i++) {
    const startedMs = performance.now();
    expect(await refusal(bytes)).toBe('422 image-too-large');
    triesMs.push(performance.now() - startedMs);
  }
  expect(Math.min(...triesMs)).toBeLessThan(50); // the machine may be busy
  expect(process.memoryUsage().rss - rss).toBeLessThan(20 * MB);
});

it('D5 is not blown up by a few bytes that unpack to hundreds of MB', async () => {
  const unpacking = deflateSync(Buffer.alloc(300 * MB));
  const bombs = [
    // 49 megapixels of black: large, and allowed.
    png({ widthPx: 7_000, heightPx: 7_000, rows: Buffer.alloc(7_000 * 7_001) }),
    png({
      widthPx: 8,
      heightPx: 8,
      rows: Buffer.alloc(72),
      more: [['iCCP', Buffer.concat([Buffer.from('p\0\0'), unpacking])]],
    }),
    png({
      widthPx: 8,
      heightPx: 8,
      rows: Buffer.alloc(72),
      more: [['zTXt', Buffer.concat([Buffer.from('Comment\0\0'), unpacking])]],
    }),
    png({ widthPx: 8, heightPx: 8, rows: Buffer.alloc(200 * MB) }),
  ];
  const [startedMs, rssBefore] = [performance.now(), process.memoryUsage().rss];
  let peak = rssBefore;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
  for (const bomb of bombs) {
    expect(bomb.length).toBeLessThan(MB);
    await prepare(bomb).catch(() => undefined);
  }
  clearInterval(watch);
  console.log(
    `bombs: ${Math.round(performance.now() - startedMs)} ms, RSS +${Math.round((peak - rssBefore) / MB)} MB`,
  );
  expect(peak - rssBefore).toBeLessThan(150 * MB);
});

it('D5 ten pictures of 12 megapixels at once take their turns, in bounded memory', async () => {
  const noise = Buffer.alloc(500 * 375 * 3);
  for (let i = 0; i < noise.length; i++) noise[i] = (i * 2_654_435_761) >>> 24;
  const bytes = await sharp(noise, { raw: { width: 500, height: 375, channels: 3 } })
    .resize(4_000, 3_000)
    .jpeg()
    .toBuffer();
  await prepare(bytes);
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
  const startedMs = performance.now();
  const made = await Promise.all(Array.from({ length: 10 }, () => prepare(bytes)));
  clearInterval(watch);
  console.log(
    `10 × 12 MP: ${Math.round(performance.now() - startedMs)} ms, RSS +${Math.round((peak - before) / MB)} MB`,
  );
  for (const image of made) expect([image.widthPx, image.heightPx]).toEqual([1080, 810]);
  expect(peak - before).toBeLessThan(250 * MB);
});
