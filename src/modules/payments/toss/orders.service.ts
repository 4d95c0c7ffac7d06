import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { randomToken } from '../../../platform/crypto/secrets.js';
import { Idempotency, type Once } from '../../../platform/http/idempotency.js';
import { Subscriptions } from '../../entitlement/index.js';
import { lockUser } from '../../users/index.js';
import { storeNotConfigured } from '../payments.errors.js';
import { priceKrwOf } from '../plans.js';
import { orderNameOf } from './billing/billing-texts.js';
import { Contracts } from './billing/contracts.service.js';
import { checkConsent } from './billing/enrolment.service.js';
import * as errors from './orders.errors.js';
import { isRenewing } from './orders.queries.js';
import type { OrderIn, OrderOpened } from './orders.schemas.js';
import { TossApi } from './toss-api.js';

/** Each leaves a subscription and a consent behind. */
const UNPAID_AT_MOST = 20;
const UNPAID_WITHIN_MS = 86_400_000;

/** Orders of a period that does not renew. */
@Injectable()
export class Orders {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
    private readonly toss: TossApi,
    private readonly subscriptions: Subscriptions,
    private readonly contracts: Contracts,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Writes down what will be paid, before Toss is asked for anything; the price is ours, what the app names must be it.
   * @throws price-changed, consent-outdated, already-subscribed, too-many-orders, provider-not-configured
   */
  async open(userId: string, { plan, consent }: OrderIn, once: Once | null): Promise<OrderOpened> {
    if (!this.config.toss) throw storeNotConfigured();
    const { clientKey } = this.config.toss;
    const amountKrw = priceKrwOf(plan, this.config);
    checkConsent(consent, amountKrw);
    return this.idempotency.run(once, async (tx) => {
      await lockUser(tx, userId);
      const now = this.clock.now();
      if (await isRenewing(tx, userId, now)) throw errors.alreadySubscribed();
      const createdAt = { gt: new Date(now.getTime() - UNPAID_WITHIN_MS) };
      const unpaid = { kind: 'one_off', state: 'open', createdAt, subscription: { userId } } as const;
      if ((await tx.prisma.tossOrder.count({ where: unpaid })) >= UNPAID_AT_MOST)
        throw errors.tooManyOrders();
      const id = uuidv7({ msecs: now.getTime() });
      const { id: subscriptionId } = await this.subscriptions.open(tx, {
        ...{ store: 'toss', storeKey: id, environment: this.toss.environment, userId },
      });
      await this.contracts.consent(tx, subscriptionId, 'purchase', { ...consent, plan, chargesFrom: now });
      const order = { orderId: randomToken(), plan, amountKrw };
      await tx.prisma.tossOrder.create({
        data: { id, ...order, subscriptionId, kind: 'one_off', state: 'open', createdAt: now },
      });
      const { billingId: customerKey } = await tx.prisma.user.findUniqueOrThrow({
        where: { id: userId },
        select: { billingId: true },
      });
      return { orderId: order.orderId, amountKrw, orderName: orderNameOf(plan), customerKey, clientKey };
    });
  }
}
