import { Injectable, Logger } from '@nestjs/common';
import { randomToken } from '../../platform/crypto/secrets.js';
import { OutboundError } from '../../platform/outbound/http-client.js';
import type { SizePx } from '../../platform/storage/file-links.js';
import { Storage } from '../../platform/storage/storage.js';
import { Images, MEDIA_TYPE, type PreparedImage } from './images.js';
import { storageUnavailable } from './photos.errors.js';

export const PHOTOS = 'photos/';
export const UPLOADS = 'uploads/';
export const newFolder = (of: typeof PHOTOS | typeof UPLOADS): string => of + randomToken();
export const originalIn = (folder: string): string => `${folder}/original`;
export const versionIn = (folder: string, sizePx: SizePx): string => `${folder}/${sizePx}.webp`;

export type StoredImage = Omit<PreparedImage, 'files'> & { folder: string };

/** From what somebody sent to files in a folder of their own. */
@Injectable()
export class PhotoFiles {
  private readonly log = new Logger(PhotoFiles.name);

  constructor(
    private readonly images: Images,
    private readonly storage: Storage,
  ) {}

  /** @throws what `Images` refuses; storage-unavailable, with nothing left behind that a row names */
  async store(original: Buffer): Promise<StoredImage> {
    const { files, ...image } = await this.images.prepare(original);
    const folder = newFolder(PHOTOS);
    try {
      for (const [sizePx, bytes] of files)
        await reaching(this.storage.put(versionIn(folder, sizePx), bytes, MEDIA_TYPE));
    } catch (error) {
      await this.discard(folder);
      throw error;
    }
    return { ...image, folder };
  }

  /** What no row came to name. Where that fails, the sweep of orphans does it. */
  async discard(folder: string): Promise<void> {
    try {
      await this.storage.delete(`${folder}/`);
    } catch (error) {
      this.log.warn({ err: error }, 'files without a photo left behind');
    }
  }
}

/** @throws storage-unavailable */
export async function reaching<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw error instanceof OutboundError ? storageUnavailable({ headers: { 'retry-after': '10' } }) : error;
  }
}
