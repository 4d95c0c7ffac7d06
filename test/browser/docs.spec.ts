import { existsSync } from 'node:fs';
import type { OpenAPIObject } from '@nestjs/swagger';
import { type LoginProviders, startLoginProviders } from '../simulators/login-providers.js';
import { contractOf, send } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import type { RawOperation } from '../support/operations.js';
import { TestClock } from '../support/test-clock.js';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat([
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]);

let test: TestApp;
let providers: LoginProviders;
beforeAll(async () => {
  const clock = new TestClock();
  providers = await startLoginProviders({ now: () => clock.nowMs(), walkIns: true });
  test = await startTestApp({ clock, env: providers.env });
});
afterAll(async () => {
  await test.close();
  await providers.close();
});

const operationAt = (document: OpenAPIObject, method: 'get' | 'post', path: string) =>
  document.paths[path]![method] as unknown as RawOperation;
const exampleOf = ({ requestBody }: RawOperation) =>
  requestBody!.content['application/json']!.example as Record<string, unknown>;

/** The same steps, for a machine that has no browser. */
async function byHand(): Promise<string[]> {
  const page = await fetch(`${test.url}/docs`);
  const html = await page.text();
  const policy = page.headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  expect(html.match(/<script(?![^>]*\ssrc=)[^>]*>\s*\S/)).toBeNull(); // nothing inline, which the policy forbids
  const assets = [...html.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, path]) => path!);
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets)
    expect([asset, (await fetch(new URL(asset, `${test.url}/docs`))).status]).toEqual([asset, 200]);
  const { document } = contractOf(test);
  const login = await send(
    test,
    'POST',
    '/auth/kakao',
    exampleOf(operationAt(document, 'post', '/auth/kakao')),
  );
  const headers = { authorization: `Bearer ${login.body.accessToken}` };
  const me = await send(test, 'GET', '/users/me', undefined, headers);
  const pet = await send(test, 'POST', '/pets', exampleOf(operationAt(document, 'post', '/pets')), headers);
  return [login, me, pet].map(({ status }) => String(status));
}

async function inChromium(): Promise<string[]> {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1400 }, locale: 'ko-KR' });
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(`${test.url}/docs`);
    const execute = async (operationId: string, tag: string): Promise<{ status: string; text: string }> => {
      const block = page.locator(`[id$="-${operationId}"]`);
      if (!(await block.isVisible())) await page.locator(`h3[data-tag="${tag}"]`).click();
      await block.locator('.opblock-summary-control').click();
      await block.locator('.execute').click();
      const answer = block.locator('.live-responses-table tbody tr').first();
      const status = await answer.locator('.response-col_status').innerText();
      return { status: status.trim().slice(0, 3), text: await answer.locator('pre').first().innerText() };
    };
    const login = await execute('loginWithKakao', '로그인 Auth');
    const { accessToken } = JSON.parse(login.text) as { accessToken: string };
    await page.locator('.auth-wrapper > .authorize').click();
    await page.locator('.modal-ux input').fill(accessToken);
    await page.locator('.modal-ux .modal-btn.authorize').click();
    await page.locator('.modal-ux .btn-done').click();
    const me = await execute('getMe', '사용자 Users');
    const pet = await execute('addPet', '반려동물 Pets');
    const { DOCS_SCREENSHOT } = process.env;
    if (DOCS_SCREENSHOT) await page.screenshot({ path: DOCS_SCREENSHOT, fullPage: true });
    expect(JSON.parse(me.text)).toMatchObject({ nickname: 'bori' });
    expect(JSON.parse(pet.text)).toMatchObject({ name: '보리' });
    expect(faults).toEqual([]);
    return [login.status, me.status, pet.status];
  } finally {
    await browser.close();
  }
}

it(
  existsSync(CHROMIUM)
    ? 'O: in Chromium a newcomer logs in from /docs by its example, authorizes, reads and creates'
    : 'O: without a browser (none is here): page, scripts, policy, and the flow of /docs by its own examples',
  async () => {
    expect(await byHand()).toEqual(['200', '200', '201']);
    if (existsSync(CHROMIUM)) expect(await inChromium()).toEqual(['200', '200', '201']);
  },
  120_000,
);
