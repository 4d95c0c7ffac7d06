import sharp, { type Metadata, type Sharp } from 'sharp';
import { Injectable } from '@nestjs/common';
import { MAX_FILES_HELD } from '../../platform/http/file-body.js';
import { SIZES_PX, type SizePx } from '../../platform/storage/file-links.js';
import { Turns } from '../../platform/turns.js';
import { takenBy } from './exif.js';
import { imageTypeOf } from './image-type.js';
import type { Taken } from './photo-place-rules.js';
import { heicNotSupported, imageBroken, imageTooLarge, imageTypeNotSupported } from './photos.errors.js';

export const MEDIA_TYPE = 'image/webp';

const MAX_PIXELS = 50_000_000;
/** Beyond it no camera goes, and no WebP can. */
const MAX_SIDE_PX = 16_383;
const TIMEOUT_S = 20;
const QUALITY = 80;
/** How many pictures a process has in the works: each may take some 200 MB while it is decoded. */
const AT_ONCE = 2;

// One thread a picture, and nothing kept between them.
sharp.concurrency(1);
sharp.cache(false);

export interface PreparedImage {
  /** The biggest one's. */
  widthPx: number;
  heightPx: number;
  files: ReadonlyMap<SizePx, Buffer>;
  taken: Taken;
}

/** Makes of whatever somebody sends what is kept: two small WebPs of pixels alone, the right way up. */
@Injectable()
export class Images {
  private readonly turns = new Turns(AT_ONCE, MAX_FILES_HELD);

  /**
   * An animation becomes its first frame.
   * @throws heic-not-supported, image-type-not-supported, image-too-large, image-broken
   */
  prepare(bytes: Buffer): Promise<PreparedImage> {
    return this.turns.take(() => prepare(bytes));
  }
}

async function prepare(bytes: Buffer): Promise<PreparedImage> {
  const type = imageTypeOf(bytes);
  if (type === 'heif') throw heicNotSupported();
  if (type === null) throw imageTypeNotSupported();
  const metadata = await orBroken(sharp(bytes, { limitInputPixels: false }).metadata()); // of its header
  checkSize(metadata);
  const [thumbnailPx, fullPx] = SIZES_PX;
  // Decoded once: the small one is made from the big one's pixels.
  const { data, info } = await orBroken(
    within(open(bytes).autoOrient(), fullPx)
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  const pixels = () =>
    sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  const encoded = (image: Sharp) =>
    image.webp({ quality: QUALITY }).timeout({ seconds: TIMEOUT_S }).toBuffer();
  return {
    widthPx: info.width,
    heightPx: info.height,
    files: new Map<SizePx, Buffer>([
      [thumbnailPx, await encoded(within(pixels(), thumbnailPx))],
      [fullPx, await encoded(pixels())],
    ]),
    taken: takenBy(metadata.exif),
  };
}

const open = (bytes: Buffer): Sharp =>
  sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS, pages: 1 });

const within = (image: Sharp, sidePx: number): Sharp =>
  image
    .resize({ width: sidePx, height: sidePx, fit: 'inside', withoutEnlargement: true })
    .timeout({ seconds: TIMEOUT_S });

function checkSize({ width, height }: Metadata): void {
  if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE_PX) throw imageTooLarge();
}

/** libvips says in words alone what is wrong; that it is wrong is all that the sender can use. */
async function orBroken<T>(made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch {
    throw imageBroken();
  }
}
