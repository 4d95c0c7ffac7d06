import { startSimulator, type Simulator } from './simulator.js';

describe('the simulator harness', () => {
  const nowMs = Date.UTC(2026, 9, 3, 2, 11, 45);
  let simulator: Simulator;
  let charges: number;

  beforeEach(async () => {
    charges = 0;
    simulator = await startSimulator({ now: () => nowMs }, (server) => {
      server.post('/v1/charge', () => ({ charge: ++charges }));
      server.get('/v1/ok', () => ({ ok: true }));
    });
  });
  afterEach(() => simulator.close());

  const charge = () => fetch(`${simulator.url}/v1/charge`, { method: 'POST' });
  const get = (path = '/v1/ok', init?: RequestInit) => fetch(simulator.url + path, init);

  it('logs method, path and time, and no secrets', async () => {
    await get('/v1/ok?serviceKey=secret');
    expect(simulator.requests).toEqual([{ method: 'GET', path: '/v1/ok', atMs: nowMs }]);
  });

  it('plays a fault as often as asked, on its path only', async () => {
    simulator.fault({ path: '/v1/ok', times: 1 }, { status: 500, body: '<xml/>', contentType: 'text/xml' });
    expect((await charge()).status).toBe(200);
    const failed = await get();
    expect([failed.status, failed.headers.get('content-type'), await failed.text()]).toEqual([
      500,
      'text/xml',
      '<xml/>',
    ]);
    expect((await get()).status).toBe(200);
  });

  it('forgets its faults', async () => {
    simulator.fault({ path: '/' }, 429);
    const limited = await get();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
    simulator.clearFaults();
    expect((await get()).status).toBe(200);
  });

  it('can lose the answer after the work was done', async () => {
    simulator.fault({ path: '/v1/charge', method: 'POST', afterWork: true, times: 1 }, 'reset');
    await expect(charge()).rejects.toThrow();
    expect(charges).toBe(1);
    expect(await (await charge()).json()).toEqual({ charge: 2 });
  });

  it('does not answer', async () => {
    simulator.fault({ path: '/' }, 'timeout');
    await expect(get('/v1/ok', { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    expect(simulator.requests).toHaveLength(1);
  });

  it('resets the connection', async () => {
    simulator.fault({ path: '/' }, 'reset');
    await expect(get()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  it('drips', async () => {
    simulator.fault({ path: '/' }, 'slowDrip');
    const reader = (await get()).body!.getReader();
    expect((await reader.read()).value).toHaveLength(1);
    expect((await reader.read()).value).toHaveLength(1);
    await reader.cancel();
  });

  it('sends 100 MB', async () => {
    simulator.fault({ path: '/' }, 'hugeBody');
    let sizeB = 0;
    for await (const chunk of (await get()).body!) sizeB += chunk.length;
    expect(sizeB).toBeGreaterThan(100 * 1024 * 1024);
  });

  it('sends HTML, half a JSON, and redirects', async () => {
    simulator.fault({ path: '/', times: 1 }, 'html');
    simulator.fault({ path: '/', times: 1 }, 'truncatedJson');
    simulator.fault({ path: '/', times: 1 }, { redirect: 'http://127.0.0.1:1/elsewhere' });
    const html = await get();
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html']);
    await expect((await get()).json()).rejects.toThrow('JSON');
    const redirected = await get('/v1/ok', { redirect: 'manual' });
    expect([redirected.status, redirected.headers.get('location')]).toEqual([
      302,
      'http://127.0.0.1:1/elsewhere',
    ]);
  });
});
