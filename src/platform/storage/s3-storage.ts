import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Readable } from 'node:stream';
import { type HttpClient, OutboundError } from '../outbound/http-client.js';
import { checkedKey, type DirectUpload, Storage, type StoredFile } from './storage.js';

const PROVIDER = 'storage';
/** Is not there. */
const PING = 'ping';
/** A body of 10 MB takes longer than an answer of a few bytes. */
const TRANSFER_TIMEOUT_FACTOR = 3;
const CACHED_S = 3_600;

export interface S3Options {
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
  baseUrl: string;
  timeoutMs: number;
}

/** Cloudflare R2, or anything else that speaks S3. */
export class S3Storage extends Storage {
  private readonly s3: S3Client;
  private readonly bucket: string;
  private readonly timeoutMs: number;

  constructor(
    { baseUrl, bucket, timeoutMs, ...credentials }: S3Options,
    private readonly http: HttpClient,
  ) {
    super();
    this.bucket = bucket;
    this.timeoutMs = timeoutMs;
    this.s3 = new S3Client({
      region: 'auto',
      endpoint: baseUrl,
      credentials,
      forcePathStyle: !new URL(baseUrl).hostname.endsWith('.r2.cloudflarestorage.com'),
      // R2 refuses the newer checksums, and a presigned upload would carry that of an empty body.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 1, // `HttpClient` tries again, and counts
    });
  }

  override async ping(): Promise<void> {
    await this.head(PING);
  }

  override async put(key: string, bytes: Uint8Array, mediaType: string): Promise<void> {
    const command = new PutObjectCommand({
      ...this.at(key),
      Body: bytes,
      ContentType: mediaType,
      ContentLength: bytes.byteLength,
    });
    await this.call((abortSignal) => this.s3.send(command, { abortSignal }), TRANSFER_TIMEOUT_FACTOR);
  }

  override async get(key: string, maxBytes = Infinity): Promise<Buffer | null> {
    const command = new GetObjectCommand(this.at(key));
    return this.call(async (abortSignal) => {
      const found = await ifThere(this.s3.send(command, { abortSignal }));
      return found && readBounded(found.Body as Readable, maxBytes);
    }, TRANSFER_TIMEOUT_FACTOR);
  }

  override async head(key: string): Promise<StoredFile | null> {
    const command = new HeadObjectCommand(this.at(key));
    const found = await this.call((abortSignal) => ifThere(this.s3.send(command, { abortSignal })));
    return (
      found && { key, sizeBytes: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) }
    );
  }

  /** One by one: deleting many at once wants a checksum that not every store knows, and folders are small. */
  override async delete(keyOrFolder: string): Promise<void> {
    if (!keyOrFolder.endsWith('/')) {
      const command = new DeleteObjectCommand(this.at(keyOrFolder));
      await this.call((abortSignal) => ifThere(this.s3.send(command, { abortSignal })));
      return;
    }
    for await (const { key } of this.list(keyOrFolder)) await this.delete(key);
  }

  override async *list(folder: string): AsyncIterable<StoredFile> {
    checkedKey(folder);
    let after: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: folder,
        ContinuationToken: after,
      });
      const page = await this.call((abortSignal) => this.s3.send(command, { abortSignal }));
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key) yield { key: Key, sizeBytes: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
      }
      after = page.NextContinuationToken;
    } while (after);
  }

  /** Type and size are part of what is signed: the client can send nothing else. */
  override async directUpload(
    key: string,
    mediaType: string,
    sizeBytes: number,
    expiresInS: number,
  ): Promise<DirectUpload> {
    const command = new PutObjectCommand({
      ...this.at(key),
      ContentType: mediaType,
      ContentLength: sizeBytes,
    });
    const url = await getSignedUrl(this.s3, command, {
      expiresIn: expiresInS,
      signableHeaders: new Set(['content-type', 'content-length', 'host']),
    });
    return { url, headers: { 'content-type': mediaType, 'content-length': String(sizeBytes) } };
  }

  override directDownload(key: string, expiresInS: number): Promise<string> {
    const command = new GetObjectCommand({
      ...this.at(key),
      ResponseCacheControl: `private, max-age=${CACHED_S}`,
    });
    return getSignedUrl(this.s3, command, { expiresIn: expiresInS });
  }

  private at(key: string) {
    return { Bucket: this.bucket, Key: checkedKey(key) };
  }

  private call<T>(work: (signal: AbortSignal) => Promise<T>, timeoutFactor = 1): Promise<T> {
    return this.http.call(PROVIDER, (signal) => asOutbound(work(signal)), {
      timeoutMs: this.timeoutMs * timeoutFactor,
      retry: true,
    });
  }
}

/** The status is what is stable in the SDK's errors: to HEAD there is no body that could name one. */
const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

async function ifThere<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

async function asOutbound<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const status = statusOf(error);
    throw status === undefined ? error : new OutboundError(PROVIDER, 'status', status);
  }
}

/** @returns null when there is more: as if it were not there */
async function readBounded(body: Readable, maxBytes: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > maxBytes) return null; // leaving the loop closes the connection
    parts.push(part);
  }
  return Buffer.concat(parts);
}
