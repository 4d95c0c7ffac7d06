import { Inject, Injectable, Logger } from '@nestjs/common';
import { NIL } from 'uuid';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { keysOf, unsealByAny } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { Handles } from '../../../platform/queue/job.js';
import { stateAt } from '../../entitlement/index.js';
import { GooglePlayApi } from './google-play-api.js';
import { GooglePlay } from './google-play.service.js';
import type { VoidedPage } from './google-snapshot.js';
import { reconcileGoogle } from './google.jobs.js';
import { type Compared, subscriptionsToCompare } from './google.queries.js';

const DAY_MS = 86_400_000;
const PAGE = 200;
const AT_ONCE = 4;
/** Those that ended or began so long ago are asked about still: what we believe of them may be wrong. */
const LOOK_BACK_MS = 14 * DAY_MS;
/** All that Google keeps of refunds. */
const VOIDED_KEPT_MS = 30 * DAY_MS;

/** Every night Google is asked about what it should have told us: each difference is a fault, repaired and reported. */
@Injectable()
export class GoogleReconciliation {
  private readonly log = new Logger(GoogleReconciliation.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly api: GooglePlayApi,
    private readonly play: GooglePlay,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws Error when something could not be asked: it is tried again */
  @Handles(reconcileGoogle)
  async reconcile(): Promise<void> {
    if (!this.config.googlePlay) return;
    const counts = { compared: 0, repaired: 0, failed: 0 };
    const since = new Date(this.clock.nowMs() - LOOK_BACK_MS);
    for (let after: string = NIL; ;) {
      const page = await subscriptionsToCompare(this.db, after, since, PAGE);
      if (page.length === 0) break;
      for (let at = 0; at < page.length; at += AT_ONCE) {
        const some = page.slice(at, at + AT_ONCE);
        const results = await Promise.allSettled(some.map((row) => this.compare(row)));
        for (const result of results) {
          counts.compared++;
          if (result.status === 'rejected') counts.failed++;
          else if (result.value) counts.repaired++;
        }
      }
      after = page.at(-1)!.id;
    }
    counts.repaired += await this.takeBackVoided();
    this.log.log(counts, 'subscriptions compared with Google');
    if (counts.failed > 0) throw new Error(`${counts.failed} subscriptions were not compared with Google`);
  }

  /** @returns whether there was a difference; what time alone has changed is none */
  private async compare({ id: subscriptionId, standing, accessUntil }: Compared): Promise<boolean> {
    const find = () => this.db.prisma.subscription.findUniqueOrThrow({ where: { id: subscriptionId } });
    const from = stateAt(standing, this.clock.nowMs());
    await this.play.ask(unsealByAny((await find()).tokenSealed!, keysOf(this.config)));
    const { state: to, accessUntil: accessNow } = await find();
    if (from === to && accessUntil?.getTime() === accessNow?.getTime()) return false;
    this.log.error(
      { alarm: 'google-reconciled', subscriptionId, from, to },
      'a subscription was not as Google has it: repaired',
    );
    return true;
  }

  private async takeBackVoided(): Promise<number> {
    const to = this.clock.now();
    const from = new Date(to.getTime() - VOIDED_KEPT_MS);
    let repaired = 0;
    let pageToken: string | undefined;
    do {
      const page: VoidedPage = await this.api.voided(from, to, pageToken);
      for (const voided of page.voidedPurchases) if (await this.takeBack(voided)) repaired++;
      pageToken = page.tokenPagination?.nextPageToken;
    } while (pageToken);
    return repaired;
  }

  private async takeBack(voided: VoidedPage['voidedPurchases'][number]): Promise<boolean> {
    const { purchaseToken, orderId, voidedTimeMillis, voidedQuantity } = voided;
    const known = voidedQuantity === undefined ? await this.play.find(purchaseToken) : null;
    if (!known) return false;
    const isNews = await this.play.giveBack(purchaseToken, orderId, voidedTimeMillis);
    if (isNews)
      this.log.error(
        { alarm: 'google-reconciled', subscriptionId: known.id },
        'a refund was not known: repaired',
      );
    return isNews;
  }
}
