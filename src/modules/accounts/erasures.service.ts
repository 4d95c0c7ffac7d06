import { Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Erasure } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { failpoint } from '../../platform/failpoint.js';
import { Queue } from '../../platform/queue/queue.js';
import { FileDeletions } from '../../platform/storage/file-deletions.js';
import { Storage } from '../../platform/storage/storage.js';
import { endSessions, Unlinking } from '../auth/index.js';
import { Farewell } from '../payments/index.js';
import { lockUser, RESTORABLE_MS } from '../users/index.js';
import { eraseAccount } from './accounts.jobs.js';
import { deleteWalks, foldersOf, forgetMentions, forgetPerson, leaversUntil } from './erasures.queries.js';
import { LocationData } from './location-data.service.js';

/**
 * How long the erasure waits for others (Toss, the login providers, the storage) to do their part. The law says
 * "without delay", by custom within 5 days.
 */
const PATIENCE_MS = 3 * 86_400_000;
/** How long a login provider that was away is told afterwards, each night. */
const OWED_FOR_MS = 30 * 86_400_000;
const BEGUN_AT_ONCE = 1_000;
const WALKS_AT_ONCE = 100;
/** A user's rows may be many. */
const LONG = { timeoutMs: 120_000 };

const UNLINK = 'unlink-';
const unlinkOf = (provider: string) => `${UNLINK}${provider}`;

/**
 * Erases accounts whose 30 days are over, in the order of PROVIDERS.md §14. Each step looks at what there is and may be
 * repeated: killed anywhere, the next run ends the same.
 */
@Injectable()
export class Erasures {
  private readonly log = new Logger(Erasures.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly storage: Storage,
    private readonly deletions: FileDeletions,
    private readonly unlinking: Unlinking,
    private readonly farewell: Farewell,
    private readonly locationData: LocationData,
  ) {}

  /** Also takes up the erasures whose job has given up (some provider is down for long), and what is owed to providers. */
  async beginDue(): Promise<void> {
    const requestedBy = new Date(this.clock.nowMs() - RESTORABLE_MS);
    for (const userId of await leaversUntil(this.db, requestedBy, BEGUN_AT_ONCE))
      await this.begin(userId, requestedBy);
    const where = { OR: [{ finishedAt: null, userId: { not: null } }, { owedSealed: { not: null } }] };
    const open = await this.db.prisma.erasure.findMany({ where, select: { id: true } });
    const jobs = open.map(({ id }) => ({ erasureId: id }));
    await this.db.transaction(async (tx) => {
      const left = await this.queue.withoutJob(tx, eraseAccount, jobs);
      if (left.length > 0) await this.queue.enqueueAll(tx, eraseAccount, left);
    });
  }

  async run(erasureId: string): Promise<void> {
    const erasure = await this.db.prisma.erasure.findUnique({ where: { id: erasureId } });
    if (!erasure?.userId) return erasure?.owedSealed ? this.tellOwed(erasure, erasure.owedSealed) : undefined;
    const { userId } = erasure;
    await this.silence(userId);
    failpoint('erasure.silenced');
    await this.partWithOthers(erasure, userId);
    failpoint('erasure.parted');
    await this.locationData.erase(userId);
    failpoint('erasure.locations-gone');
    await forgetMentions(this.db, userId);
    await this.db.transaction(async (tx) => {
      await this.keepMarketingProof(tx, userId);
      await forgetPerson(tx, userId);
    }, LONG);
    failpoint('erasure.person-gone');
    while ((await this.deleteSomeWalks(userId)) === WALKS_AT_ONCE) failpoint('erasure.some-walks-gone');
    failpoint('erasure.walks-gone');
    await this.queue.forget(userId);
    await this.deleteRow(erasureId, userId);
    failpoint('erasure.done');
  }

  /** Under the user's lock: of this and a restoration one comes first, and the other finds it done. */
  private async begin(userId: string, requestedBy: Date): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      const due = { id: userId, deletionRequestedAt: { lte: requestedBy }, erasure: null };
      if ((await tx.prisma.user.count({ where: due })) === 0) return;
      const begunAt = this.clock.now();
      const id = uuidv7({ msecs: begunAt.getTime() });
      await tx.prisma.erasure.create({ data: { id, userId, begunAt } });
    });
  }

  private async silence(userId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await endSessions(tx, { userId }, 'leaving', this.clock.now());
      await tx.prisma.pushToken.deleteMany({ where: { userId } });
      await tx.prisma.pushDelivery.deleteMany({ where: { userId } });
      await tx.prisma.notification.deleteMany({ where: { userId } });
    });
  }

  /** One that is down does not keep the others. @throws the first failure, while there is patience */
  private async partWithOthers(erasure: Erasure, userId: string): Promise<void> {
    const links = await this.unlinking.linked(userId);
    const parts: [string, () => Promise<void>][] = [
      ['toss', () => this.farewell.take(userId)],
      ...links.map((link): [string, () => Promise<void>] => [
        unlinkOf(link.provider),
        () => this.unlinking.unlink(link),
      ]),
      ['files', () => this.deleteFiles(userId)],
    ];
    const failures: { part: string; error: unknown }[] = [];
    for (const [part, done] of parts) {
      await done().catch((error: unknown) => failures.push({ part, error }));
      failpoint(`erasure.${part}`);
    }
    const [first] = failures;
    const leftUndone = failures.map(({ part }) => part);
    if (first) {
      if (this.clock.nowMs() < erasure.begunAt.getTime() + PATIENCE_MS) throw first.error;
      this.log.error(
        { alarm: 'erasure-left-undone', erasureId: erasure.id, leftUndone, err: first.error },
        'an account is erased although others have not done their part',
      );
    }
    const owing = links.filter(({ provider }) => leftUndone.includes(unlinkOf(provider)));
    const owedSealed = owing.length > 0 ? this.unlinking.owed(owing) : null;
    await this.db.prisma.erasure.update({ where: { id: erasure.id }, data: { leftUndone, owedSealed } });
  }

  /** Once a night, and when the time is over never again: by then only the user could say who they are there. */
  private async tellOwed({ id, begunAt, leftUndone }: Erasure, owed: Uint8Array): Promise<void> {
    const left = await this.unlinking.tellOwed(owed);
    const undone = left?.providers.map(unlinkOf) ?? [];
    const isGivenUp = left && this.clock.nowMs() >= begunAt.getTime() + PATIENCE_MS + OWED_FOR_MS;
    if (isGivenUp)
      this.log.error(
        { alarm: 'erasure-left-undone', erasureId: id, leftUndone: undone },
        'the provider of an erased account was not told in time, and cannot be any more',
      );
    await this.db.prisma.erasure.update({
      where: { id },
      data: {
        leftUndone: leftUndone.filter((part) => !part.startsWith(UNLINK) || undone.includes(part)),
        owedSealed: isGivenUp ? null : (left?.owed ?? null),
      },
    });
  }

  /** Before the rows that name them. What is left undone here is still owed by `file_deletions`. */
  private async deleteFiles(userId: string): Promise<void> {
    for (const folder of await foldersOf(this.db, userId)) await this.storage.delete(`${folder}/`);
  }

  /** Leaving takes it back; that it was given once remains to be proven for a while. */
  private async keepMarketingProof(tx: Transaction, userId: string): Promise<void> {
    const newest = await tx.prisma.consent.findFirst({
      where: { userId, kind: 'marketing' },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
    });
    if (!newest?.granted) return;
    const at = this.clock.now();
    const id = uuidv7({ msecs: at.getTime() });
    await tx.prisma.consent.create({ data: { ...newest, id, granted: false, at } });
  }

  private deleteSomeWalks(userId: string): Promise<number> {
    return this.db.transaction(async (tx) => {
      const deleted = await deleteWalks(tx, userId, WALKS_AT_ONCE);
      await this.queue.forgetAll(tx, 'walkId', deleted);
      await this.deletions.soon(tx);
      return deleted.length;
    }, LONG);
  }

  private async deleteRow(erasureId: string, userId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      await tx.prisma.user.deleteMany({ where: { id: userId } });
      await this.deletions.soon(tx);
      await tx.prisma.erasure.update({ where: { id: erasureId }, data: { finishedAt: this.clock.now() } });
    }, LONG);
  }
}
