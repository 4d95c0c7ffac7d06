import { defineProblem } from '../../../../platform/http/problem.js';

/** The card was registered for somebody else than who is logged in. */
export const customerMismatch = defineProblem(
  409,
  'customer-mismatch',
  '다른 사용자의 카드 등록이에요.',
  'This card was registered for another user.',
);
/** Member `priceKrw`: what it costs. */
export const priceChanged = defineProblem(
  409,
  'price-changed',
  '가격이 달라졌어요. 다시 확인해 주세요.',
  'The price is another one. Please look again.',
);
/** Member `textVersion`: the words to be shown. */
export const consentOutdated = defineProblem(
  409,
  'consent-outdated',
  '동의 문구가 바뀌었어요. 다시 확인해 주세요.',
  'The words of the consent have changed. Please look again.',
);
/** The trial that was shown is not there: used before by this person, at any store, or with this card. */
export const trialUsed = defineProblem(
  409,
  'trial-used',
  '무료 체험을 이미 썼어요. 바로 결제되는 구독으로 다시 시작해 주세요.',
  'The free trial was used before. Please subscribe again, to be charged at once.',
);
/** Members `decline` (`soft`: another time may do, `hard`: another card is needed). */
export const paymentDeclined = defineProblem(
  402,
  'payment-declined',
  '결제가 승인되지 않았어요.',
  'The payment was declined.',
);
export const notResumable = defineProblem(
  409,
  'not-resumable',
  '이미 끝난 구독이에요. 다시 구독해 주세요.',
  'This subscription is over. Please subscribe again.',
);
export const notRenewing = defineProblem(
  409,
  'not-renewing',
  '해지한 구독이에요. 먼저 해지를 취소해 주세요.',
  'This subscription was cancelled. Please resume it first.',
);
export const cardNeeded = defineProblem(
  409,
  'card-needed',
  '결제할 카드를 먼저 등록해 주세요.',
  'Please register a card first.',
);
/** No raise was announced. Or member `from`: a yes counts within the 30 days before the renewal that it is about. */
export const noConsentAsked = defineProblem(
  409,
  'no-consent-asked',
  '지금 동의할 가격 인상이 없어요.',
  'There is no raise of the price to agree to now.',
);
