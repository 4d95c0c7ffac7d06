import { v7 as uuidv7 } from 'uuid';
import { seal } from '../../platform/crypto/secrets.js';
import { statement, type Transaction } from '../../platform/database/database.js';
import type { ProvenAccount } from './providers/proof.js';

/** `pg_advisory_xact_lock` gives `void`, which Prisma cannot read: so it stands in `from`. */
const lock = statement<{ locked: boolean }>(
  'auth_lock_identity',
  `select true as locked from pg_advisory_xact_lock(hashtextextended($1::text, 0))`,
);

/** Until the transaction ends: two first logins at the same time must make one user. */
export async function lockIdentity(
  tx: Transaction,
  { provider, providerUserId }: ProvenAccount,
): Promise<void> {
  await tx.rows(lock, [`identity:${provider}:${providerUserId}`]);
}

/** Whose identity it is, if anybody's. */
export async function ownerOf(tx: Transaction, { provider, providerUserId }: ProvenAccount) {
  const identity = await tx.prisma.identity.findUnique({
    where: { provider_providerUserId: { provider, providerUserId } },
    select: { user: { select: { id: true, nickname: true, deletionRequestedAt: true } } },
  });
  return identity?.user ?? null;
}

export interface Link {
  userId: string;
  now: Date;
  encryptionKey: string;
}

/**
 * Makes the link, or renews it. `linkedAt` is when the provider last vouched for it: whatever ended the link
 * before that is history.
 */
export async function link(
  tx: Transaction,
  account: ProvenAccount,
  { userId, now, encryptionKey }: Link,
): Promise<void> {
  const { provider, providerUserId, grant } = account;
  const state = {
    linkedAt: now,
    unlinkedAt: null,
    ...(grant && { clientId: grant.clientId, refreshTokenSealed: seal(grant.refreshToken, encryptionKey) }),
  };
  await tx.prisma.identity.upsert({
    where: { provider_providerUserId: { provider, providerUserId } },
    create: { id: uuidv7({ msecs: now.getTime() }), userId, provider, providerUserId, ...state },
    update: state,
  });
}
