import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { secret } from '../support/leaks.js';
import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

export interface S3Object {
  bytes: Buffer;
  contentType: string;
  modifiedAt: Date;
}

export interface S3Simulator extends Simulator {
  /** What the app needs in its environment to keep its files here. */
  env: Record<string, string>;
  credentials: { accessKeyId: string; secretAccessKey: string; bucket: string };
  /** What is stored, by key. */
  objects: Map<string, S3Object>;
}

const BUCKET = 'withbowwow-sim';
/** Few, so that every list of some length has pages. */
const KEYS_PER_PAGE = 3;
const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_S = 7 * 86_400;

class S3Error extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

/** An S3-compatible store with one bucket, that takes nothing without a right signature (SigV4, headers or presigned). */
export async function startS3(options: SimulatorOptions = {}): Promise<S3Simulator> {
  const accessKeyId = randomBytes(16).toString('hex');
  const secretAccessKey = secret(randomBytes(32).toString('hex'));
  const objects = new Map<string, S3Object>();
  // The SDK signs by the clock of the machine, so this side reads it as well.
  const now = options.now ?? Date.now;

  function answer(request: FastifyRequest, reply: FastifyReply) {
    try {
      checkSignature(request, { accessKeyId, secretAccessKey }, now());
      const { bucket, '*': key } = request.params as { bucket: string; '*'?: string };
      if (bucket !== BUCKET) throw new S3Error(404, 'NoSuchBucket');
      return key ? ofObject(request, reply, key) : ofBucket(request, reply);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      return refuse(request, reply, error);
    }
  }

  function ofObject(request: FastifyRequest, reply: FastifyReply, key: string) {
    if (request.method === 'PUT') {
      const bytes = bodyOf(request);
      if (Number(request.headers['content-length']) !== bytes.length)
        throw new S3Error(400, 'IncompleteBody');
      const contentType = request.headers['content-type'] ?? 'binary/octet-stream';
      objects.set(key, { bytes, contentType, modifiedAt: new Date(now()) });
      return reply.header('etag', etagOf(bytes)).send();
    }
    if (request.method === 'DELETE') {
      objects.delete(key);
      return reply.code(204).send();
    }
    const found = objects.get(key);
    if (!found) throw new S3Error(404, 'NoSuchKey');
    const query = request.query as Record<string, string | undefined>;
    return reply
      .headers({
        etag: etagOf(found.bytes),
        'last-modified': found.modifiedAt.toUTCString(),
        'content-type': query['response-content-type'] ?? found.contentType,
        ...(query['response-cache-control'] && { 'cache-control': query['response-cache-control'] }),
      })
      .send(found.bytes);
  }

  function ofBucket(request: FastifyRequest, reply: FastifyReply) {
    const query = request.query as Record<string, string | undefined>;
    if (request.method === 'POST' && 'delete' in query) {
      const keys = [
        ...bodyOf(request)
          .toString('utf8')
          .matchAll(/<Key>([^<]+)<\/Key>/g),
      ].map(([, key]) => key!);
      for (const key of keys) objects.delete(key);
      const deleted = keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join('');
      return xml(reply, 200, `<DeleteResult>${deleted}</DeleteResult>`);
    }
    if (request.method !== 'GET' || query['list-type'] !== '2') throw new S3Error(405, 'MethodNotAllowed');
    const after = Buffer.from(query['continuation-token'] ?? '', 'base64').toString('utf8');
    const keys = [...objects.keys()]
      .filter((key) => key.startsWith(query.prefix ?? '') && key > after)
      .sort();
    const page = keys.slice(0, KEYS_PER_PAGE);
    const isTruncated = keys.length > page.length;
    const contents = page.map((key) => {
      const { bytes, modifiedAt } = objects.get(key)!;
      return `<Contents><Key>${key}</Key><LastModified>${modifiedAt.toISOString()}</LastModified><Size>${bytes.length}</Size></Contents>`;
    });
    const next = isTruncated
      ? `<NextContinuationToken>${Buffer.from(page.at(-1)!).toString('base64')}</NextContinuationToken>`
      : '';
    return xml(
      reply,
      200,
      `<ListBucketResult><Name>${BUCKET}</Name><KeyCount>${page.length}</KeyCount><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    );
  }

  const simulator = await startSimulator(options, (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.all('/:bucket', answer);
    server.all('/:bucket/*', answer);
  });
  return {
    ...simulator,
    credentials: { accessKeyId, secretAccessKey, bucket: BUCKET },
    env: {
      R2_ACCOUNT_ID: 'simulated',
      R2_ACCESS_KEY_ID: accessKeyId,
      R2_SECRET_ACCESS_KEY: secretAccessKey,
      R2_BUCKET_NAME: BUCKET,
      R2_BASE_URL: simulator.url,
    },
    objects,
  };
}

const bodyOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));
const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

const xml = (reply: FastifyReply, status: number, body: string) =>
  reply.code(status).type('application/xml').send(`<?xml version="1.0" encoding="UTF-8"?>${body}`);

/** To HEAD there is no body that could name the error. */
function refuse(request: FastifyRequest, reply: FastifyReply, { status, code }: S3Error) {
  if (request.method === 'HEAD') return reply.code(status).send();
  return xml(
    reply,
    status,
    `<Error><Code>${code}</Code><Message>The simulator says ${code}</Message></Error>`,
  );
}

interface Claim {
  credential: string;
  signedHeaders: string[];
  signature: string;
  /** `20261121T030000Z` */
  date: string;
  payloadHash: string;
  query: [string, string][];
}

/** AWS Signature Version 4, as documented under "Authenticating Requests" of Amazon S3. */
function checkSignature(
  request: FastifyRequest,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
  nowMs: number,
): void {
  const url = new URL(request.url, 'http://s3');
  const query = [...url.searchParams];
  const isPresigned = url.searchParams.has('X-Amz-Signature');
  const claim = isPresigned ? claimOfQuery(url.searchParams, nowMs) : claimOfHeaders(request, query, nowMs);
  const [keyId, day, region, service, end] = claim.credential.split('/');
  if (keyId !== accessKeyId) throw new S3Error(403, 'InvalidAccessKeyId');
  if (service !== 's3' || end !== 'aws4_request' || !claim.date.startsWith(day!))
    throw new S3Error(400, 'AuthorizationHeaderMalformed');

  const wanted = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
  // The names of the body are signed where a client sends it that must not choose them.
  if (isPresigned && request.method === 'PUT') wanted.push('content-type', 'content-length');
  if (wanted.some((name) => !claim.signedHeaders.includes(name))) throw new S3Error(403, 'AccessDenied');

  const headerOf = (name: string) => {
    const value = request.headers[name];
    return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replaceAll(/ +/g, ' ');
  };
  const canonical = [
    request.method,
    url.pathname,
    claim.query
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .sort()
      .join('&'),
    ...claim.signedHeaders.map((name) => `${name}:${headerOf(name)}`),
    '',
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
  const scope = [day, region, service, end].join('/');
  const toSign = ['AWS4-HMAC-SHA256', claim.date, scope, sha256(canonical)].join('\n');
  const key = [day!, region!, service, end].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const right = hmac(key, toSign);
  const given = Buffer.from(claim.signature, 'hex');
  if (given.length !== right.length || !timingSafeEqual(given, right))
    throw new S3Error(403, 'SignatureDoesNotMatch');
}

function claimOfQuery(params: URLSearchParams, nowMs: number): Claim {
  const of = (name: string) => params.get(`X-Amz-${name}`) ?? '';
  const expiresS = Number(of('Expires'));
  if (of('Algorithm') !== 'AWS4-HMAC-SHA256' || !(expiresS > 0 && expiresS <= MAX_EXPIRES_S))
    throw new S3Error(400, 'AuthorizationQueryParametersError');
  if (nowMs > timeOf(of('Date')) + expiresS * 1_000) throw new S3Error(403, 'AccessDenied');
  return {
    credential: of('Credential'),
    signedHeaders: of('SignedHeaders').split(';'),
    signature: of('Signature'),
    date: of('Date'),
    payloadHash: 'UNSIGNED-PAYLOAD',
    query: [...params].filter(([name]) => name !== 'X-Amz-Signature'),
  };
}

function claimOfHeaders(request: FastifyRequest, query: [string, string][], nowMs: number): Claim {
  const [, credential, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    ) ?? [];
  if (!credential || !signedHeaders || !signature) throw new S3Error(403, 'AccessDenied');
  const date = String(request.headers['x-amz-date'] ?? '');
  if (Math.abs(nowMs - timeOf(date)) > MAX_SKEW_MS) throw new S3Error(403, 'RequestTimeTooSkewed');
  const payloadHash = String(request.headers['x-amz-content-sha256'] ?? '');
  if (payloadHash !== 'UNSIGNED-PAYLOAD' && payloadHash !== sha256(bodyOf(request)))
    throw new S3Error(400, 'XAmzContentSHA256Mismatch');
  return { credential, signedHeaders: signedHeaders.split(';'), signature, date, payloadHash, query };
}

const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
