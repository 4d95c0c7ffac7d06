/**
 * The reference of the HTTP bench: five of the service's routes as one would write them by hand with Fastify and pg.
 * The same work and answers; no Nest, no Prisma, no rate limits, no logs. Statements, pure rules and shapes are the
 * service's own: what is compared is what stands around them.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyRequest } from 'fastify';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { loadConfig } from '../../src/config/config.js';
import { type NearbyQuery, nearbyPlaces, nearbyQuery } from '../../src/modules/places/places.schemas.js';
import { boardQuery, type BoardQuery, boardView } from '../../src/modules/rankings/rankings.schemas.js';
import { feedItem } from '../../src/modules/social/social.schemas.js';
import { me } from '../../src/modules/users/users.schemas.js';
import {
  type CompleteWalk,
  completeWalk as completeIn,
  walkView,
} from '../../src/modules/walks/walks.schemas.js';
import type { AccessClaims } from '../../src/platform/auth/access-tokens.js';
import type { Viewer } from '../../src/platform/auth/viewer.js';
import { jsonSchemaOf, serializerSchemaOf } from '../../src/platform/http/json-schema.js';
import { pageOf, type PageQuery, pageQuery } from '../../src/platform/http/pagination.js';
import { connectionOver, getBoard, getFeed, getMe, getNearby, Refusal, viewerOf } from './answers.js';
import { completeWalk } from './complete.js';

const config = loadConfig(process.env);
const sealingKey = config.encryptionKey!;
const signingKey = createSecretKey(Buffer.from(config.jwt.secret!));
const pool = new pg.Pool({
  connectionString: config.database.url!,
  max: config.database.poolSize,
  options: '-c jit=off',
  keepAlive: true,
});
const db = connectionOver(pool);

/** The claims of a token that this key signed and that has not expired. */
function claimsOf(authorization = ''): AccessClaims | null {
  const token = authorization.startsWith('Bearer ') ? authorization.slice(7) : '';
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  const expected = createHmac('sha256', signingKey)
    .update(token.slice(0, Math.max(0, end)))
    .digest();
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return null;
  const payload = token.slice(token.indexOf('.') + 1, end);
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as AccessClaims;
  const isOurs = claims.iss === 'withbowwow' && claims.aud === 'withbowwow-app';
  return isOurs && claims.exp * 1_000 > Date.now() ? claims : null;
}

async function viewer({ headers }: FastifyRequest, { isOpenToAll = false } = {}): Promise<Viewer> {
  const claims = claimsOf(headers.authorization);
  const found = claims && (await viewerOf(db, claims));
  if (!found) throw new Refusal(401);
  if (!isOpenToAll && (found.isSuspended || found.isLeaving)) throw new Refusal(403);
  return found;
}

async function inTransaction<T>(work: (tx: typeof db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(connectionOver(client));
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    );
    throw error;
  }
}

const answers = (schema: z.ZodType) => ({ 200: serializerSchemaOf(schema) });
/** As Fastify's validator takes it: it converts numbers and fills defaults in by itself. */
const asked = (schema: z.ZodType) => jsonSchemaOf(schema, 'output');
const walkParams = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', format: 'uuid' } },
};

const app = fastify({
  genReqId: () => uuidv7(),
  ajv: { customOptions: { removeAdditional: false, strict: false } },
});

app.get('/users/me', { schema: { response: answers(me) } }, async (request) =>
  getMe(db, (await viewer(request, { isOpenToAll: true })).userId),
);

app.get<{ Querystring: PageQuery }>(
  '/feed',
  { schema: { querystring: asked(pageQuery), response: answers(pageOf(feedItem)) } },
  async (request) => getFeed(db, (await viewer(request)).userId, request.query, sealingKey),
);

app.get<{ Querystring: BoardQuery }>(
  '/rankings',
  { schema: { querystring: asked(boardQuery), response: answers(boardView) } },
  async (request) => getBoard(db, (await viewer(request)).userId, request.query, sealingKey),
);

app.get<{ Querystring: NearbyQuery }>(
  '/places/nearby',
  { schema: { querystring: asked(nearbyQuery), response: answers(nearbyPlaces) } },
  async (request) => {
    await viewer(request);
    return getNearby(db, request.query);
  },
);

app.post<{ Params: { id: string }; Body: CompleteWalk }>(
  '/walks/:id/complete',
  { schema: { params: walkParams, body: asked(completeIn), response: answers(walkView) } },
  async (request) => {
    const { userId } = await viewer(request);
    const of = { userId, walkId: request.params.id, requestId: request.id };
    return inTransaction((tx) => completeWalk(tx, of, request.body?.pointCount ?? null));
  },
);

process.once('SIGTERM', () => void app.close().then(() => pool.end()));
process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}\n`);
