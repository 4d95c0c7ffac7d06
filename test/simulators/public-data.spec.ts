import { type AirKoreaSimulator, startAirKorea } from './air-korea.js';
import { type KmaSimulator, startKma } from './kma.js';

const NOW = Date.parse('2026-11-20T03:10:00Z');
let kma: KmaSimulator;
let airKorea: AirKoreaSimulator;
beforeAll(async () => {
  [kma, airKorea] = await Promise.all([startKma({ now: () => NOW }), startAirKorea({ now: () => NOW })]);
});
afterAll(() => Promise.all([kma.close(), airKorea.close()]));
beforeEach(() => {
  kma.reset();
  airKorea.reset();
});

const ASKED = {
  ...{ pageNo: '1', numOfRows: '1000', dataType: 'JSON' },
  ...{ base_date: '20261120', base_time: '1200', nx: '60', ny: '127' },
};
async function askKma(operation: string, change: Record<string, string> = {}) {
  const query = new URLSearchParams({ serviceKey: kma.env.WEATHER_API_KEY, ...ASKED, ...change });
  const response = await fetch(`${kma.env.KMA_BASE_URL}/${operation}?${query.toString()}`);
  return { status: response.status, text: await response.text() };
}
const codeOf = ({ text }: { text: string }) =>
  /resultCode":"(\d+)|returnReasonCode>(\d+)/.exec(text)?.slice(1).find(Boolean);

it.each([
  ['getUltraSrtNcst', {}, '00'],
  ['getUltraSrtNcst', { base_time: '1300' }, '03'],
  ['getUltraSrtNcst', { base_time: '1230' }, '10'],
  ['getUltraSrtNcst', { base_date: '20261119', base_time: '1100' }, '03'],
  ['getUltraSrtFcst', { base_time: '1130' }, '00'],
  ['getUltraSrtFcst', { base_time: '1230' }, '03'],
  ['getVilageFcst', { base_time: '1100' }, '00'],
  ['getVilageFcst', { base_time: '1200' }, '10'],
  ['getVilageFcst', { base_time: '1100', nx: '150' }, '03'],
  ['getVilageFcst', { base_date: 'today' }, '11'],
  ['getUltraSrtNcst', { dataType: 'XML' }, '11'],
  ['getSomething', {}, '12'],
  ['getUltraSrtNcst', { serviceKey: 'none' }, '30'],
])('KMA answers %s with %j by %s', async (operation, change, code) => {
  expect(codeOf(await askKma(operation, change))).toBe(code);
});

it('a key that was encoded twice is not registered: XML with 200', async () => {
  const answer = await askKma('getUltraSrtNcst', { serviceKey: encodeURIComponent(kma.env.WEATHER_API_KEY) });
  expect([answer.status, codeOf(answer)]).toEqual([200, '30']);
  expect(kma.calls).toEqual([]);
});

it('the village forecast has about 900 rows, page by page', async () => {
  const { text } = await askKma('getVilageFcst', { base_time: '1100', numOfRows: '10', pageNo: '2' });
  const { body } = JSON.parse(text).response;
  expect(body.totalCount).toBeGreaterThan(800);
  expect(body.items.item).toHaveLength(10);
  expect(body.items.item[0]).toMatchObject({ baseDate: '20261120', fcstDate: '20261120', nx: 60, ny: 127 });
});

it('AirKorea wants its key and lists provinces', async () => {
  const ask = async (change: Record<string, string>) => {
    const query = new URLSearchParams({
      ...{
        serviceKey: airKorea.env.AIR_KOREA_API_KEY,
        returnType: 'json',
        numOfRows: '100',
        sidoName: '서울',
      },
      ...change,
    });
    const path = 'ArpltnInforInqireSvc/getCtprvnRltmMesureDnsty';
    return (await fetch(`${airKorea.env.AIR_KOREA_BASE_URL}/${path}?${query.toString()}`)).text();
  };
  expect(await ask({ serviceKey: 'none' })).toContain('<returnReasonCode>30<');
  expect(JSON.parse(await ask({})).response.body.items).toHaveLength(3);
  const all = JSON.parse(await ask({ sidoName: '전국' })).response.body;
  expect([all.totalCount, all.items[0].dataTime]).toEqual([5, '2026-11-20 11:00']);
});
