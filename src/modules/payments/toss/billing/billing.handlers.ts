import { Injectable } from '@nestjs/common';
import { Handles, Reacts } from '../../../../platform/queue/job.js';
import { subscriptionChanged } from '../../../entitlement/index.js';
import { cardRemoved } from '../toss.events.js';
import { Announcements } from './announcements.service.js';
import * as jobs from './billing.jobs.js';
import { Cards } from './cards.service.js';
import { Charges } from './charges.service.js';
import { Trials } from './trials.service.js';

@Injectable()
export class BillingHandlers {
  constructor(
    private readonly charges: Charges,
    private readonly cards: Cards,
    private readonly announcements: Announcements,
    private readonly trials: Trials,
  ) {}

  @Handles(jobs.chargeDue)
  async chargeDue(): Promise<void> {
    await this.charges.enqueueDue();
    await this.cards.dropOwnerless();
  }

  @Handles(jobs.chargeSubscription)
  charge({ subscriptionId }: { subscriptionId: string }): Promise<void> {
    return this.charges.charge(subscriptionId);
  }

  @Handles(jobs.deleteBillingKey)
  deleteBillingKey({ billingMethodId }: { billingMethodId: string }): Promise<void> {
    return this.cards.deleteAtToss(billingMethodId);
  }

  @Handles(jobs.deleteLeftCards)
  deleteLeftCards(): Promise<void> {
    return this.cards.deleteLeft();
  }

  @Handles(jobs.tellCharges)
  tellCharges(): Promise<void> {
    return this.announcements.tellCharges();
  }

  @Handles(jobs.tellPriceRaises)
  tellPriceRaises(): Promise<void> {
    return this.announcements.tellPriceRaises();
  }

  @Reacts('toss-billing', cardRemoved)
  noteRemovedCard({ billingMethodId }: { billingMethodId: string }): Promise<void> {
    return this.cards.noteRemoved(billingMethodId);
  }

  @Reacts('toss-billing', subscriptionChanged)
  dropUnusedCard({ subscriptionId }: { subscriptionId: string }): Promise<void> {
    return this.cards.dropUnused(subscriptionId);
  }

  @Reacts('trials', subscriptionChanged)
  noteTrial({
    subscriptionId,
    formerUserId,
  }: {
    subscriptionId: string;
    formerUserId?: string;
  }): Promise<void> {
    return this.trials.note(subscriptionId, formerUserId);
  }
}
