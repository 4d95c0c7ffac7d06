import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { startS3, type S3Simulator } from '../../../test/simulators/s3.js';
import { HttpClient, OutboundError } from '../outbound/http-client.js';
import { DiskStorage } from './disk-storage.js';
import { S3Storage } from './s3-storage.js';
import type { Storage } from './storage.js';

let folder: string;
let s3: S3Simulator;
let nowMs: number;
beforeAll(async () => {
  Logger.overrideLogger(false);
  folder = await mkdtemp(join(tmpdir(), 'withbowwow-files-'));
  s3 = await startS3({ now: () => nowMs });
});
afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  nowMs = Date.now();
  s3.clearFaults();
  s3.objects.clear();
});

const s3Storage = (timeoutMs = 2_000) =>
  new S3Storage({ ...s3.credentials, baseUrl: s3.url, timeoutMs }, new HttpClient());
const bytes = (text: string) => Buffer.from(text);
const all = async (storage: Storage, of: string) => {
  const keys: string[] = [];
  for await (const { key } of storage.list(of)) keys.push(key);
  return keys;
};

describe.each([
  ['disk', () => new DiskStorage(folder)],
  ['S3', () => s3Storage()],
])('%s', (_, open) => {
  let storage: Storage;
  beforeEach(async () => {
    storage = open();
    for (const place of ['photos/', 'cards/']) await storage.delete(place);
  });

  it('gives back what was put, and the newest of it', async () => {
    await storage.put('photos/a/320.webp', bytes('old'), 'image/webp');
    await storage.put('photos/a/320.webp', bytes('멍이랑'), 'image/webp');
    expect((await storage.get('photos/a/320.webp'))?.toString()).toBe('멍이랑');
    expect(await storage.head('photos/a/320.webp')).toMatchObject({
      key: 'photos/a/320.webp',
      sizeBytes: 9,
    });
    const { modifiedAt } = (await storage.head('photos/a/320.webp'))!;
    expect(Math.abs(modifiedAt.getTime() - Date.now())).toBeLessThan(10_000);
  });

  it('has null for what is not there, and for what is bigger than asked for', async () => {
    expect(await storage.get('photos/none')).toBeNull();
    expect(await storage.head('photos/none')).toBeNull();
    await storage.put('photos/big', Buffer.alloc(100_000), 'image/png');
    expect(await storage.get('photos/big', 99_999)).toBeNull();
    expect(await storage.get('photos/big', 100_000)).toHaveLength(100_000);
  });

  it('lists a folder in order, all pages of it, and nothing beside it', async () => {
    const keys = [1, 2, 3, 4, 5, 6, 7].map((n) => `photos/f${n}/1080.webp`);
    for (const key of keys.toReversed()) await storage.put(key, bytes('x'), 'image/webp');
    await storage.put('cards/f1/card.png', bytes('x'), 'image/png');
    expect(await all(storage, 'photos/')).toEqual(keys);
    expect(await all(storage, 'photos/f3/')).toEqual(['photos/f3/1080.webp']);
    expect(await all(storage, 'uploads/')).toEqual([]);
  });

  it('deletes a file or a folder, also twice', async () => {
    for (const name of ['a/1', 'a/2', 'a/3', 'a/4', 'ab/1'])
      await storage.put(`photos/${name}`, bytes('x'), 'image/webp');
    for (let i = 0; i < 2; i++) await storage.delete('photos/a/1');
    expect(await all(storage, 'photos/')).toEqual(['photos/a/2', 'photos/a/3', 'photos/a/4', 'photos/ab/1']);
    for (let i = 0; i < 2; i++) await storage.delete('photos/a/');
    expect(await all(storage, 'photos/')).toEqual(['photos/ab/1']);
  });

  it.each(['../x', 'photos/../../x', '/etc/passwd', 'photos//x', '', 'photos/./x', 'a\\b', 'ph%2f', 'x\0'])(
    'D5 refuses the key %j',
    async (key) => {
      await expect((async () => storage.put(key, bytes('x'), 'image/png'))()).rejects.toThrow('storage key');
      await expect((async () => storage.get(key))()).rejects.toThrow('storage key');
      await expect((async () => storage.delete(key))()).rejects.toThrow('storage key');
    },
  );
});

it('leaves no half-written file on the disk', async () => {
  const storage: Storage = new DiskStorage(folder);
  await storage.put('photos/one/320.webp', bytes('x'), 'image/webp');
  expect(await readdir(join(folder, 'photos/one'))).toEqual(['320.webp']);
  expect(await storage.directUpload('photos/one/320.webp', 'image/webp', 1, 60)).toBeNull();
  expect(await storage.directDownload('photos/one/320.webp', 60)).toBeNull();
});

describe('S3', () => {
  const KEY = 'uploads/a/original';
  const body = Buffer.alloc(1_000, 7);
  const presigned = () => s3Storage().directUpload(KEY, 'image/jpeg', body.length, 600);
  const put = (url: string, sent: Buffer, contentType: string) =>
    fetch(url, { method: 'PUT', body: new Uint8Array(sent), headers: { 'content-type': contentType } });

  it('lets a client put exactly what was announced', async () => {
    const { url, headers } = await presigned();
    expect(headers).toEqual({ 'content-type': 'image/jpeg', 'content-length': '1000' });
    expect((await put(url, body, 'image/jpeg')).status).toBe(200);
    expect((await s3Storage().get(KEY))?.equals(body)).toBe(true);
    expect(s3.objects.get(KEY)!.contentType).toBe('image/jpeg');
  });

  it('D5 refuses another type, size, key or method, and a link that is too old', async () => {
    const { url } = await presigned();
    const refused = async (asked: Promise<Response>) => {
      const answer = await asked;
      expect(answer.status).toBe(403);
      return /<Code>(\w+)/.exec(await answer.text())?.[1];
    };
    expect(await refused(put(url, body, 'text/html'))).toBe('SignatureDoesNotMatch');
    expect(await refused(put(url, Buffer.alloc(1_001), 'image/jpeg'))).toBe('SignatureDoesNotMatch');
    expect(await refused(put(url.replace('uploads/a', 'uploads/b'), body, 'image/jpeg'))).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await refused(fetch(url))).toBe('SignatureDoesNotMatch');
    expect(await refused(put(url.replace('Expires=600', 'Expires=6000'), body, 'image/jpeg'))).toBe(
      'SignatureDoesNotMatch',
    );
    nowMs += 601_000;
    expect(await refused(put(url, body, 'image/jpeg'))).toBe('AccessDenied');
    expect(s3.objects.size).toBe(0);
  });

  it('shows a file by a link for a while', async () => {
    await s3Storage().put(KEY, body, 'image/webp');
    const url = await s3Storage().directDownload(KEY, 60);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect(answer.headers.get('cache-control')).toBe('private, max-age=3600');
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    nowMs += 61_000;
    expect((await fetch(url)).status).toBe(403);
  });

  it('is refused with a wrong secret', async () => {
    const thief = new S3Storage(
      { ...s3.credentials, secretAccessKey: 'guessed', baseUrl: s3.url, timeoutMs: 2_000 },
      new HttpClient(),
    );
    await expect(thief.put(KEY, body, 'image/png')).rejects.toEqual(
      new OutboundError('storage', 'status', 403),
    );
    expect(s3.objects.size).toBe(0);
  });

  it('is asked again after a fault, and given up on in the end', async () => {
    const slowDown = {
      status: 503,
      contentType: 'application/xml',
      body: '<Error><Code>SlowDown</Code></Error>',
    };
    s3.fault({ path: '/', times: 1 }, slowDown);
    await s3Storage().put(KEY, body, 'image/png');
    expect(s3.objects.has(KEY)).toBe(true);
    s3.fault({ path: '/' }, slowDown);
    await expect(s3Storage().get(KEY)).rejects.toEqual(new OutboundError('storage', 'status', 503));
    s3.clearFaults();
    for (const fault of ['reset', 'timeout', 'slowDrip'] as const) {
      s3.fault({ path: '/' }, fault);
      await expect(s3Storage(100).get(KEY)).rejects.toBeInstanceOf(OutboundError);
      s3.clearFaults();
    }
    expect(await s3Storage().get(KEY)).toHaveLength(1_000);
  });

  it('rests after too many failures', async () => {
    const storage = s3Storage();
    s3.fault({ path: '/' }, { status: 500 });
    for (let i = 0; i < 2; i++) await expect(storage.head(KEY)).rejects.toBeInstanceOf(OutboundError);
    const asked = s3.requests.length;
    await expect(storage.head(KEY)).rejects.toMatchObject({ reason: 'circuit-open' });
    expect(s3.requests).toHaveLength(asked);
  });

  it('is not followed elsewhere', async () => {
    s3.fault({ path: '/' }, { redirect: `${s3.url}/elsewhere` });
    await expect(s3Storage().get(KEY)).rejects.toBeInstanceOf(OutboundError);
    expect(s3.requests.some(({ path }) => path === '/elsewhere')).toBe(false);
  });
});
