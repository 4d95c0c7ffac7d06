import type { Plan } from '../../generated/prisma/enums.js';
import { TRIAL_DAYS } from './plans.js';

/**
 * What must be read before anybody agrees to be charged: price, first charge, how to cancel, refunds
 * (전자상거래법 art. 13(6) and 17; PROVIDERS.md §14).
 */
export function consentTextOf(plan: Plan, priceKrw: number): { ko: string; en: string } {
  const price = priceKrw.toLocaleString('en-US');
  const { ko, en } = NAMES[plan];
  return {
    ko: [
      `멍이랑 프리미엄 ${ko.name} 구독은 ${ko.every} ${price}원(부가세 포함)이 등록한 카드로 자동 결제돼요.`,
      `처음이라면 ${TRIAL_DAYS}일 동안 무료로 체험해요. 체험을 시작한 때부터 ${TRIAL_DAYS}일 뒤에 첫 결제가 되고, 그 전에 미리 알려 드려요(7일 전과 1일 전). 무료 체험을 이미 썼다면 동의한 날 바로 첫 결제가 돼요.`,
      `해지는 앱의 [설정 > 구독 > 해지]에서 언제든지 바로 할 수 있어요. 체험 중에 해지하면 결제되지 않고, 그 뒤에 해지하면 이미 결제한 기간이 끝날 때까지 쓸 수 있어요.`,
      `결제한 날부터 7일 안에는 전액을, 그 뒤에는 쓰지 않은 날수만큼 나누어 환불해요. 전액 환불은 한 사람이 한 번만 받을 수 있고, 그 다음 결제부터는 7일 안이라도 쓰지 않은 날수만큼 환불해요.`,
      `가격이 오를 때에는 먼저 알리고 따로 동의를 받아요. 동의하지 않으면 오른 가격을 결제하지 않고, 이미 결제한 기간까지만 이어져요.`,
      `App Store와 Google Play에서 산 구독의 결제, 해지와 환불은 각 스토어에서 이루어져요.`,
    ].join('\n'),
    en: [
      `The ${en.name} subscription to Meongirang Premium is charged to your registered card automatically: KRW ${price} (VAT included) ${en.every}.`,
      `If it is your first time, you try it free for ${TRIAL_DAYS} days. The first charge is made ${TRIAL_DAYS} days after the trial begins, and we tell you before it (7 days and 1 day ahead). If you have had a free trial, the first charge is made on the day you agree.`,
      `You can cancel at any time in the app under [Settings > Subscription > Cancel]. Cancelled during the trial, nothing is charged; cancelled later, you keep it until the end of the period that was paid.`,
      `Within 7 days of a payment it is refunded in full, and after that by the number of unused days. Each person gets a full refund once: later payments are refunded by the number of unused days, also within 7 days.`,
      `If the price rises we tell you first and ask for your consent. Without it the higher price is not charged, and the subscription ends with the period that was paid.`,
      `Payment, cancellation and refunds of subscriptions bought on the App Store or Google Play are made there.`,
    ].join('\n'),
  };
}

const NAMES: Record<Plan, Record<'ko' | 'en', { name: string; every: string }>> = {
  monthly: { ko: { name: '월간', every: '매달' }, en: { name: 'monthly', every: 'every month' } },
  yearly: { ko: { name: '연간', every: '해마다' }, en: { name: 'yearly', every: 'every year' } },
};
