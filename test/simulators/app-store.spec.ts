import { X509Certificate } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';
import { type AppStoreSimulator, startAppStore } from './app-store.js';
import { contentOf } from './app-store-chain.js';

const DAY_MS = 86_400_000;
let now = Date.parse('2026-11-20T03:00:00Z');
let store: AppStoreSimulator;
beforeAll(async () => {
  store = await startAppStore({ now: () => now });
});
afterAll(() => store.close());

interface Bent {
  kid?: string;
  iss?: string;
  aud?: string;
  bid?: string;
  ttlS?: number;
}

async function bearer({ kid, iss, aud = 'appstoreconnect-v1', bid, ttlS = 300 }: Bent = {}) {
  const { APPLE_IAP_KEY_ID, APPLE_IAP_ISSUER_ID, APPLE_BUNDLE_ID, APPLE_IAP_PRIVATE_KEY } = store.env;
  const nowS = Math.floor(Date.now() / 1_000);
  return new SignJWT({ bid: bid ?? APPLE_BUNDLE_ID })
    .setProtectedHeader({ alg: 'ES256', kid: kid ?? APPLE_IAP_KEY_ID })
    .setIssuer(iss ?? APPLE_IAP_ISSUER_ID!)
    .setAudience(aud)
    .setIssuedAt(nowS - 10)
    .setExpirationTime(nowS - 10 + ttlS)
    .sign(await importPKCS8(APPLE_IAP_PRIVATE_KEY!, 'ES256'));
}

async function ask(path: string, body?: object, bent?: Bent) {
  const response = await fetch(store.url + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${await bearer(bent)}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : '' };
}
const history = (body: object, token = '') =>
  ask(`/inApps/v1/notifications/history${token && `?paginationToken=${token}`}`, body);
const lately = () => ({ startDate: now - DAY_MS, endDate: now + DAY_MS });

it.each([
  ['key', { kid: 'OTHER' }],
  ['issuer', { iss: 'somebody' }],
  ['audience', { aud: 'somewhere' }],
  ['app', { bid: 'com.example.other' }],
  ['time: over', { ttlS: 1 }],
  ['time: too long', { ttlS: 7_200 }],
])('answers 401 with nothing to a token of another %s', async (_, bent) => {
  const { originalTransactionId } = store.buy({ productId: 'premium_monthly' });
  expect(await ask(`/inApps/v1/subscriptions/${originalTransactionId}`, undefined, bent)).toEqual({
    status: 401,
    body: '',
  });
});

it('signs with a chain of three, and later each time though the clock stands still', () => {
  const sold = store.buy({ productId: 'premium_monthly' });
  const signed = [sold.signedTransaction(), sold.signedTransaction(), sold.cancelRenewal().signedPayload];
  const dates = signed.map((jws) => contentOf(jws).signedDate as number);
  expect(new Set(dates).size).toBe(3);
  expect(dates).toEqual([...dates].sort((a, b) => a - b));
  const { alg, x5c } = JSON.parse(Buffer.from(signed[0]!.split('.')[0]!, 'base64url').toString()) as {
    alg: string;
    x5c: string[];
  };
  const [leaf, between, root] = x5c.map((der) => new X509Certificate(Buffer.from(der, 'base64')));
  expect({ alg, leaf: leaf!.ca, between: between!.ca, root: root!.ca }).toEqual({
    ...{ alg: 'ES256', leaf: false, between: true, root: true },
  });
  expect(leaf!.verify(between!.publicKey) && between!.verify(root!.publicKey)).toBe(true);
  expect(x5c[2]).toBe(store.env.APPLE_ROOT_CERTS);
});

it('answers status, transactions and history, of its own environment only', async () => {
  const sold = store.buy({ productId: 'premium_monthly', trialDays: 7 });
  for (let i = 0; i < 24; i++) sold.renew();
  const id = sold.originalTransactionId;
  const { body } = await ask(`/inApps/v1/subscriptions/${sold.transactionIds[3]}`);
  const [{ lastTransactions }] = body['data' as never] as [{ lastTransactions: { status: number }[] }];
  expect(lastTransactions).toMatchObject([{ originalTransactionId: id, status: 1 }]);
  const one = (await ask(`/inApps/v1/transactions/${id}`)).body as { signedTransactionInfo: string };
  expect(contentOf(one.signedTransactionInfo)).toMatchObject({
    transactionId: id,
    offerDiscountType: 'FREE_TRIAL',
  });
  const first = (await ask(`/inApps/v2/history/${id}`)).body as {
    signedTransactions: string[];
    revision: string;
  };
  const last = (await ask(`/inApps/v2/history/${id}?revision=${first.revision}`)).body as typeof first;
  expect([first, last]).toMatchObject([{ hasMore: true }, { hasMore: false }]);
  const ids = [...first.signedTransactions, ...last.signedTransactions].map(
    (jws) => contentOf(jws).transactionId,
  );
  expect(ids).toEqual(sold.transactionIds);
  expect(await ask(`/sandbox/inApps/v1/subscriptions/${id}`)).toMatchObject({
    status: 404,
    body: { errorCode: 4040010 },
  });
  expect(await ask('/inApps/v1/subscriptions/bori')).toMatchObject({
    status: 400,
    body: { errorCode: 4000006 },
  });
});

it('keeps its notifications for 180 days, 20 a page, and knows which were not taken', async () => {
  now += 10 * DAY_MS;
  const sold = store.buy({ productId: 'premium_monthly' });
  for (let i = 0; i < 21; i++) sold.extend(1);
  const first = (await history(lately())).body as { notificationHistory: unknown[]; paginationToken: string };
  expect(first).toMatchObject({ hasMore: true, notificationHistory: { length: 20 } });
  const second = await history(lately(), first.paginationToken);
  expect(second.body).toMatchObject({ hasMore: false, notificationHistory: { length: 2 } });

  await store.deliver(sold.notifications[0]!, store.url); // nobody takes it there
  expect((await history({ ...lately(), onlyFailures: true })).body).toMatchObject({
    notificationHistory: [
      { sendAttempts: [{ sendAttemptResult: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE' }] },
      ...Array(19).fill({ sendAttempts: [] }),
    ],
  });
  const refusals = [
    { startDate: now - 181 * DAY_MS, endDate: now },
    { startDate: now, endDate: now - 1 },
    { ...lately(), transactionId: '1', notificationType: 'TEST' },
  ].map(async (body) => (await history(body)).body);
  expect(await Promise.all(refusals)).toMatchObject([
    { errorCode: 4000012 },
    { errorCode: 4000013 },
    { errorCode: 4000019 },
  ]);
  expect((await history(lately(), 'bori')).body).toMatchObject({ errorCode: 4000014 });
});
