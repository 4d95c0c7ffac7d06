/** One push to one device. */
export interface PushMessage {
  /** FCM's registration token: with it and our service account one can push to the phone, so it is never logged. */
  token: string;
  /** The same for every attempt: a phone that got it twice shows it once. */
  collapseId: string;
  title: string;
  body: string;
  data: Record<string, string>;
  /** Number on the app's icon. */
  badge: number;
  /** Of no use to a phone that comes online later. */
  expiresAt: Date;
}

/**
 * `dead`: the device is gone. `failed`: worth another try later. `refused`: never goes through, and the device
 * is not to blame.
 */
export type PushOutcome = 'delivered' | 'dead' | 'failed' | 'refused';

/** Hands pushes over to the phones' makers. */
export abstract class PushSender {
  /** Never throws. @returns the outcomes in the order of the messages */
  abstract send(messages: readonly PushMessage[]): Promise<PushOutcome[]>;
}
