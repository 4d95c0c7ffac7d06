import { defineProblem } from '../../platform/http/problem.js';

export const storeNotConfigured = defineProblem(
  503,
  'provider-not-configured',
  '아직 이 방법으로는 결제할 수 없어요.',
  'This way of paying is not set up yet.',
);
/** Down, slow, or answering something else than documented. */
export const storeUnavailable = defineProblem(
  503,
  'provider-unavailable',
  '결제 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.',
  'The store does not answer. Please try again shortly.',
);
/** The sender of a webhook is not who it says it is. */
export const webhookRefused = defineProblem(
  403,
  'webhook-refused',
  '확인되지 않은 알림이에요.',
  'The notification is not authentic.',
);
/** What the app reports was not signed by the store, or not for this app. */
export const purchaseRefused = defineProblem(
  422,
  'purchase-refused',
  '확인되지 않은 구매예요.',
  'The purchase is not authentic.',
);
export const subscriptionNotFound = defineProblem(
  404,
  'subscription-not-found',
  '구독을 찾을 수 없어요.',
  'Subscription not found.',
);
/** Members: `store`, `manageUrl`. */
export const managedByStore = defineProblem(
  409,
  'managed-by-store',
  '이 구독은 스토어에서 관리해 주세요.',
  'Please manage this subscription at its store.',
);
export const storeEventNotFound = defineProblem(
  404,
  'webhook-not-found',
  '알림을 찾을 수 없어요.',
  'Notification not found.',
);
export const billingKeyRefused = defineProblem(
  422,
  'billing-key-refused',
  '카드를 등록하지 못했어요. 카드를 확인하고 처음부터 다시 시도해 주세요.',
  'The card could not be registered. Please check it and start again.',
);
