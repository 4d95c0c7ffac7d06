import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import multipart, { type Multipart } from '@fastify/multipart';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { finalize, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Viewer } from '../auth/viewer.js';
import { sha256 } from '../crypto/secrets.js';
import type { RouteNotes } from './answers.js';
import {
  badRequest,
  payloadTooLarge,
  Problem,
  serviceUnavailable,
  unsupportedMediaType,
  validationFailed,
} from './problem.js';

export const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** Boundaries, part headers and the few fields beside the file. */
const MAX_FRAME_BYTES = 64 * 1024;
/** A second file is let in to be refused by name; it is not kept. */
const LIMITS = {
  fileSize: MAX_FILE_BYTES,
  files: 2,
  fields: 8,
  fieldSize: 1_000,
  fieldNameSize: 100,
  headerPairs: 20,
};
/** Files that a process holds in memory at once: 200 MB. */
export const MAX_FILES_HELD = 20;
/** Looked after so often: whoever sent nothing since is cut off, as others cannot have what they hold. */
const MAX_SILENCE_MS = 10_000;

/** The file of a multipart body. As JSON it is its hash, so that a repeated request can be told from another one. */
export class UploadedFile {
  constructor(readonly bytes: Buffer) {}

  toJSON(): string {
    return Buffer.from(sha256(this.bytes)).toString('hex');
  }
}

export const fileIn = z
  .instanceof(UploadedFile)
  .refine(({ bytes }) => bytes.length > 0, { params: { code: 'empty' } })
  .meta({ type: 'string', format: 'binary', description: '10 MB까지' });

/** Files as bodies, for the routes that take them: any other answers 415. They are read behind the guard, not here. */
export async function registerFileBodies(fastify: FastifyInstance): Promise<void> {
  await fastify.register(multipart, { throwFileSizeLimit: true });
  fastify.addContentTypeParser(['image/jpeg', 'image/png', 'image/webp'], (_request, payload, done) =>
    done(null, payload),
  );
  fastify.addHook('preValidation', (request, _reply, done) => {
    const kind = request.isMultipart() ? 'multipart' : request.body instanceof Readable ? 'image' : undefined;
    if (kind === undefined || request.is404) return done();
    const { takes } = request.routeOptions.config as RouteNotes;
    done(takes === kind ? undefined : unsupportedMediaType());
  });
}

/** Room for files in memory. Nobody has more of it than they leave for the others. */
@Injectable()
export class FileRoom {
  private readonly heldBy = new Map<string, number>();
  private held = 0;

  /** @returns what leaves it again. @throws service-unavailable */
  enter(userId: string): () => void {
    const ofUser = this.heldBy.get(userId) ?? 0;
    if (ofUser >= MAX_FILES_HELD - this.held) throw serviceUnavailable({ headers: { 'retry-after': '2' } });
    this.held++;
    this.heldBy.set(userId, ofUser + 1);
    return () => {
      this.held--;
      const left = this.heldBy.get(userId)! - 1;
      if (left === 0) this.heldBy.delete(userId);
      else this.heldBy.set(userId, left);
    };
  }
}

/** Reads a multipart body, after the guard let the request in: `@Body({ schema })` has its fields, and its file. */
@Injectable()
class MultipartBody implements NestInterceptor {
  constructor(private readonly room: FileRoom) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user: Viewer }>();
    if (!request.isMultipart()) throw unsupportedMediaType();
    const leave = this.room.enter(request.user.userId);
    try {
      request.body = await cuttingOffSilence(request, readParts(request));
    } catch (error) {
      leave();
      request.raw.unpipe().resume(); // what is still coming is not kept, so that the answer can be read
      throw error;
    }
    return next.handle().pipe(finalize(leave));
  }
}

/** A route whose body is a form with one file; goes with `takes: 'multipart'` in its `@Answers`. */
export const TakesFile = () =>
  applyDecorators(UseInterceptors(MultipartBody), ApiConsumes('multipart/form-data'));

async function readParts(request: FastifyRequest): Promise<Record<string, unknown>> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_FILE_BYTES + MAX_FRAME_BYTES)
    throw payloadTooLarge();
  const body = new Map<string, unknown>();
  try {
    for await (const part of request.parts({ limits: LIMITS })) {
      if (body.has(part.fieldname)) throw givenTwice(part.fieldname);
      body.set(part.fieldname, await valueOf(part, body));
    }
  } catch (error) {
    // Busboy's own errors about the form have no status.
    throw error instanceof Problem || hasStatus(error) ? error : badRequest();
  }
  return Object.fromEntries(body);
}

async function valueOf(part: Multipart, before: Map<string, unknown>): Promise<unknown> {
  if (part.type === 'field') return part.value;
  if (![...before.values()].some((value) => value instanceof UploadedFile))
    return new UploadedFile(await part.toBuffer());
  part.file.resume();
  return null;
}

const hasStatus = (error: unknown): boolean =>
  typeof (error as { statusCode?: unknown } | null)?.statusCode === 'number';

const givenTwice = (path: string) =>
  validationFailed({
    errors: [
      { path, code: 'duplicate', message: { ko: '한 번만 보내 주세요.', en: 'Send this only once.' } },
    ],
  });

/**
 * The file that is a body by itself, if it is of exactly that many bytes, and says so before it comes.
 * @throws bad-request when the client goes away
 */
export async function readExactly(request: FastifyRequest, sizeBytes: number): Promise<Buffer | null> {
  const { body, headers } = request;
  if (!(body instanceof Readable)) throw unsupportedMediaType();
  if (Number(headers['content-length']) !== sizeBytes) return null;
  try {
    const bytes = await cuttingOffSilence(request, buffer(body));
    return bytes.length === sizeBytes ? bytes : null;
  } catch (error) {
    throw body.destroyed ? badRequest() : error;
  }
}

/** As Node itself ends a request that takes too long: with a 408, and the connection. */
export function tooSlow({ server }: FastifyInstance, { socket }: IncomingMessage): void {
  const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  server.emit('clientError', error, socket);
}

async function cuttingOffSilence<T>({ raw, server }: FastifyRequest, read: Promise<T>): Promise<T> {
  let heardBytes = raw.socket.bytesRead;
  const watch = setInterval(() => {
    if (raw.socket.bytesRead === heardBytes) tooSlow(server, raw);
    heardBytes = raw.socket.bytesRead;
  }, MAX_SILENCE_MS);
  try {
    return await read;
  } finally {
    clearInterval(watch);
  }
}
