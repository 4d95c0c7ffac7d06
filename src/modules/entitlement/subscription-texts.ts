import type { Store } from '../../generated/prisma/enums.js';
import { SEOUL } from '../../platform/clock/kst.js';
import type { Localized } from '../../platform/http/problem.js';
import type { NoticeKind } from './notice-rules.js';
import { accessUntilMs, type Standing } from './standing.js';

export interface NoteText {
  title: Localized;
  body: Localized;
}

const STORE_NAMES: Record<Store, Localized> = {
  apple: { ko: 'App Store', en: 'the App Store' },
  google: { ko: 'Google Play', en: 'Google Play' },
  toss: { ko: '멍이랑 카드 결제', en: 'card payment' },
};

/** The KST date of an instant as people say it: 12월 5일, 5 December. */
function dateText(ms: number | null): Localized {
  const written = (locale: string) =>
    new Intl.DateTimeFormat(locale, { timeZone: SEOUL, month: 'long', day: 'numeric' }).format(ms!);
  return { ko: written('ko-KR'), en: written('en-GB') };
}

/** What is told of a subscription that is in this state now. */
export function textOf(kind: NoticeKind, store: Store, standing: Standing): NoteText {
  const { ko, en } = STORE_NAMES[store];
  switch (kind) {
    case 'grace': {
      const until = dateText(accessUntilMs(standing));
      return {
        title: { ko: '구독 결제에 실패했어요', en: 'Your subscription payment failed' },
        body: {
          ko: `${ko} 구독을 결제하지 못했어요. ${until.ko}까지는 프리미엄을 쓸 수 있으니 그 전에 결제 수단을 확인해 주세요.`,
          en: `The subscription from ${en} could not be charged. Premium goes on until ${until.en}; please check how you pay before then.`,
        },
      };
    }
    case 'on_hold':
      return {
        title: { ko: '프리미엄이 멈췄어요', en: 'Premium is on hold' },
        body: {
          ko: `${ko} 구독을 결제하지 못해 프리미엄이 멈췄어요. 결제 수단을 확인하면 바로 다시 시작돼요.`,
          en: `The subscription from ${en} could not be charged. Premium comes back once the payment goes through.`,
        },
      };
    case 'paused': {
      const until = dateText(standing.pausedUntilMs);
      return {
        title: { ko: '구독을 일시 중지했어요', en: 'Your subscription is paused' },
        body: {
          ko: `${ko} 구독은 ${until.ko}에 다시 시작돼요.`,
          en: `The subscription from ${en} starts again on ${until.en}.`,
        },
      };
    }
    case 'refunded':
      return {
        title: { ko: '구독이 환불되었어요', en: 'Your subscription was refunded' },
        body: {
          ko: `${ko} 구독이 환불되어 프리미엄이 끝났어요. 지금까지의 기록은 그대로 있어요.`,
          en: `The subscription from ${en} was refunded and premium has ended. All your records stay.`,
        },
      };
    case 'expired':
      return {
        title: { ko: '프리미엄이 끝났어요', en: 'Premium has ended' },
        body: {
          ko: `${ko} 구독이 끝났어요. 지금까지의 기록은 그대로 있어요.`,
          en: `The subscription from ${en} has ended. All your records stay.`,
        },
      };
  }
}

export const recovered = (store: Store): NoteText => ({
  title: { ko: '결제가 확인됐어요', en: 'Your payment went through' },
  body: {
    ko: `${STORE_NAMES[store].ko} 구독이 다시 이어져요.`,
    en: `The subscription from ${STORE_NAMES[store].en} goes on.`,
  },
});

export const paidTwice = (one: Store, other: Store): NoteText => ({
  title: { ko: '중복 구독 중이에요', en: 'You are subscribed twice' },
  body: {
    ko: `${STORE_NAMES[one].ko}, ${STORE_NAMES[other].ko} 두 곳에서 구독료가 결제돼요. 한쪽을 해지해도 프리미엄은 이어져요.`,
    en: `Both ${STORE_NAMES[one].en} and ${STORE_NAMES[other].en} charge you. Cancel one of them: premium goes on by the other.`,
  },
});

export const movedHere = (store: Store): NoteText => ({
  title: { ko: '구독을 이 계정으로 옮겼어요', en: 'Your subscription was moved here' },
  body: {
    ko: `${STORE_NAMES[store].ko} 구독을 이제 이 계정에서 써요.`,
    en: `The subscription from ${STORE_NAMES[store].en} now belongs to this account.`,
  },
});

export const movedAway = (store: Store): NoteText => ({
  title: { ko: '구독이 다른 계정으로 옮겨졌어요', en: 'Your subscription was moved away' },
  body: {
    ko: `${STORE_NAMES[store].ko} 구독을 같은 스토어 계정의 다른 사용자가 가져갔어요. 이 계정에서는 더 이상 쓸 수 없어요.`,
    en: `Another user of the same store account took over the subscription from ${STORE_NAMES[store].en}. This account no longer has it.`,
  },
});
