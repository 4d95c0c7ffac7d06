import type { Plan } from '../../../../generated/prisma/enums.js';
import { kstDate } from '../../../../platform/clock/kst.js';
import type { Localized } from '../../../../platform/http/problem.js';

interface NoteText {
  title: Localized;
  body: Localized;
}

/** What stands on the card's bill. */
export const orderNameOf = (plan: Plan): string =>
  plan === 'monthly' ? '멍이랑 프리미엄 1개월' : '멍이랑 프리미엄 1년';

const won = (krw: number): Localized => ({
  ko: `${krw.toLocaleString('ko-KR')}원`,
  en: `KRW ${krw.toLocaleString('en-US')}`,
});

function day(at: Date): Localized {
  const [year, month, date] = kstDate(at).split('-').map(Number);
  return { ko: `${year}년 ${month}월 ${date}일`, en: kstDate(at) };
}

const HOW_TO_CANCEL: Localized = {
  ko: '그전에 구독 화면에서 언제든 해지할 수 있어요.',
  en: 'You can cancel any time before in the subscription screen.',
};

export const trialStarted = (chargeAt: Date, krw: number): NoteText => ({
  title: { ko: '무료 체험을 시작했어요', en: 'Your free trial has begun' },
  body: {
    ko: `${day(chargeAt).ko}에 ${won(krw).ko}이 처음 결제돼요. ${HOW_TO_CANCEL.ko}`,
    en: `The first payment of ${won(krw).en} is on ${day(chargeAt).en}. ${HOW_TO_CANCEL.en}`,
  },
});

export const chargeAhead = (chargeAt: Date, krw: number, isFirst: boolean): NoteText => ({
  title: isFirst
    ? { ko: '곧 첫 결제가 있어요', en: 'Your first payment is coming' }
    : { ko: '곧 구독이 갱신돼요', en: 'Your subscription renews soon' },
  body: {
    ko: `${day(chargeAt).ko}에 ${won(krw).ko}이 결제돼요. ${HOW_TO_CANCEL.ko}`,
    en: `${won(krw).en} will be charged on ${day(chargeAt).en}. ${HOW_TO_CANCEL.en}`,
  },
});

export const paid = (krw: number, until: Date): NoteText => ({
  title: { ko: '프리미엄이 결제되었어요', en: 'Premium was paid' },
  body: {
    ko: `${won(krw).ko}이 결제되었어요. ${day(until).ko}까지 쓸 수 있어요.`,
    en: `${won(krw).en} was paid. It is good until ${day(until).en}.`,
  },
});

export const declined = (krw: number, retryAt: Date): NoteText => ({
  title: { ko: '프리미엄 결제에 실패했어요', en: 'The payment failed' },
  body: {
    ko: `${won(krw).ko}이 결제되지 않았어요. ${day(retryAt).ko}에 다시 시도해요. 카드를 바꾸면 바로 결제돼요.`,
    en: `${won(krw).en} could not be charged. We try again on ${day(retryAt).en}, or at once with another card.`,
  },
});

export const notBegun: NoteText = {
  title: { ko: '구독을 시작하지 못했어요', en: 'The subscription did not begin' },
  body: {
    ko: '카드 결제가 승인되지 않았어요. 다른 카드로 다시 시도해 주세요.',
    en: 'The card was declined. Please try again with another one.',
  },
};

export const notMade: NoteText = {
  title: { ko: '구독을 시작하지 못했어요', en: 'The subscription did not begin' },
  body: {
    ko: '결제가 이루어지지 않아 아무것도 청구되지 않았어요. 다시 시도해 주세요.',
    en: 'The payment did not go through, and nothing was charged. Please try again.',
  },
};

export const notCharged: NoteText = {
  title: { ko: '구독이 갱신되지 않았어요', en: 'The subscription was not renewed' },
  body: {
    ko: '계정을 쓸 수 없는 동안에는 결제하지 않아요. 나중에 언제든 다시 구독할 수 있어요.',
    en: 'Nothing is charged while your account cannot be used. You can subscribe again any time later.',
  },
};

export const gaveUp: NoteText = {
  title: { ko: '프리미엄이 끝났어요', en: 'Premium has ended' },
  body: {
    ko: '결제가 여러 번 실패해서 구독이 끝났어요. 언제든 다시 구독할 수 있어요.',
    en: 'The payment failed several times, so the subscription has ended. You can subscribe again any time.',
  },
};

export const cardRemoved = (chargeAt: Date): NoteText => ({
  title: { ko: '결제할 카드가 없어요', en: 'Your card was removed' },
  body: {
    ko: `등록한 카드가 삭제되었어요. ${day(chargeAt).ko} 전에 새 카드를 등록해 주세요.`,
    en: `The registered card is gone. Please register another one before ${day(chargeAt).en}.`,
  },
});

export const priceRaised = (fromKrw: number, toKrw: number, appliesAt: Date): NoteText => ({
  title: { ko: '프리미엄 가격이 올라요', en: 'The price of premium rises' },
  body: {
    ko: `${day(appliesAt).ko} 결제부터 ${won(fromKrw).ko}에서 ${won(toKrw).ko}으로 올라요. 그전 30일 안에 동의를 여쭤볼게요. 동의하지 않으면 갱신되지 않아요.`,
    en: `From ${day(appliesAt).en} it costs ${won(toKrw).en} instead of ${won(fromKrw).en}. We ask for your consent within 30 days before. Without it the subscription is not renewed.`,
  },
});

export const priceAsked = (toKrw: number, appliesAt: Date): NoteText => ({
  title: { ko: '오른 가격에 동의해 주세요', en: 'Please agree to the new price' },
  body: {
    ko: `${day(appliesAt).ko}에 ${won(toKrw).ko}으로 갱신하려면 동의가 필요해요. 동의하지 않으면 그날 구독이 끝나요.`,
    en: `Renewing for ${won(toKrw).en} on ${day(appliesAt).en} needs your consent. Without it the subscription ends that day.`,
  },
});

export const notAgreed: NoteText = {
  title: { ko: '구독이 갱신되지 않았어요', en: 'The subscription was not renewed' },
  body: {
    ko: '오른 가격에 동의하지 않아 결제하지 않았어요. 언제든 다시 구독할 수 있어요.',
    en: 'You did not agree to the new price, so nothing was charged. You can subscribe again any time.',
  },
};
