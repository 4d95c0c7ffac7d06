import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { sameSecret } from '../../../platform/crypto/secrets.js';
import type { NaverDisconnect } from '../auth.schemas.js';

const MAX_AGE_S = 600;
const IV_BYTES = 16;

/**
 * The user whose connection ended, or null when the notification is not Naver's, not ours or too old.
 * Signature and encryption as naver-openapi-guide has them: HMAC-SHA256 and AES-128-CBC under MD5(client secret).
 */
export function disconnectedUserOf(
  { clientId, encryptUniqueId, timestamp, signature }: NaverDisconnect,
  ours: { clientId: string; clientSecret: string; now: Date },
): string | null {
  if (clientId !== ours.clientId || !encryptUniqueId || !timestamp || !signature) return null;
  const key = createHash('md5').update(ours.clientSecret).digest();
  const signed = `clientId=${clientId}&encryptUniqueId=${encryptUniqueId}&timestamp=${timestamp}`;
  const isNavers = sameSecret(signature, createHmac('sha256', key).update(signed).digest('base64url'));
  const isFresh = Math.abs(ours.now.getTime() / 1000 - Number(timestamp)) <= MAX_AGE_S;
  return isNavers && isFresh ? decrypt(encryptUniqueId, key) : null;
}

/** Only called with what Naver signed. */
function decrypt(encryptUniqueId: string, key: Buffer): string {
  const raw = Buffer.from(encryptUniqueId, 'base64url');
  const decipher = createDecipheriv('aes-128-cbc', key, raw.subarray(0, IV_BYTES));
  return Buffer.concat([decipher.update(raw.subarray(IV_BYTES)), decipher.final()]).toString('utf8');
}
