import { createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Viewer } from '../auth/viewer.js';
import { Clock } from '../clock/clock.js';
import { sha256 } from '../crypto/secrets.js';
import { type Connection, Database, statement, type Transaction } from '../database/database.js';
import type { Prisma } from '../../generated/prisma/client.js';
import { defineJob, Handles } from '../queue/job.js';
import type { Slot } from '../queue/schedule.js';
import { defineProblem, validationFailed } from './problem.js';

export const IDEMPOTENCY_KEY_TTL_MS = 24 * 3_600_000;
export const IDEMPOTENCY_HEADER = 'Idempotency-Key';

export const idempotencyKeyReused = defineProblem(
  422,
  'idempotency-key-reused',
  '같은 Idempotency-Key로 다른 요청을 보냈어요.',
  'This Idempotency-Key was used with another request.',
);
export const requestInFlight = defineProblem(
  409,
  'request-in-flight',
  '같은 요청을 처리하고 있어요.',
  'The same request is still being handled.',
);

/** One attempt at something that must happen once; null when the client sent no key. */
export interface Once {
  userId: string;
  key: string;
  requestHash: Uint8Array<ArrayBuffer>;
}

function onceOf(_: unknown, context: ExecutionContext): Once | null {
  const request = context.switchToHttp().getRequest<FastifyRequest & { user: Viewer }>();
  const key = request.headers[IDEMPOTENCY_HEADER.toLowerCase()];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw validationFailed({
      errors: [
        {
          path: IDEMPOTENCY_HEADER,
          code: 'invalid-format',
          message: { ko: '1~255자의 문자열이어야 해요.', en: 'Must be 1–255 printable characters.' },
        },
      ],
    });
  }
  return {
    userId: request.user.userId,
    key,
    requestHash: sha256(JSON.stringify([request.method, request.url, request.body ?? null])),
  };
}

const documented: ParameterDecorator = (target, method) => {
  const header = {
    name: IDEMPOTENCY_HEADER,
    required: false,
    description: 'Kept 24 h: the same key and body replay the same answer',
    schema: { type: 'string', maxLength: 255 },
  } as const;
  ApiHeader(header)(target, method!, Object.getOwnPropertyDescriptor(target, method!)!);
};

/** The parameter of every route that creates or charges. */
export const OnceOnly = createParamDecorator(onceOf, [documented]);

const tryLock = statement<{ locked: boolean }>(
  'idempotency_lock',
  `select pg_try_advisory_xact_lock(hashtextextended($1::text, 0)) as locked`,
);

const forget = statement(
  'idempotency_forget',
  `delete from idempotency_keys where user_id = $1::uuid and position($2::text in answer::text) > 0 returning key`,
);

/** Answers that name what the user must not be told again are not replayed: the same request is a new one. */
export async function forgetAnswersNaming(tx: Transaction, userId: string, text: string): Promise<void> {
  await tx.rows(forget, [userId, text]);
}

export const purgeIdempotencyKeys = defineJob<Slot>('http.purge-idempotency-keys');

/**
 * Runs a use case's transaction once for each `Idempotency-Key`. The answer is stored in that same
 * transaction: a crash loses both or neither, and a failure stores nothing.
 */
@Injectable()
export class Idempotency {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** What the same request was answered before, for whoever would do costly work first. @throws idempotency-key-reused */
  async answered<T extends object>(once: Once | null): Promise<T | null> {
    return once && this.storedFor<T>(this.db, once);
  }

  /**
   * @throws idempotency-key-reused (422) for the same key with another request
   * @throws request-in-flight (409) while the first one is still being handled
   */
  async run<T extends object>(once: Once | null, work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (!once) return this.db.transaction(work);
    const { userId, key, requestHash } = once;
    return this.db.transaction(async (tx) => {
      const [lock] = await tx.rows(tryLock, [`idempotency:${userId}:${key}`]);
      if (!lock?.locked) throw requestInFlight({ headers: { 'retry-after': '1' } });
      const stored = await this.storedFor<T>(tx, once);
      if (stored) return stored;
      const answer = await work(tx);
      const row = {
        requestHash,
        answer: JSON.parse(JSON.stringify(answer)) as Prisma.InputJsonValue,
        createdAt: this.clock.now(),
      };
      await tx.prisma.idempotencyKey.upsert({
        where: { userId_key: { userId, key } },
        create: { userId, key, ...row },
        update: row,
      });
      return answer;
    });
  }

  private async storedFor<T extends object>(
    { prisma }: Connection,
    { userId, key, requestHash }: Once,
  ): Promise<T | null> {
    const stored = await prisma.idempotencyKey.findUnique({ where: { userId_key: { userId, key } } });
    if (!stored || this.clock.nowMs() - stored.createdAt.getTime() >= IDEMPOTENCY_KEY_TTL_MS) return null;
    if (Buffer.compare(stored.requestHash, requestHash) !== 0) throw idempotencyKeyReused();
    return stored.answer as T;
  }

  @Handles(purgeIdempotencyKeys)
  async purge(): Promise<void> {
    const before = new Date(this.clock.nowMs() - IDEMPOTENCY_KEY_TTL_MS);
    await this.db.prisma.idempotencyKey.deleteMany({ where: { createdAt: { lt: before } } });
  }
}
