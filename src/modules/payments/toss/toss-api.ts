import { Injectable } from '@nestjs/common';
import type { TossOutcome, TossPayment } from './outcome.js';

export interface BillingKey {
  billingKey: string;
  customerKey: string;
  /** Issuer and masked number, as shown to the user. */
  cardLabel: string;
  /** Issuer and masked number, for "one trial a card". */
  cardIdentity: string;
}

/** Toss Payments; PROVIDERS.md §6. */
@Injectable()
export class TossApi {
  /** @throws billing-key-refused (422), provider-unavailable, provider-not-configured */
  issueBillingKey(_input: { authKey: string; customerKey: string }): Promise<BillingKey> {
    throw new Error('to be written');
  }
  /** The same `idempotencyKey` charges once. Never throws for what Toss answers or does not answer. */
  charge(_input: {
    billingKey: string;
    customerKey: string;
    orderId: string;
    orderName: string;
    amountKrw: number;
    idempotencyKey: string;
  }): Promise<TossOutcome> {
    throw new Error('to be written');
  }
  confirm(_input: { paymentKey: string; orderId: string; amountKrw: number }): Promise<TossOutcome> {
    throw new Error('to be written');
  }
  /** Null: Toss knows no such order. @throws provider-unavailable */
  findByOrder(_orderId: string): Promise<TossPayment | null> {
    throw new Error('to be written');
  }
  /** @throws provider-unavailable */
  find(_paymentKey: string): Promise<TossPayment | null> {
    throw new Error('to be written');
  }
  cancel(_input: {
    paymentKey: string;
    amountKrw: number;
    reason: string;
    idempotencyKey: string;
  }): Promise<TossOutcome> {
    throw new Error('to be written');
  }
  /** Done as well when Toss does not know it any more. @throws provider-unavailable */
  deleteBillingKey(_billingKey: string): Promise<void> {
    throw new Error('to be written');
  }
}
