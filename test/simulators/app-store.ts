import { createPublicKey, randomInt, randomUUID } from 'node:crypto';
import { AppStoreChain, type ChainForgery, contentOf } from './app-store-chain.js';
import { AppStoreLife, DEFAULT_GRACE_DAYS, type Purchase } from './app-store-life.js';
import { appStoreRoutes, type SentNotification } from './app-store-routes.js';
import { appleKeyPair } from './apple.js';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.js';

export const BUNDLE_ID = 'kr.withbowwow.app';
export const APP_APPLE_ID = 6_700_000_001;
const ISSUER_ID = '57246542-96fe-1a63-e053-0824d011072a';
const KEY_ID = 'SIMIAP0001';
const FIRST_ID = 2_000_000_000_000_000;

/** What Apple posts to the app's server. */
export interface StoreNotification {
  signedPayload: string;
}

/** Signed by the store's own chain, but not for this app, or not for this server. */
export type ContentForgery = 'wrong-bundle' | 'wrong-app' | 'xcode' | 'local-testing';

export interface AppStoreSubscription {
  originalTransactionId: string;
  /** Of each period, oldest first. */
  readonly transactionIds: string[];
  /** All that Apple has sent or would have sent, in order; the first is the purchase. */
  readonly notifications: StoreNotification[];
  /** What StoreKit hands the app now. */
  signedTransaction(transactionId?: string): string;
  /** The next period, from the end of the last; the clock is the caller's to move. */
  renew(): StoreNotification;
  failToRenew(options?: { graceDays?: number | null }): StoreNotification;
  graceExpires(): StoreNotification;
  recover(): StoreNotification;
  cancelRenewal(): StoreNotification;
  resumeRenewal(): StoreNotification;
  expire(
    reason?: 'VOLUNTARY' | 'BILLING_RETRY' | 'PRICE_INCREASE' | 'PRODUCT_NOT_FOR_SALE',
  ): StoreNotification;
  resubscribe(productId?: string): StoreNotification;
  /** Of any period; the latest unless told. `percent` of the price for a part. */
  refund(transactionId?: string, percent?: number): StoreNotification;
  reverseRefund(transactionId?: string): StoreNotification;
  /** Family Sharing was withdrawn. */
  revoke(): StoreNotification;
  upgrade(productId: string): StoreNotification;
  downgrade(productId: string): StoreNotification;
  cancelDowngrade(): StoreNotification;
  extend(days: number): StoreNotification;
  /** Any other notification about the subscription as it is, of types of tomorrow too. */
  announce(notificationType: string, subtype?: string): StoreNotification;
}

export interface AppStoreSimulator extends Simulator {
  /** What the app needs in its environment to talk to it. */
  env: Record<string, string>;
  buy(purchase: Purchase): AppStoreSubscription;
  /** Something that is no subscription. */
  buyOnce(productId: string, type?: string): { notification: StoreNotification; signedTransaction: string };
  test(): StoreNotification;
  /** A message of the store about the app, with any content. */
  announce(notification: Record<string, unknown>): StoreNotification;
  /** Posts it to the app at `url` and remembers how that went. @returns the status of the answer */
  deliver(notification: StoreNotification, url: string): Promise<number>;
  /** The same content with something wrong about it. */
  forge(jws: string, kind: ChainForgery | ContentForgery): string;
}

/** The App Store: sends notifications, and answers the App Store Server API; PROVIDERS.md §4. */
export async function startAppStore(options: SimulatorOptions = {}): Promise<AppStoreSimulator> {
  const { now = Date.now } = options;
  const chain = await AppStoreChain.make();
  const { privateKeyPem, publicKeyPem } = appleKeyPair();
  const lives: AppStoreLife[] = [];
  const sent: SentNotification[] = [];
  // Nothing is sold twice under one id, also when a data folder outlives the simulator.
  let lastId = FIRST_ID + randomInt(1_000_000) * 1_000_000;
  let lastSignedMs = 0;
  const newId = () => String(++lastId);

  /** Later than all that was signed before, also while the clock stands still. */
  const signedDate = () => (lastSignedMs = Math.max(now(), lastSignedMs + 1));
  const sign = (payload: object) => chain.sign({ ...payload, signedDate: signedDate() });
  const signTransaction = (life: AppStoreLife, transactionId?: string) =>
    sign({
      ...life.transaction(life.find(transactionId)),
      bundleId: BUNDLE_ID,
      environment: life.environment,
    });
  const signRenewal = (life: AppStoreLife) =>
    sign({ ...life.renewal(), bundleId: BUNDLE_ID, environment: life.environment });

  function send(content: Record<string, unknown>, transactionId?: string): StoreNotification {
    const notification = { notificationUUID: randomUUID(), version: '2.0', ...content };
    const signedPayload = sign(notification);
    sent.push({ signedPayload, content: notification, transactionId, atMs: now(), sendAttempts: [] });
    return { signedPayload };
  }

  /** Apple tells the app's number in production only. */
  const appOf = (environment: string) => ({
    ...(environment === 'Production' && { appAppleId: APP_APPLE_ID }),
    bundleId: BUNDLE_ID,
    bundleVersion: '42',
    environment,
  });

  function subscription(purchase: Purchase): AppStoreSubscription {
    const life = new AppStoreLife(purchase, now, newId);
    lives.push(life);
    const notifications: StoreNotification[] = [];

    function tell(notificationType: string, subtype?: string, transactionId?: string): StoreNotification {
      const data = {
        ...appOf(life.environment),
        status: life.status(),
        signedTransactionInfo: signTransaction(life, transactionId),
        signedRenewalInfo: signRenewal(life),
      };
      const content = { notificationType, ...(subtype && { subtype }), data };
      const notification = send(content, life.originalTransactionId);
      notifications.push(notification);
      return notification;
    }
    tell('SUBSCRIBED', 'INITIAL_BUY');

    return {
      originalTransactionId: life.originalTransactionId,
      get transactionIds() {
        return life.sold.map(({ transactionId }) => transactionId);
      },
      notifications,
      announce: (type, subtype) => tell(type, subtype),
      signedTransaction: (transactionId) => signTransaction(life, transactionId),
      renew: () => (life.renew(), tell('DID_RENEW')),
      failToRenew({ graceDays = DEFAULT_GRACE_DAYS } = {}) {
        life.failToRenew(graceDays ?? undefined);
        return tell('DID_FAIL_TO_RENEW', graceDays ? 'GRACE_PERIOD' : undefined);
      },
      graceExpires: () => tell('GRACE_PERIOD_EXPIRED'),
      recover: () => (life.recover(), tell('DID_RENEW', 'BILLING_RECOVERY')),
      cancelRenewal: () => (life.setRenewal(false), tell('DID_CHANGE_RENEWAL_STATUS', 'AUTO_RENEW_DISABLED')),
      resumeRenewal: () => (life.setRenewal(true), tell('DID_CHANGE_RENEWAL_STATUS', 'AUTO_RENEW_ENABLED')),
      expire: (reason = 'VOLUNTARY') => (life.expire(), tell('EXPIRED', reason)),
      resubscribe: (productId = life.latest.productId) => (
        life.buyAgain(productId),
        tell('SUBSCRIBED', 'RESUBSCRIBE')
      ),
      refund(transactionId, percent) {
        const type = percent === undefined ? 'REFUND_FULL' : 'REFUND_PRORATED';
        life.revoke(life.find(transactionId), type, percent);
        return tell('REFUND', undefined, transactionId);
      },
      reverseRefund(transactionId) {
        life.restore(life.find(transactionId));
        return tell('REFUND_REVERSED', undefined, transactionId);
      },
      revoke: () => (life.revoke(life.latest, 'FAMILY_REVOKE'), tell('REVOKE')),
      upgrade: (productId) => (life.upgrade(productId), tell('DID_CHANGE_RENEWAL_PREF', 'UPGRADE')),
      downgrade: (productId) => (life.renewAs(productId), tell('DID_CHANGE_RENEWAL_PREF', 'DOWNGRADE')),
      cancelDowngrade: () => (life.renewAs(life.latest.productId), tell('DID_CHANGE_RENEWAL_PREF')),
      extend: (days) => (life.extend(days), tell('RENEWAL_EXTENDED')),
    };
  }

  const simulator = await startSimulator(options, (server) =>
    appStoreRoutes(server, {
      now,
      lives,
      sent,
      signTransaction,
      signRenewal,
      appOf,
      client: {
        publicKey: createPublicKey(publicKeyPem),
        issuerId: ISSUER_ID,
        keyId: KEY_ID,
        bundleId: BUNDLE_ID,
      },
    }),
  );

  return {
    ...simulator,
    env: {
      APPLE_BUNDLE_ID: BUNDLE_ID,
      APPLE_APP_APPLE_ID: String(APP_APPLE_ID),
      APPLE_IAP_ISSUER_ID: ISSUER_ID,
      APPLE_IAP_KEY_ID: KEY_ID,
      APPLE_IAP_PRIVATE_KEY: privateKeyPem,
      APPLE_ROOT_CERTS: chain.rootDer,
      APPLE_STORE_BASE_URL: simulator.url,
      APPLE_STORE_SANDBOX_BASE_URL: `${simulator.url}/sandbox`,
    },
    buy: subscription,
    buyOnce(productId, type = 'Consumable') {
      const transactionId = newId();
      const ids = { transactionId, originalTransactionId: transactionId, productId, type };
      const dates = { purchaseDate: now(), originalPurchaseDate: now() };
      const app = { bundleId: BUNDLE_ID, environment: 'Production' };
      const signedTransaction = sign({
        ...ids,
        ...dates,
        ...app,
        quantity: 1,
        price: 1_000_000,
        currency: 'KRW',
      });
      const data = { ...appOf('Production'), signedTransactionInfo: signedTransaction };
      return { notification: send({ notificationType: 'ONE_TIME_CHARGE', data }), signedTransaction };
    },
    test: () => send({ notificationType: 'TEST', data: appOf('Production') }),
    announce: (content) => send({ data: appOf('Production'), ...content }),
    async deliver(notification, url) {
      const attemptDate = now();
      const { status } = await fetch(`${url}/payments/webhook/apple`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(notification),
      });
      const sendAttemptResult = status < 300 ? 'SUCCESS' : 'UNSUCCESSFUL_HTTP_RESPONSE_CODE';
      sent
        .find(({ signedPayload }) => signedPayload === notification.signedPayload)
        ?.sendAttempts.push({ attemptDate, sendAttemptResult });
      return status;
    },
    forge(jws, kind) {
      const content = contentOf(jws);
      const change = CHANGES[kind as ContentForgery] as object | undefined;
      if (!change) return chain.forge(content, kind as ChainForgery);
      return chain.sign(
        'data' in content
          ? { ...content, data: { ...(content.data as object), ...change } }
          : { ...content, ...change },
      );
    },
  };
}

const CHANGES: Record<ContentForgery, object> = {
  'wrong-bundle': { bundleId: 'com.example.other' },
  'wrong-app': { appAppleId: 1 },
  xcode: { environment: 'Xcode' },
  'local-testing': { environment: 'LocalTesting' },
};
