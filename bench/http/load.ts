import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { quantile } from '../figures.js';

export interface Asked {
  path: string;
  token: string;
}

/** What so many connections, each with one request at a time, were answered. */
export interface Burst {
  requests: number;
  seconds: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Not 2xx, cut off, or not in time. */
  errors: number;
}

const TIMEOUT_S = 10;

/** GET requests by turns, for so long, by wrk: it takes a tenth of the CPU that the measured server does. */
export async function burstFor(
  seconds: number,
  { url, connections, asked, folder }: { url: string; connections: number; asked: Asked[]; folder: string },
): Promise<Burst> {
  const [list, script] = [join(folder, 'asked.txt'), join(folder, 'asked.lua')];
  await writeFile(list, asked.map(({ path, token }) => `${path} ${token}\n`).join(''));
  await writeFile(
    script,
    `local asked, turn = {}, 0
     function init()
       for line in io.lines("${list}") do
         local path, token = line:match("(%S+) (%S+)")
         table.insert(asked, wrk.format("GET", path, { authorization = "Bearer " .. token }))
       end
     end
     function request()
       turn = turn % #asked + 1
       return asked[turn]
     end
     function done(summary, latency)
       local e = summary.errors
       print(string.format('{"requests":%d,"seconds":%f,"p50Ms":%f,"p95Ms":%f,"p99Ms":%f,"errors":%d}',
         summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
         latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
     end`,
  );
  const options = ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, '--timeout', `${TIMEOUT_S}s`];
  const { stdout } = await promisify(execFile)('wrk', [...options, '-s', script, url]);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Burst;
}

/** Each POST once, however long that takes: for what cannot be asked twice. They cost the server much more than us. */
export async function burstOf(
  asked: readonly Asked[],
  { url, connections, body }: { url: string; connections: number; body: object },
): Promise<Burst> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const text = JSON.stringify(body);
  const tookMs: number[] = [];
  let [next, errors] = [0, 0];
  const startedMs = performance.now();
  const ask = async () => {
    while (next < asked.length) {
      const sentMs = performance.now();
      const status = await post(url, asked[next++]!, text, agent);
      tookMs.push(performance.now() - sentMs);
      if (status !== 200) errors++;
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  const seconds = (performance.now() - startedMs) / 1_000;
  agent.destroy();
  const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((q) => quantile(tookMs, q)) as [number, number, number];
  return { requests: tookMs.length, seconds, p50Ms, p95Ms, p99Ms, errors };
}

/** @returns null when there was no answer */
function post(url: string, { path, token }: Asked, body: string, agent: Agent): Promise<number | null> {
  return new Promise((resolve) => {
    const headers = {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      'content-length': Buffer.byteLength(body),
    };
    const outgoing = request(url + path, { method: 'POST', agent, headers, timeout: TIMEOUT_S * 1_000 });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(null));
    outgoing.on('response', (response) => {
      response.resume();
      response.on('close', () => resolve(response.statusCode!));
    });
    outgoing.end(body);
  });
}
