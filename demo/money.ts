import type { AppStoreSimulator } from '../test/simulators/app-store.js';
import { type LoginProviders, REDIRECT_URIS } from '../test/simulators/login-providers.js';
import type { TossSimulator } from '../test/simulators/toss.js';
import type { MovedClock } from './moved-clock.js';
import { Phone } from './phone.js';
import { until } from './until.js';

const MINUTE_MS = 60_000;
const OVER_THE_LIMIT = 'REJECT_CARD_PAYMENT';
const STATES: Record<string, string> = {
  trial: '무료 체험',
  active: '구독 중',
  grace: '결제 유예',
  cancelled: '해지 예약',
  expired: '끝남',
  refunded: '환불됨',
};

interface Subscription {
  state: string;
  accessUntil: string;
  nextCharge: { at: string; amountKrw: number } | null;
  cardLabel: string | null;
}
interface Mine {
  isPremium: boolean;
  premiumUntil: string | null;
  subscriptions: Subscription[];
  checkout: { customerKey: string };
  appAccountToken: string;
}
interface Payment {
  kind: string;
  store: string;
  amount: number;
}

export interface Money {
  subscription: { states: string[]; final: string; isPremium: boolean; accessUntil: string };
  /** Of both people, each from the first on. */
  charges: { amountKrw: number; kind: string; store: string }[];
}

export interface MoneyStage {
  url: string;
  kakao: LoginProviders['kakao'];
  toss: TossSimulator;
  appStore: AppStoreSimulator;
  clock: MovedClock;
  /** What the schedule does every hour, and every 5 minutes. */
  chargeDue: () => Promise<void>;
  passTime: () => Promise<void>;
  run: number;
  say: (line: string) => void;
}

/** Two people who pay: by card with us, from the trial to the end, and at the App Store. The clock is put forward. */
export async function payForPremium(stage: MoneyStage): Promise<Money> {
  stage.say('\n💳 이제 프리미엄 구독이에요. 시계를 앞으로 돌려 볼게요.');
  const card = await payByCard(stage);
  const appStore = await payAtTheAppStore(stage);
  const charges = [...card.payments, ...appStore].map(({ kind, store, amount }) => ({
    ...{ amountKrw: amount, kind, store },
  }));
  return { subscription: card.subscription, charges };
}

async function payByCard(
  stage: MoneyStage,
): Promise<{ subscription: Money['subscription']; payments: Payment[] }> {
  const { toss, clock, chargeDue, passTime, say } = stage;
  const me = new Member(stage, '모카누나', `6100${stage.run}`);
  await me.logIn();
  const { items: plans } = await me.phone.call<{
    items: { plan: string; priceKrw: number; trialDays: number; consentTextVersion: string }[];
  }>('GET', '/plans');
  const { plan, priceKrw, trialDays, consentTextVersion } = plans[0]!;
  const { customerKey } = (await me.mine()).checkout;
  await me.phone.call('POST', '/payments/billing-key', {
    ...{ authKey: toss.authorizeBilling(customerKey), customerKey, plan },
    consent: { priceKrw, textVersion: consentTextVersion },
  });
  const trial = await me.see('trial');
  say(
    `   모카누나가 카드(${trial.cardLabel})를 등록하고 ${trialDays}일 무료 체험을 시작했어요. ${day(trial.nextCharge!.at)}에 ${won(trial.nextCharge!.amountKrw)}이 처음 결제돼요.`,
  );

  await me.goTo(trial.nextCharge!.at);
  await chargeDue();
  const active = await me.see('active');
  say(`⏩ ${day(clock.now())}: 첫 결제 ${won(priceKrw)}. 다음 결제는 ${day(active.nextCharge!.at)}이에요.`);

  toss.declineNext(OVER_THE_LIMIT);
  await me.goTo(active.nextCharge!.at);
  await chargeDue();
  const grace = await me.see('grace', ({ nextCharge }) => nextCharge!.at > clock.now().toISOString());
  const { title } = await me.newestNote();
  say(
    `⏩ ${day(clock.now())}: 카드 한도를 넘어 거절되었어요. “${title}” 프리미엄은 그대로이고, ${day(grace.nextCharge!.at)}에 다시 시도해요.`,
  );

  await me.goTo(grace.nextCharge!.at);
  await chargeDue();
  const again = await me.see('active');
  say(`⏩ ${day(clock.now())}: 다시 시도해서 결제되었어요. 다음 결제는 ${day(again.nextCharge!.at)}이에요.`);

  await me.phone.call('POST', '/subscriptions/cancel');
  const cancelled = await me.see('cancelled');
  say(`🛑 해지했어요. 이미 결제한 ${day(cancelled.accessUntil)}까지는 쓸 수 있어요.`);

  await me.goTo(cancelled.accessUntil);
  await passTime();
  const { accessUntil } = await me.see('expired');
  const { isPremium } = await me.mine();
  const payments = await me.payments();
  say(
    `⌛ ${day(clock.now())}: 구독이 끝났어요. 거쳐 온 상태: ${me.states.map((state) => STATES[state] ?? state).join(' → ')} · 결제 ${payments.length}번, 모두 ${won(sum(payments))}.`,
  );
  return { subscription: { states: me.states, final: me.states.at(-1)!, isPremium, accessUntil }, payments };
}

async function payAtTheAppStore(stage: MoneyStage): Promise<Payment[]> {
  const { appStore, url, clock, say } = stage;
  const me = new Member(stage, '구름이형', `6200${stage.run}`);
  await me.logIn();
  const { appAccountToken } = await me.mine();
  const sold = appStore.buy({ productId: 'premium_monthly', appAccountToken });
  await me.phone.call('POST', '/payments/apple/transactions', {
    signedTransaction: sold.signedTransaction(),
  });
  await appStore.deliver(sold.notifications[0]!, url);
  const bought = await me.see('active');
  say(`🍎 구름이형은 App Store에서 월간 구독을 샀어요. ${day(bought.accessUntil)}까지예요.`);

  await me.goTo(bought.accessUntil);
  await appStore.deliver(sold.renew(), url);
  const renewed = await me.see('active', ({ accessUntil }) => accessUntil > bought.accessUntil);
  say(`⏩ ${day(clock.now())}: Apple이 갱신을 알려 왔어요. ${day(renewed.accessUntil)}까지로 늘었어요.`);

  await appStore.deliver(sold.refund(), url);
  await me.see('refunded');
  const payments = await me.payments();
  say(
    `↩️ Apple이 환불했다고 알려 와서 바로 끝났어요. 결제 내역: ${payments.map(({ amount }) => won(amount)).join(', ')}.`,
  );
  return payments;
}

/** Somebody with a phone, in a time that moves. */
class Member {
  readonly phone: Phone;
  /** Those of the subscription, in the order in which they were seen. */
  readonly states: string[] = [];

  constructor(
    private readonly stage: MoneyStage,
    nickname: string,
    private readonly kakaoId: string,
  ) {
    this.phone = new Phone(stage.url);
    stage.kakao.addUser({ id: kakaoId, nickname });
  }

  async logIn(): Promise<void> {
    const redirectUri = REDIRECT_URIS.kakao;
    await this.phone.logIn('kakao', () => ({
      code: this.stage.kakao.code(this.kakaoId, { redirectUri }),
      redirectUri,
    }));
  }

  /** To a minute after an instant; the login has expired by then. */
  async goTo(at: string): Promise<void> {
    this.stage.clock.moveTo(new Date(Date.parse(at) + MINUTE_MS));
    await this.logIn();
  }

  mine = () => this.phone.call<Mine>('GET', '/subscriptions/me');

  /** Waits until the subscription is seen in a state. */
  async see(state: string, isIt: (seen: Subscription) => boolean = () => true): Promise<Subscription> {
    const { subscriptions } = await until(
      this.mine,
      ({ subscriptions: [seen] }) => seen?.state === state && isIt(seen),
    );
    if (this.states.at(-1) !== state) this.states.push(state);
    return subscriptions[0]!;
  }

  async newestNote(): Promise<{ title: string }> {
    const { items } = await this.phone.call<{ items: { title: string }[] }>('GET', '/notifications');
    return items[0]!;
  }

  async payments(): Promise<Payment[]> {
    const { items } = await this.phone.call<{ items: Payment[] }>('GET', '/payments/history');
    return items.toReversed();
  }
}

const won = (krw: number): string => `${krw.toLocaleString('ko-KR')}원`;
const sum = (payments: readonly Payment[]): number =>
  payments.reduce((total, { amount }) => total + amount, 0);
const day = (at: string | Date): string =>
  new Date(at).toLocaleDateString('ko-KR', { timeZone: 'Asia/Seoul', month: 'long', day: 'numeric' });
