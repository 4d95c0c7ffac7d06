import { z } from 'zod';

const wire = z.looseObject({
  message: z.looseObject({ messageId: z.string().min(1).max(255), data: z.base64() }),
  subscription: z.string(),
});

const notification = z.looseObject({
  packageName: z.string(),
  eventTimeMillis: z.coerce.number().int().positive(),
  subscriptionNotification: z
    .looseObject({ notificationType: z.int(), purchaseToken: z.string().min(1) })
    .optional(),
  oneTimeProductNotification: z.looseObject({ notificationType: z.int() }).optional(),
  voidedPurchaseNotification: z
    .looseObject({
      purchaseToken: z.string().min(1),
      orderId: z.string().min(1),
      productType: z.int(),
      refundType: z.int(),
    })
    .optional(),
  testNotification: z.looseObject({}).optional(),
});
export type PlayNotification = z.output<typeof notification>;

/** PROVIDERS.md §5.4; another number is a kind that came later. */
const SUBSCRIPTION_TYPES = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 18, 19, 20, 22]);

export interface PlayPush {
  messageId: string;
  notification: PlayNotification;
}

/** The Pub/Sub subscription that a push says it comes from, whatever else is wrong with it. */
export function subscriptionOf(body: unknown): string | undefined {
  const parsed = z.looseObject({ subscription: z.string() }).safeParse(body);
  return parsed.data?.subscription;
}

/** A push of Pub/Sub with Play's notification in it (PROVIDERS.md §5.1); null: it is something else. */
export function pushOf(body: unknown): PlayPush | null {
  const envelope = wire.safeParse(body);
  if (!envelope.success) return null;
  const { messageId, data } = envelope.data.message;
  const inner = notification.safeParse(jsonOf(Buffer.from(data, 'base64').toString('utf8')));
  return inner.success ? { messageId, notification: inner.data } : null;
}

/** What happened, as the inbox shows it: `subscription:4`. */
export function kindOf({
  subscriptionNotification,
  oneTimeProductNotification,
  voidedPurchaseNotification,
  testNotification,
}: PlayNotification): string {
  if (subscriptionNotification) return `subscription:${subscriptionNotification.notificationType}`;
  if (oneTimeProductNotification) return `one-time-product:${oneTimeProductNotification.notificationType}`;
  if (voidedPurchaseNotification) return `voided:${voidedPurchaseNotification.refundType}`;
  return testNotification ? 'test' : 'unknown';
}

/** Whether we know what to do about it. */
export function isFamiliar(notification: PlayNotification): boolean {
  const { subscriptionNotification, voidedPurchaseNotification, testNotification } = notification;
  if (subscriptionNotification) return SUBSCRIPTION_TYPES.has(subscriptionNotification.notificationType);
  return voidedPurchaseNotification !== undefined || testNotification !== undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
