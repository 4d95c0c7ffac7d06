import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { parse, stringify } from 'uuid';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../clock/clock.js';
import { keyedHash, keysOf } from '../crypto/secrets.js';

/** The versions of a picture, by their longest sides. */
export const SIZES_PX = [320, 1080] as const;
export type SizePx = (typeof SIZES_PX)[number];

/** Where both are; part of every shape that shows a picture. */
export const pictureUrls = {
  url320: z.string().meta({ description: '긴 변 320픽셀 WebP; 몇 시간 동안만 쓸 수 있다' }),
  url1080: z.string().meta({ description: '긴 변 1080픽셀 WebP; 몇 시간 동안만 쓸 수 있다' }),
} satisfies Record<`url${SizePx}`, z.ZodType>;

/** A link is good until the end of the next full slot: for 6 to 12 hours, and the same until then, so it can be kept. */
const SLOT_S = 6 * 3_600;
const SIGNATURE_BYTES = 16;
const ID_BYTES = 16;
const PURPOSE = 'file-link:';
const UNTIL_AT = 2 * ID_BYTES;
const SIZE_AT = UNTIL_AT + 4;
const LENGTH = SIZE_AT + 2;

export interface FileLink {
  fileId: string;
  /** Who was given it: what they may see is asked again when it is followed. */
  viewerId: string;
  sizePx: SizePx;
}

/** Addresses of files, `/files/<token>`: nobody can make one, and each is one viewer's for some hours. */
@Injectable()
export class FileLinks {
  private readonly keys: readonly [string, ...string[]];
  private readonly base: string;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly clock: Clock,
  ) {
    this.keys = keysOf(config);
    this.base = config.http.publicUrl ?? '';
  }

  urlOf({ fileId, viewerId, sizePx }: FileLink): string {
    const told = Buffer.alloc(LENGTH);
    told.set(parse(viewerId), 0);
    told.set(parse(fileId), ID_BYTES);
    told.writeUInt32BE((Math.floor(this.nowS() / SLOT_S) + 2) * SLOT_S, UNTIL_AT);
    told.writeUInt16BE(sizePx, SIZE_AT);
    const token = Buffer.concat([told, signatureOf(told, this.keys[0])]).toString('base64url');
    return `${this.base.replace(/\/$/, '')}/files/${token}`;
  }

  urlsOf(fileId: string, viewerId: string): Record<keyof typeof pictureUrls, string> {
    const [url320, url1080] = SIZES_PX.map((sizePx) => this.urlOf({ fileId, viewerId, sizePx }));
    return { url320: url320!, url1080: url1080! };
  }

  /** @returns null for a token that is not ours, or not good any more */
  read(token: string): (FileLink & { secondsLeft: number }) | null {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length !== LENGTH + SIGNATURE_BYTES || bytes.toString('base64url') !== token) return null;
    const told = bytes.subarray(0, LENGTH);
    const signature = bytes.subarray(LENGTH);
    if (!this.keys.some((key) => timingSafeEqual(signatureOf(told, key), signature))) return null;
    const secondsLeft = told.readUInt32BE(UNTIL_AT) - this.nowS();
    const sizePx = SIZES_PX.find((px) => px === told.readUInt16BE(SIZE_AT));
    if (secondsLeft <= 0 || !sizePx) return null;
    return {
      viewerId: stringify(told.subarray(0, ID_BYTES)),
      fileId: stringify(told.subarray(ID_BYTES, UNTIL_AT)),
      sizePx,
      secondsLeft,
    };
  }

  private nowS(): number {
    return Math.floor(this.clock.nowMs() / 1_000);
  }
}

const signatureOf = (told: Buffer, key: string): Uint8Array =>
  keyedHash(PURPOSE + told.toString('base64url'), key).subarray(0, SIGNATURE_BYTES);
