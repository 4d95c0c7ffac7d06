import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sameSecret } from '../crypto/secrets.js';
import { answerError } from '../http/problem.filter.js';
import { notFound, unauthorized } from '../http/problem.js';
import type { Metrics } from './metrics.js';

const PATH = '/metrics';
const BEARER = /^Bearer (\S+)$/;

/**
 * Counts what is answered, and shows all that is counted at `/metrics`: to who knows the token, and to nobody where there
 * is none. It is no route of the app: not in its document, its log or its own figures.
 */
export function exposeMetrics(fastify: FastifyInstance, metrics: Metrics, token: string | null): void {
  fastify.addHook('onRequest', (request, reply, next) => {
    const startedMs = performance.now();
    const route = request.routeOptions.url ?? 'unknown';
    if (route === PATH) return next();
    metrics.httpInFlight.inc();
    // Also comes when the client went away, which answers no hook.
    reply.raw.once('close', () => {
      metrics.httpInFlight.dec();
      const status = reply.raw.writableFinished ? classOf(reply.raw.statusCode) : 'aborted';
      metrics.httpDuration.observe(
        { method: request.method, route, status },
        (performance.now() - startedMs) / 1_000,
      );
    });
    next();
  });
  fastify.get(PATH, { logLevel: 'silent' }, async (request, reply) => {
    if (token === null) return answerError(notFound(), request, reply);
    if (!sameSecret(bearerOf(request), token)) return answerError(unauthorized(), request, reply);
    return reply.header('content-type', metrics.registry.contentType).send(await metrics.scrape());
  });
}

const classOf = (status: number): string => (status === 429 ? '429' : `${Math.floor(status / 100)}xx`);

const bearerOf = ({ headers }: FastifyRequest): string => BEARER.exec(headers.authorization ?? '')?.[1] ?? '';
