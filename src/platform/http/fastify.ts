import { Socket } from 'node:net';
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.js';
import { asRequest } from '../database/fair-pool.js';
import type { RouteNotes } from './answers.js';
import { registerFileBodies, tooSlow } from './file-body.js';
import {
  givenRequestId,
  logContext,
  markRequestLogger,
  newRequestId,
  traceIdOf,
} from '../observability/context.js';
import { answerError } from './problem.filter.js';
import {
  badRequest,
  expectationFailed,
  headersTooLarge,
  notFound,
  PROBLEM_CONTENT_TYPE,
  Problem,
  problemBody,
  requestTimeout,
} from './problem.js';

export const DEFAULT_BODY_LIMIT_BYTES = 256 * 1024;
/** For 10 MB by a slow network; bodies that are no files have less. */
const REQUEST_TIMEOUT_MS = 120_000;
const BODY_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** So much later than by these timeouts a slow client is cut off; Node's own 30 s would be three times the headers' time. */
const LOOK_EVERY_MS = 2_000;
/** A connection on which nothing moves: whoever asks for much and reads nothing. An export may wait so long for its turn. */
const STANDSTILL_MS = 120_000;
/** Above the idle time of usual load balancers (60 s), so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** After this, requests still running at the end are cut: hosts kill after 30 s, and jobs want their 15 s. */
const CLOSING_LIMIT_MS = 10_000;
const MAX_CONNECTIONS = 5_000;
/** The longest parts of an address are push tokens (500), some of whose characters come as three. */
const MAX_PARAM_LENGTH = 600;
const COMPRESS_FROM_BYTES = 1_024;

/** Helmet's headers are the same in every answer, and made once; what holds a viewer's data is nobody else's to keep. */
const SECURITY_HEADERS = {
  ...headersOf(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"], // Swagger UI styles itself inline
          imgSrc: ["'self'", 'data:'],
          frameAncestors: ["'none'"],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
        },
      },
      // For browsers that are gone, or pages that share a process: in every answer to a phone on the street they only cost.
      originAgentCluster: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
    }),
  ),
  'cache-control': 'private, no-store',
};

/** What a process that only works answers: whoever watches it. */
const OF_A_WORKER = /^\/(health|metrics)(\/|$)/;

/** Request bodies other than JSON and forms, which their routes read as text. */
const TEXT_BODIES = ['application/gpx+xml', 'application/xml', 'text/xml', 'application/secevent+jwt'];

export function createAdapter(config: Config, logger: Logger): FastifyAdapter {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    disableRequestLogging: true,
    genReqId: (request: IncomingMessage) => givenRequestId(request.headers['x-request-id']) ?? newRequestId(),
    trustProxy: config.http.trustProxy.length > 0 ? config.http.trustProxy : false,
    bodyLimit: DEFAULT_BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: STANDSTILL_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // what comes in by an open connection is still answered, readiness with 503
    http: {
      requireHostHeader: false, // Node's own refusal is an empty page; ours is below
      connectionsCheckingInterval: LOOK_EVERY_MS,
    },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: answerError,
    clientErrorHandler,
  });
  const fastify: FastifyInstance = adapter.getInstance();
  fastify.server.headersTimeout = HEADERS_TIMEOUT_MS;
  fastify.server.maxConnections = MAX_CONNECTIONS;
  // Node's own answer is an empty 417.
  fastify.server.on('checkExpectation', ({ socket }) => answerBadly(socket, expectationFailed()));
  fastify.removeContentTypeParser('text/plain');
  fastify.addContentTypeParser(TEXT_BODIES, { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  fastify.addHook('onRoute', (route) => {
    const { bodyLimitBytes } = (route.config ?? {}) as RouteNotes;
    if (bodyLimitBytes) route.bodyLimit = bodyLimitBytes;
  });
  fastify.addHook('onRequest', (request, reply, next) => {
    const traceId = traceIdOf(request.headers.traceparent);
    if (traceId) request.log = request.log.child({ traceId });
    markRequestLogger(request.log);
    void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    if (isForOneHost(request.raw)) return next();
    void reply.header('connection', 'close');
    next(badRequest());
  });
  if (config.role === 'worker')
    fastify.addHook('onRequest', (request, _reply, next) =>
      next(OF_A_WORKER.test(request.routeOptions.url ?? '') ? undefined : notFound()),
    );
  fastify.addHook('onRequest', (request, reply, next) => {
    if (hasBody(request.raw) && !(request.routeOptions.config as RouteNotes | undefined)?.takes)
      cutOffAfter(request, reply, BODY_TIMEOUT_MS);
    next();
  });
  // After the body was read: what came in by the socket before has no memory of its request.
  fastify.addHook('preHandler', (request, _reply, next) => {
    const traceId = traceIdOf(request.headers.traceparent);
    const fields = { reqId: request.id, ...(traceId && { traceId }) };
    logContext.run({ requestId: request.id, fields }, () =>
      asRequest(request.routeOptions.url?.split('/', 2)[1] ?? '', next),
    );
  });
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    const slowest = setTimeout(() => fastify.server.closeAllConnections(), CLOSING_LIMIT_MS).unref();
    fastify.server.once('close', () => clearTimeout(slowest));
    done();
  });
  // Otherwise a connection that was busy when the end began would stay open, and the process with it, until it times out.
  fastify.addHook('onSend', (_request, reply, payload, next) => {
    if (isClosing) void reply.header('connection', 'close');
    next(null, payload);
  });
  fastify.addHook('onResponse', (request, reply, next) => {
    logAnswer(request, reply.statusCode, reply.elapsedTime);
    next();
  });
  return adapter;
}

function headersOf(middleware: ReturnType<typeof helmet>): OutgoingHttpHeaders {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  middleware(answer.req, answer, (error) => {
    if (error) throw error as Error;
  });
  return { ...answer.getHeaders() };
}

/** RFC 9112, 3.2: two hosts are none. Who is in front of us may read the other one. */
function isForOneHost({ headers, rawHeaders, httpVersion }: IncomingMessage): boolean {
  if (headers.host === undefined) return httpVersion === '1.0';
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.length === 4 && rawHeaders[i]!.toLowerCase() === 'host') hosts++;
  return hosts === 1;
}

export async function registerPlugins(fastify: FastifyInstance, config: Config): Promise<void> {
  if (config.http.corsOrigins.length > 0) {
    await fastify.register(cors, {
      origin: config.http.corsOrigins,
      maxAge: 86_400,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    });
  }
  await registerFileBodies(fastify);
  await fastify.register(compress, { threshold: COMPRESS_FROM_BYTES, encodings: ['gzip', 'deflate'] });
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** The end of a request whose body takes longer to come: as Node itself ends one that takes too long. */
function cutOffAfter({ raw, server }: FastifyRequest, reply: FastifyReply, ms: number): void {
  const late = setTimeout(() => {
    if (!raw.complete) tooSlow(server, raw);
  }, ms).unref();
  raw.once('close', () => clearTimeout(late));
  reply.raw.once('finish', () => clearTimeout(late));
}

/** Route pattern, never the URL: paths hold ids and queries hold coordinates. */
function logAnswer(request: FastifyRequest, status: number, elapsedMs: number): void {
  request.log.info(
    {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status,
      elapsedMs: Math.round(elapsedMs),
    },
    'request answered',
  );
}

/** Errors before there is a request: unreadable HTTP, oversized or slow headers. */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem: Problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? headersTooLarge()
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? requestTimeout()
        : badRequest();
  answerBadly(socket, problem);
}

/** What there is no request for is answered on the socket itself, which ends with it. */
function answerBadly(socket: Socket, problem: Problem): void {
  const body = JSON.stringify(problemBody(problem, newRequestId(), 'ko'));
  socket.write(
    `HTTP/1.1 ${problem.kind.status} Error\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  socket.destroySoon(); // `end` would leave the closing to the client
}
