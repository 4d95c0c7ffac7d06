import { Readable, pipeline } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';

export interface SimulatorOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Current time in ms; pass the clock of the test, so that both sides agree about expiry. */
  now?: () => number;
}

/** What goes wrong. 429 comes with `Retry-After: 1`; `timeout` answers nothing until the simulator closes. */
export type Fault =
  | { status: number; body?: string; contentType?: string; headers?: Record<string, string> }
  | { redirect: string }
  | 429
  | 'timeout'
  | 'reset'
  | 'slowDrip'
  | 'hugeBody'
  | 'html'
  | 'truncatedJson';

export interface FaultMatch {
  /** Prefix of the path. */
  path: string;
  method?: string;
  /** How many requests it hits; absent: all, until `clearFaults()`. */
  times?: number;
  /** true: the provider does its work and only the answer is lost, as when a charge was made but timed out. */
  afterWork?: boolean;
}

/** Path without query and no headers or body: those carry secrets. */
export interface LoggedRequest {
  method: string;
  path: string;
  atMs: number;
}

export interface Simulator {
  url: string;
  requests: LoggedRequest[];
  /** Faults on the same path are played in the order in which they were added. */
  fault(match: FaultMatch, kind: Fault): void;
  clearFaults(): void;
  close(): Promise<void>;
}

const HUGE_BODY_MB = 100;
const DRIP_EVERY_MS = 200;
const MAX_REQUEST_BYTES = 100 * 1024 * 1024;

/** A provider on 127.0.0.1: `routes` plays it, the rest (log, faults, clock) is the same for all of them. */
export async function startSimulator(
  { port = 0, now = Date.now }: SimulatorOptions,
  routes: (server: FastifyInstance) => void,
): Promise<Simulator> {
  const requests: LoggedRequest[] = [];
  let faults: { match: FaultMatch; kind: Fault; left: number }[] = [];

  function takeFault(request: FastifyRequest, afterWork: boolean): Fault | undefined {
    const found = faults.find(
      ({ match, left }) =>
        left > 0 &&
        (match.afterWork ?? false) === afterWork &&
        (match.method ?? request.method) === request.method &&
        pathOf(request).startsWith(match.path),
    );
    if (found) found.left--;
    return found?.kind;
  }

  const server = fastify({ forceCloseConnections: true, bodyLimit: MAX_REQUEST_BYTES });
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  );
  // A fault answers on the raw response; not calling `done` keeps Fastify out of it.
  server.addHook('onRequest', (request, reply, done) => {
    requests.push({ method: request.method, path: pathOf(request), atMs: now() });
    const kind = takeFault(request, false);
    if (kind === undefined) done();
    else play(kind, request.raw, reply.raw);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    const kind = takeFault(request, true);
    if (kind === undefined) done(null, payload);
    else play(kind, request.raw, reply.raw);
  });
  routes(server);
  await server.listen({ host: '127.0.0.1', port });

  return {
    url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    requests,
    fault: (match, kind) => void faults.push({ match, kind, left: match.times ?? Infinity }),
    clearFaults: () => void (faults = []),
    close: () => server.close(),
  };
}

function play(kind: Fault, request: IncomingMessage, response: ServerResponse): void {
  const answer = (status: number, contentType: string, body = '', headers: Record<string, string> = {}) =>
    response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);

  if (kind === 'timeout') return;
  if (kind === 'reset') request.socket.resetAndDestroy();
  else if (kind === 'slowDrip') drip(response);
  else if (kind === 'hugeBody') {
    response.writeHead(200, { 'content-type': 'application/json' });
    pipeline(Readable.from(hugeJson()), response, () => {}); // the client may well hang up
  } else if (kind === 'html') answer(200, 'text/html', '<!doctype html><title>점검 중</title>');
  else if (kind === 'truncatedJson') answer(200, 'application/json', '{"id":4100200300,"name":"보');
  else if (kind === 429) answer(429, 'application/json', '{}', { 'retry-after': '1' });
  else if ('redirect' in kind) answer(302, 'text/plain', '', { location: kind.redirect });
  else answer(kind.status, kind.contentType ?? 'application/json', kind.body ?? '{}', kind.headers);
}

/** White space is a valid start of JSON, so only a total time limit saves the client. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(' ');
  const timer = setInterval(() => response.write(' '), DRIP_EVERY_MS);
  response.once('close', () => clearInterval(timer));
}

function* hugeJson() {
  const mb = Buffer.alloc(1024 * 1024, 'a');
  yield '{"name":"';
  for (let i = 0; i < HUGE_BODY_MB; i++) yield mb;
  yield '"}';
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

/** The fields of a form body; empty for JSON and other bodies, which form endpoints do not read either. */
export function formOf(request: FastifyRequest): Record<string, string | undefined> {
  return request.body instanceof URLSearchParams ? Object.fromEntries(request.body) : {};
}

/** For endpoints that read query and form alike. */
export function paramsOf(request: FastifyRequest): Record<string, string | undefined> {
  return { ...(request.query as Record<string, string>), ...formOf(request) };
}

/** `Authorization: <scheme> <credential>` → the credential, when the scheme is the asked one. */
export function credentialOf(request: FastifyRequest, scheme: string): string | undefined {
  const [sent, credential] = (request.headers.authorization ?? '').split(' ');
  return sent === scheme ? credential : undefined;
}

/** The address of a redirect back to the app; custom schemes such as `withbowwow://` work as well. */
export function withQuery(address: string, query: Record<string, string | undefined>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
