import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { Config } from '../../config/config.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const POOL_BYTES = 4_096;

let pool = Buffer.alloc(0);

/** Random bytes, of which the system is asked for many at once: asking costs more than what they are for. */
export function pooledRandomBytes(count: number): Uint8Array {
  if (count > pool.length) pool = randomBytes(Math.max(count, POOL_BYTES));
  const bytes = pool.subarray(0, count);
  pool = pool.subarray(count);
  return bytes;
}

/** As an object: of bytes, a cipher finds out at length that they are none. Not kept, as refresh tokens are keys too. */
const keyFrom = (secretText: string): KeyObject => createSecretKey(sha256(secretText));

/** AES-256-GCM under a key derived from any secret text. Layout: iv ‖ tag ‖ ciphertext. */
export function seal(plain: string, secretText: string): Uint8Array<ArrayBuffer> {
  const iv = pooledRandomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFrom(secretText), iv);
  const body = [cipher.update(plain, 'utf8'), cipher.final()];
  return new Uint8Array(Buffer.concat([iv, cipher.getAuthTag(), ...body]));
}

/** @throws Error when the key is another one or the bytes were changed */
export function unseal(sealed: Uint8Array, secretText: string): string {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(secretText), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString(
    'utf8',
  );
}

/** The key that seals, and behind it the former one while it is being rotated out. */
export const keysOf = ({
  encryptionKey,
  encryptionPreviousKey,
}: Pick<Config, 'encryptionKey' | 'encryptionPreviousKey'>): readonly [string, ...string[]] => [
  encryptionKey!,
  ...(encryptionPreviousKey ? [encryptionPreviousKey] : []),
];

/** @throws Error when none of the keys sealed it, or the bytes were changed */
export function unsealByAny(sealed: Uint8Array, [key, ...others]: readonly [string, ...string[]]): string {
  try {
    return unseal(sealed, key);
  } catch (error) {
    const [next, ...more] = others;
    if (next === undefined) throw error;
    return unsealByAny(sealed, [next, ...more]);
  }
}

export function sha256(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/** HMAC-SHA256: finds a secret again without keeping it, and nobody can try values without the key. */
export function keyedHash(text: string, secretText: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac('sha256', secretText).update(text).digest());
}

/** What a text may be found by: its hash under each key, the present one's first. */
export const keyedHashes = (text: string, keys: readonly string[]): Uint8Array<ArrayBuffer>[] =>
  keys.map((key) => keyedHash(text, key));

/** Compares without telling by its duration how much was right. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/** 256 bits, URL-safe. */
export const randomToken = (): string => randomBytes(32).toString('base64url');
