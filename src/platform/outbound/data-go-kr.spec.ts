import { Logger } from '@nestjs/common';
import { type Simulator, startSimulator } from '../../../test/simulators/simulator.js';
import type { Config } from '../../config/config.js';
import { DataGoKr, readPage } from './data-go-kr.js';
import { HttpClient } from './http-client.js';
import type { Metered } from './metered.js';
import { ProviderError } from './provider-error.js';

const KEY = 'abc+def/ghi==';
/** Counting has tests of its own. */
const freely = { ask: (_provider, _perDay, call) => call() } as Pick<Metered, 'ask'> as Metered;
let simulator: Simulator;
let data: DataGoKr;
let asked: Record<string, string>[];

beforeAll(async () => {
  Logger.overrideLogger(false);
  simulator = await startSimulator({}, (server) => {
    server.get('/things', (request) => {
      asked.push(request.query as Record<string, string>);
      return json('00', [{ name: '보리' }]);
    });
  });
});
afterAll(() => simulator.close());
beforeEach(() => {
  data = new DataGoKr(new HttpClient(), freely, { outbound: { timeoutMs: 2_000 } } as Config);
  asked = [];
  simulator.clearFaults();
  simulator.requests.length = 0;
});

const json = (resultCode: unknown, items: unknown = []) => ({
  response: { header: { resultCode, resultMsg: '' }, body: { items, totalCount: 1 } },
});
const gatewayXml = (code: string, name = 'SERVICE_KEY_IS_NOT_REGISTERED_ERROR') =>
  `<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>${name}</returnAuthMsg><returnReasonCode>${code}</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>`;
const gatewayJson = (code: unknown, name: unknown) =>
  JSON.stringify({
    OpenAPI_ServiceResponse: { cmmMsgHeader: { returnReasonCode: code, returnAuthMsg: name } },
  });

function faultOf(status: number, body: string): string {
  try {
    return `answer of ${readPage('kma', status, body).items.length}`;
  } catch (error) {
    expect(error).toBeInstanceOf(ProviderError);
    const { fault, code } = error as ProviderError;
    return `${fault} ${code}`;
  }
}

it.each<[string, number, string, string]>([
  ['a list', 200, JSON.stringify(json('00', [{ a: 1 }, { a: 2 }])), 'answer of 2'],
  ['items.item as a list', 200, JSON.stringify(json('00', { item: [{ a: 1 }, { a: 2 }] })), 'answer of 2'],
  ['items.item as one object', 200, JSON.stringify(json('00', { item: { a: 1 } })), 'answer of 1'],
  ['items as ""', 200, JSON.stringify(json('00', '')), 'answer of 0'],
  ['no items', 200, JSON.stringify(json('0', null)), 'answer of 0'],
  ['code 0000', 200, JSON.stringify(json('0000', [{ a: 1 }])), 'answer of 1'],
  ['code 0 as a number', 200, JSON.stringify(json(0, [{ a: 1 }])), 'answer of 1'],
  ['a byte order mark and blanks', 200, `\uFEFF \n${JSON.stringify(json('00', ''))}`, 'answer of 0'],
  ['no data', 200, JSON.stringify(json('03')), 'no-data 3'],
  ['no data as a number', 200, JSON.stringify(json(3)), 'no-data 3'],
  ['a wrong parameter', 200, JSON.stringify(json('10')), 'refused 10'],
  ['a database error', 200, JSON.stringify(json('02')), 'unavailable 2'],
  ['an unknown code', 200, JSON.stringify(json('77')), 'unavailable 77'],
  ['a code like a property', 200, JSON.stringify(json('constructor')), 'unavailable constructor'],
  ['XML with 200', 200, gatewayXml('30'), 'refused 30'],
  ['XML, day over', 200, gatewayXml('22', 'LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR'), 'quota 22'],
  ['XML, too fast', 200, gatewayXml('23', 'X'), 'unavailable 23'],
  [
    'XML with a code in words',
    200,
    gatewayXml('SERVICE ERROR'),
    'refused SERVICE_KEY_IS_NOT_REGISTERED_ERROR',
  ],
  ['XML of the service', 200, '<?xml?><response><resultCode> 03 </resultCode></response>', 'no-data 3'],
  ['XML cut off', 200, gatewayXml('30').slice(0, 60), 'unavailable not-json'],
  ['JSON with 403', 403, gatewayJson('30', 'SERVICE_KEY_IS_NOT_REGISTERED_ERROR'), 'refused 30'],
  [
    'JSON with 401 in words',
    401,
    gatewayJson('SERVICE_ACCESS_DENIED_ERROR', null),
    'refused SERVICE_ACCESS_DENIED_ERROR',
  ],
  ['JSON with 429', 429, gatewayJson('22', null), 'quota 22'],
  ['JSON with a number', 200, gatewayJson(31, null), 'refused 31'],
  ['an empty gateway error', 200, gatewayJson(null, null), 'unavailable gateway'],
  ['bare text', 401, 'Unauthorized', 'refused not-json'],
  ['bare text', 403, 'Forbidden', 'refused not-json'],
  ['bare text', 200, 'Unexpected errors', 'unavailable not-json'],
  ['HTML', 200, '<!doctype html><title>점검 중</title>', 'unavailable not-json'],
  ['cut JSON', 200, '{"response":{"header":{"resultCode":"00"', 'unavailable not-json'],
  ['nothing', 200, '', 'unavailable not-json'],
  ['null', 200, 'null', 'unavailable not-json'],
  ['a list', 200, '[]', 'unavailable http-200'],
  ['good news with 404', 404, JSON.stringify(json('00')), 'unavailable 0'],
])('%s with %d: %4$s', (_what, status, body, fault) => {
  expect(faultOf(status, body)).toBe(fault);
});

const ask = (timeoutMs?: number) =>
  data.ask({
    ...{ provider: 'kma', url: `${simulator.url}/things`, key: KEY, perDay: 1 },
    ...{ params: { pageNo: 1, sidoName: '전국' }, timeoutMs },
  });
const failure = (timeoutMs?: number) =>
  ask(timeoutMs).then(
    () => 'answered',
    (error: unknown) => {
      expect(error).toBeInstanceOf(ProviderError);
      expect(JSON.stringify(error) + String(error)).not.toContain('abc');
      const { fault, code, isForToday } = error as ProviderError;
      return `${fault} ${code}${isForToday ? ' today' : ''}`;
    },
  );

it('encodes the key once', async () => {
  expect(await ask()).toEqual({ items: [{ name: '보리' }], totalCount: 1 });
  expect(asked).toEqual([{ serviceKey: KEY, pageNo: '1', sidoName: '전국' }]);
});

it.each([
  ['timeout', 'unavailable timeout'],
  ['slowDrip', 'unavailable timeout'],
  ['reset', 'unavailable network'],
  ['hugeBody', 'unavailable too-large'],
  ['html', 'unavailable not-json'],
  ['truncatedJson', 'unavailable not-json'],
  [429, 'quota http-429'],
  [{ status: 500 }, 'unavailable status'],
  [{ redirect: 'http://127.0.0.1:1/' }, 'unavailable network'],
  [{ status: 429, body: gatewayJson('22', null) }, 'quota 22 today'],
  [{ status: 429, body: gatewayJson('23', null) }, 'unavailable 23'],
  [{ status: 200, body: gatewayXml('0022'), contentType: 'text/xml' }, 'quota 22 today'],
  [{ status: 403, body: 'Forbidden', contentType: 'text/plain' }, 'refused not-json'],
] as const)('%j is %s', async (fault, expected) => {
  simulator.fault({ path: '/things' }, fault);
  expect(await failure(fault === 'hugeBody' ? 10_000 : 400)).toBe(expected);
});

it.each(['html', 'truncatedJson', { status: 500 }] as const)(
  'is left alone after five times %j',
  async (fault) => {
    simulator.fault({ path: '/things' }, fault);
    for (let i = 0; i < 5; i++) expect(await failure()).not.toContain('circuit-open');
    expect(await failure()).toBe('unavailable circuit-open');
    expect(simulator.requests).toHaveLength(5);
  },
);

it('a page of spaces is read at once', () => {
  const tags = ['returnReasonCode', 'resultCode', 'returnAuthMsg'].map((name) => `<${name}>`);
  const before = performance.now();
  for (const tag of tags) expect(() => readPage('kma', 200, `${tag}${' '.repeat(20_000)}.`)).toThrow();
  expect(performance.now() - before).toBeLessThan(500);
});

it('is not left alone for having no data, or for refusing us', async () => {
  simulator.fault({ path: '/things', times: 6 }, { status: 200, body: JSON.stringify(json('03')) });
  for (let i = 0; i < 6; i++) expect(await failure()).toBe('no-data 3');
  simulator.fault(
    { path: '/things', times: 6 },
    { status: 403, body: 'Forbidden', contentType: 'text/plain' },
  );
  for (let i = 0; i < 6; i++) expect(await failure()).toBe('refused not-json');
  expect(await failure()).toBe('answered');
});
