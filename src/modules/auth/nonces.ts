import { randomToken, sha256 } from '../../platform/crypto/secrets.js';
import type { Connection, Transaction } from '../../platform/database/database.js';
import { rejectLogin } from './auth.errors.js';

const NONCE_TTL_MS = 10 * 60_000;

export async function issueNonce(db: Connection, now: Date): Promise<{ nonce: string; expiresAt: Date }> {
  const nonce = randomToken();
  const expiresAt = new Date(now.getTime() + NONCE_TTL_MS);
  await db.prisma.loginNonce.create({ data: { nonceHash: sha256(nonce), expiresAt } });
  return { nonce, expiresAt };
}

/** Asked before the provider is, so that a wrong nonce does not cost the user the code. @throws login-rejected */
export async function checkNonce(db: Connection, nonce: string, now: Date): Promise<void> {
  const row = await db.prisma.loginNonce.findUnique({
    where: { nonceHash: sha256(nonce), expiresAt: { gt: now } },
  });
  if (!row) throw rejectLogin('nonce-unknown');
}

/**
 * In the transaction that uses the proof: of two logins with one nonce, one succeeds; and a login that fails
 * (the provider is down) may be repeated with the same nonce.
 * @throws login-rejected
 */
export async function spendNonce(tx: Transaction, nonce: string, now: Date): Promise<void> {
  const { count } = await tx.prisma.loginNonce.deleteMany({
    where: { nonceHash: sha256(nonce), expiresAt: { gt: now } },
  });
  if (count === 0) throw rejectLogin('nonce-unknown');
}
