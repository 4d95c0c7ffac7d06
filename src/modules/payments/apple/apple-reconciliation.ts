import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import type { StoreEnvironment } from '../../../generated/prisma/enums.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { OutboundError } from '../../../platform/outbound/http-client.js';
import { Handles } from '../../../platform/queue/job.js';
import { Queue } from '../../../platform/queue/queue.js';
import { type Standing, stateAt, Subscriptions } from '../../entitlement/index.js';
import { AppStoreApi } from './app-store-api.js';
import { AppleNotifications } from './apple-notifications.service.js';
import { AppleSales } from './apple-sales.service.js';
import { NotAuthentic } from './apple-verifier.js';
import { compareWithApple, reconcileApple } from './apple.jobs.js';

const DAY_MS = 86_400_000;
/** Apple keeps them for 180 days, and refuses to look further back. */
const HISTORY_MS = 180 * DAY_MS - 3_600_000;
const OVERLAP_MS = DAY_MS;
/** After it ended, Apple may still be paid, or pay back. */
const LOOKED_AFTER_MS = 60 * DAY_MS;
const SOON_MS = 3 * DAY_MS;
const PAGE = 100;

interface Compared {
  id: string;
  storeKey: string;
  environment: StoreEnvironment;
  standing: Standing;
}

/** Every night Apple is asked what we have missed; each thing found is an error that has been repaired. */
@Injectable()
export class AppleReconciliation {
  private readonly log = new Logger(AppleReconciliation.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly api: AppStoreApi,
    private readonly notifications: AppleNotifications,
    private readonly sales: AppleSales,
    private readonly subscriptions: Subscriptions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * What never reached us, as Apple counts it, and all since the last that we have: after a backup was played in, Apple
   * believes that we have more than we do.
   */
  @Handles(reconcileApple)
  async reconcile(): Promise<void> {
    if (!this.config.appStore) return;
    const endDate = this.clock.nowMs();
    for (const environment of this.environments()) {
      const newest = await this.db.prisma.storeEvent.findFirst({
        where: { store: 'apple', environment },
        orderBy: { receivedAt: 'desc' },
        select: { receivedAt: true },
      });
      const earliest = endDate - HISTORY_MS;
      const startDate = Math.max(earliest, (newest?.receivedAt.getTime() ?? 0) - OVERLAP_MS);
      await this.collect(environment, { startDate, endDate });
      if (startDate > earliest)
        await this.collect(environment, { startDate: earliest, endDate, onlyFailures: true });
    }
    await this.db.transaction((tx) => this.queue.enqueue(tx, compareWithApple, { afterId: null }));
  }

  @Handles(compareWithApple)
  async compare({ afterId }: { afterId: string | null }): Promise<void> {
    const page = await this.page(afterId);
    for (const subscription of page)
      await this.compareOne(subscription).catch((error: unknown) => {
        if (error instanceof OutboundError) throw error; // the App Store cannot be asked now: all of the page again
        const { id: subscriptionId } = subscription;
        this.log.error(
          { alarm: 'apple-not-compared', err: error, subscriptionId },
          'a subscription is left out',
        );
      });
    if (page.length === PAGE)
      await this.db.transaction((tx) =>
        this.queue.enqueue(tx, compareWithApple, { afterId: page.at(-1)!.id }),
      );
  }

  private async collect(
    environment: StoreEnvironment,
    request: { startDate: number; endDate: number; onlyFailures?: boolean },
  ): Promise<void> {
    let found = 0;
    for await (const page of this.api.notifications(environment, request)) {
      for (const signedPayload of page) if (await this.keep(signedPayload)) found++;
    }
    if (found > 0)
      this.log.error(
        { alarm: 'apple-reconciled', environment, found },
        'reconciliation found notifications of Apple that never came',
      );
  }

  private async keep(signedPayload: string): Promise<boolean> {
    try {
      return await this.notifications.keep(signedPayload);
    } catch (error) {
      if (!(error instanceof NotAuthentic)) throw error;
      this.log.error(
        { alarm: 'apple-not-authentic', reason: error.reason },
        'the App Store answers with a notification that is not authentic',
      );
      return false;
    }
  }

  private async compareOne({ id, storeKey, environment, standing }: Compared): Promise<void> {
    const sale = { store: 'apple' as const, storeKey, environment };
    const learn = (facts: Awaited<ReturnType<AppleSales['present']>>) =>
      this.db.transaction((tx) => this.subscriptions.learn(tx, sale, facts));
    const { standing: present } = await learn(await this.sales.present(sale));
    const now = this.clock.nowMs();
    const [was, is] = [standing, present].map((one) => ({ ...one, state: stateAt(one, now) }));
    const differences = Object.keys(is!).filter(
      (key) => is![key as keyof typeof is] !== was![key as keyof typeof was],
    );
    if (differences.length === 0) return;
    this.log.error(
      { alarm: 'apple-reconciled', subscriptionId: id, was: was!.state, is: is!.state, differences },
      'reconciliation found a subscription that Apple knows better',
    );
    // What else was missed in between is in its history: the money of lost periods, and upgrades.
    await learn(await this.sales.present(sale, { withHistory: true }));
  }

  private page(afterId: string | null): Promise<Compared[]> {
    const now = this.clock.nowMs();
    const since = new Date(now - LOOKED_AFTER_MS);
    return this.db.prisma.subscription.findMany({
      where: {
        store: 'apple',
        environment: { in: this.environments() },
        id: afterId ? { gt: afterId } : undefined,
        OR: [
          { accessUntil: { gt: since } },
          { changesAt: { gt: since, lt: new Date(now + SOON_MS) } },
          { accessUntil: null, createdAt: { gt: since } },
        ],
      },
      select: { id: true, storeKey: true, environment: true, standing: true },
      orderBy: { id: 'asc' },
      take: PAGE,
    }) as unknown as Promise<Compared[]>;
  }

  private environments(): StoreEnvironment[] {
    return this.config.stores.sandboxGrants ? ['production', 'sandbox'] : ['production'];
  }
}
