import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import sharp from 'sharp';
import { v7 as uuidv7, version as uuidVersion } from 'uuid';
import { Images } from '../../src/modules/photos/images.js';
import { deleteOrphanFiles, forgetUploads } from '../../src/modules/photos/index.js';
import { deleteFiles, FileDeletions } from '../../src/platform/storage/file-deletions.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { form, heic, phonePhoto, picture, png, TRACES } from '../builders/pictures.js';
import { startS3, type S3Simulator } from '../simulators/s3.js';
import { type Answer, expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { secret } from '../support/leaks.js';
import { get, post, remove } from '../support/rest.js';
import { TestClock } from '../support/test-clock.js';

const MB = 1024 * 1024;
const MISSING = '0193a1b2-0000-7000-8000-000000000000';

describe.each(['disk', 's3'] as const)('photos kept by %s', (kind) => {
  let s3: S3Simulator | undefined;
  let test: TestApp;
  let storage: Storage;
  let bori: Person;
  let kong: Person;
  let walk: { id: string };
  beforeAll(async () => {
    s3 = kind === 's3' ? await startS3() : undefined;
    const env: Record<string, string> = { ...s3?.env, OUTBOUND_TIMEOUT_SECONDS: '1' };
    // The storage signs by the clock of the machine.
    test = await startTestApp({ env, clock: new TestClock(Date.now()) });
    storage = test.app.get(Storage);
  });
  afterAll(async () => {
    await test.close();
    await s3?.close();
  });
  beforeEach(async () => {
    test.clock.set(Date.now());
    [bori, kong] = [await signIn(test), await signIn(test)];
    walk = await given.walk(bori, { visibility: 'public' });
  });

  const files = async (): Promise<string[]> => {
    const keys: string[] = [];
    for (const place of ['photos/', 'uploads/', 'cards/'])
      for await (const { key } of storage.list(place)) keys.push(key);
    return keys;
  };
  const rows = () => test.db.prisma.photo.count();
  const upload = async (as: Person, file: Uint8Array | null, walkId = walk.id, headers = {}) => {
    const answer = await as.send('POST', `/walks/${walkId}/photos`, form(file), headers);
    if (answer.status === 201) secret(answer.body.url320 as string);
    return answer;
  };
  /** Follows the link as a phone does, without a token. */
  const download = async (url: string) => {
    const answer = await fetch(test.url + url);
    return {
      status: answer.status,
      headers: answer.headers,
      bytes: Buffer.from(await answer.arrayBuffer()),
    };
  };
  /** Everything as it was: no row, no file. */
  const expectNothingStored = async (work: () => Promise<void>) => {
    const before = [await rows(), await files()];
    await work();
    expect([await rows(), await files()]).toEqual(before);
  };

  describe('through the app', () => {
    it('P05 a photo with EXIF, thumbnail and XMP is uploaded and shown clean in both sizes', async () => {
      const file = await phonePhoto(
        { lat: 37.5, lng: 127, orientation: 6 },
        { widthPx: 1600, heightPx: 1200 },
      );
      const answer = await upload(bori, file);
      expect([answer.status, answer.body]).toMatchObject([
        201,
        { kind: 'walk_photo', walkId: walk.id, petId: null, mine: true, widthPx: 810, heightPx: 1080 },
      ]);
      for (const [url, height] of [
        [answer.body.url320, 320],
        [answer.body.url1080, 1080],
      ] as const) {
        const { status, headers, bytes } = await download(url);
        expect([status, headers.get('content-type')]).toEqual([200, 'image/webp']);
        const metadata = await sharp(bytes).metadata();
        expect([metadata.format, metadata.height, metadata.exif, metadata.xmp, metadata.icc]).toEqual([
          'webp',
          height,
          undefined,
          undefined,
          undefined,
        ]);
        for (const trace of TRACES) expect([trace, bytes.includes(trace)]).toEqual([trace, false]);
      }
      expect((await files()).some((key) => key.includes('original'))).toBe(false);
    });

    it('takes a pet’s portrait, shown in lists, and keeps one', async () => {
      const pet = await given.pet(bori);
      const listed = async () =>
        (await get('/pets', bori)).body.items.find(({ id }: { id: string }) => id === pet.id).photo;
      expect(await listed()).toBeNull();
      const first = await bori.send(
        'POST',
        '/upload/pet-profile',
        form(await picture('png'), { petId: pet.id }, { name: '../../보리.png', type: 'text/html' }),
      );
      expect([first.status, first.body.kind, first.body.petId]).toEqual([201, 'pet_profile', pet.id]);
      test.clock.advance({ seconds: 1 });
      const second = await bori.send(
        'POST',
        '/upload/pet-profile',
        form(await picture('webp'), { petId: pet.id }),
      );
      const { url320, url1080 } = second.body;
      expect(await listed()).toEqual({ url320, url1080 });
      expect((await get(`/pets/${pet.id}`, bori)).body.photo).toEqual({ url320, url1080 });
      expect((await download(url320)).status).toBe(200);
      expect((await download(first.body.url320)).status).toBe(404);
      await test.queue.drain();
      expect(await test.db.prisma.fileDeletion.count()).toBe(0);
      expect((await remove(`/pets/${pet.id}/photo`, bori)).status).toBe(204);
      expect((await get(`/pets/${pet.id}`, bori)).body.photo).toBeNull();
      expect((await download(url320)).status).toBe(404);
      expectProblem(await remove(`/pets/${pet.id}/photo`, kong), 404, 'pet-not-found');
    });

    it('names of files do not matter, whatever they say', async () => {
      const before = new Set(await files());
      for (const name of ['../../x.png', '..\\x', '/etc/passwd', 'a\u0000.jpg', 'x'.repeat(5_000)]) {
        const body = form(await picture(), { walkId: walk.id }, { name });
        expect((await bori.send('POST', '/upload/walk-photo', body)).status).toBe(201);
      }
      const added = (await files()).filter((key) => !before.has(key));
      expect(added).toHaveLength(10);
      for (const key of added) expect(key).toMatch(/^photos\/[\w-]{43}\/(320|1080)\.webp$/);
    });

    it.each<[string, () => Buffer | Promise<Buffer>, number, string]>([
      ['HEIC', () => heic(), 415, 'heic-not-supported'],
      ['SVG', () => Buffer.from('<svg/>'), 415, 'image-type-not-supported'],
      ['a zip', () => Buffer.from('PK\x03\x04aaaa'), 415, 'image-type-not-supported'],
      ['half a picture', async () => (await phonePhoto()).subarray(0, 1_200), 422, 'image-broken'],
      ['200 megapixels', () => png({ widthPx: 20_000, heightPx: 10_000 }), 422, 'image-too-large'],
      ['10 MB and a byte', () => Buffer.alloc(10 * MB + 1, 255), 413, 'payload-too-large'],
      ['20 MB', () => Buffer.alloc(20 * MB, 255), 413, 'payload-too-large'],
    ])('P06 refuses %s, and stores nothing', async (_, make, status, code) => {
      const file = await make();
      await expectNothingStored(async () => expectProblem(await upload(bori, file), status, code));
    });

    it('P06 wants one file and nothing else, and says what is wrong', async () => {
      const file = await picture();
      await expectNothingStored(async () => {
        expectFieldFault(await upload(bori, null), 'file');
        expectFieldFault(await upload(bori, Buffer.alloc(0)), 'file');
        const send = (body: FormData) => bori.send('POST', '/upload/walk-photo', body);
        const two = form(file, { walkId: walk.id });
        two.append('file', new Blob([new Uint8Array(file)]), 'b.jpg');
        expectFieldFault(await send(two), 'file');
        const another = form(file, { walkId: walk.id });
        another.append('other', new Blob([new Uint8Array(file)]), 'b.jpg');
        expectFieldFault(await send(another), 'other');
        expectFieldFault(await send(form(file)), 'walkId');
        expectFieldFault(await send(form(file, { walkId: 'x' })), 'walkId');
        expectFieldFault(await send(form(file, { walkId: walk.id, userId: kong.id })), 'userId');
        const asText = form(null, { walkId: walk.id, file: 'x' });
        expectFieldFault(await send(asText), 'file');
        for (const broken of ['', '--x', '--x\r\nnonsense', '--x\r\ncontent-disposition: form-data\r\n\r\n'])
          expect(
            (
              await bori.send('POST', '/upload/walk-photo', broken, {
                'content-type': 'multipart/form-data; boundary=x',
              })
            ).status,
          ).toBeGreaterThanOrEqual(400);
        expectProblem(
          await bori.send('POST', '/upload/walk-photo', 'x', { 'content-type': 'multipart/form-data' }),
          400,
          'bad-request',
        );
      });
    });

    it('D5 holds ten files of one user at once, and lets go of those that do not come', async () => {
      const [pet, file] = [await given.pet(bori), await picture()];
      const authorization = `Bearer ${test.app.get(AccessTokens).issue(bori.id, bori.sessionId).token}`;
      const headers = { authorization, 'content-type': 'multipart/form-data; boundary=x' };
      const hanging = Array.from({ length: 11 }, () => {
        const sent = request(`${test.url}/upload/pet-profile`, { method: 'POST', headers });
        sent.on('error', () => {}); // it is cut off below
        sent.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n');
        return sent;
      });
      const send = () => bori.send('POST', '/upload/pet-profile', form(file, { petId: pet.id }));
      // One of the eleven is refused; the others are being waited for.
      const [refused] = await Promise.race(
        hanging.map((one) => once(one, 'response') as Promise<[IncomingMessage]>),
      );
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '2']);
      expectProblem(await send(), 503, 'service-unavailable');
      expect((await upload(kong, file)).status).toBe(404); // others have room
      for (const one of hanging) one.destroy();
      let answer = await send();
      for (let i = 0; i < 200 && answer.status === 503; i++) answer = await send(); // until they are noticed to be gone
      expect([answer.status, answer.body.petId]).toEqual([201, pet.id]);
    });

    it('D5 no other route takes forms or pictures', async () => {
      const file = await picture();
      for (const path of ['/pets', '/walks', '/comments']) {
        expectProblem(await bori.send('POST', path, form(file)), 415, 'unsupported-media-type');
        const asPicture = await bori.send('POST', path, new Uint8Array(file), {
          'content-type': 'image/jpeg',
        });
        expectProblem(asPicture, 415, 'unsupported-media-type');
      }
      expectProblem(
        await post('/upload/walk-photo', bori, { walkId: walk.id }),
        415,
        'unsupported-media-type',
      );
      expect((await bori.send('POST', '/nowhere', form(file))).status).toBe(404);
    });

    it('O03 another’s walk or pet, or none, is 404, and stores nothing', async () => {
      const file = await picture();
      const pet = await given.pet(bori);
      await expectNothingStored(async () => {
        for (const walkId of [walk.id, MISSING]) {
          expectProblem(await upload(kong, file, walkId), 404, 'walk-not-found');
          const announced = { kind: 'walk_photo', walkId, mediaType: 'image/jpeg', sizeBytes: 10 };
          expectProblem(await post('/upload/presign', kong, announced), 404, 'walk-not-found');
        }
        const portrait = await kong.send('POST', '/upload/pet-profile', form(file, { petId: pet.id }));
        expectProblem(portrait, 404, 'pet-not-found');
        await remove(`/walks/${walk.id}`, bori);
        expectProblem(await upload(bori, file), 404, 'walk-not-found');
      });
    });

    it('a walk takes ten, also of twelve at once', async () => {
      const file = await picture();
      const early = await Promise.all(Array.from({ length: 6 }, () => upload(bori, file)));
      expect(early.map(({ status }) => status)).toEqual(Array(6).fill(201));
      const late = await Promise.all(Array.from({ length: 6 }, () => upload(bori, file)));
      expect(late.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 409, 409]);
      expectProblem(await upload(bori, file), 409, 'too-many-photos');
      expect(await test.db.prisma.photo.count({ where: { walkId: walk.id } })).toBe(10);
    });

    it('happens once under one Idempotency-Key, and leaves no second file', async () => {
      const [file, other] = [await picture(), await picture('png')];
      const key = { 'idempotency-key': uuidv7() };
      const first = await upload(bori, file, walk.id, key);
      const stored = await files();
      const second = await upload(bori, file, walk.id, key);
      expect(second.body).toEqual(first.body);
      expectProblem(await upload(bori, other, walk.id, key), 422, 'idempotency-key-reused');
      expect(await files()).toEqual(stored);
      expect(await test.db.prisma.photo.count({ where: { walkId: walk.id } })).toBe(1);
    });
  });

  describe('straight to the storage', () => {
    const announce = async (as: Person, file: Buffer, mediaType = 'image/jpeg') => {
      const body = { kind: 'walk_photo', walkId: walk.id, mediaType, sizeBytes: file.length };
      const answer = await post('/upload/presign', as, body);
      expect(answer.status).toBe(201);
      secret(answer.body.url as string);
      return answer.body as {
        uploadId: string;
        method: string;
        url: string;
        headers: Record<string, string>;
        expiresAt: string;
      };
    };
    const put = async ({ url, headers }: { url: string; headers: Record<string, string> }, file: Buffer) => {
      const { 'content-length': _, ...sent } = headers;
      const answer = await fetch(new URL(url, test.url), {
        method: 'PUT',
        headers: sent,
        body: new Uint8Array(file),
      });
      await answer.arrayBuffer();
      return answer.status;
    };
    const complete = (as: Person, uploadId: string): Promise<Answer> =>
      post('/upload/complete', as, { uploadId });

    it('P05 announced, put and completed: the photo is clean, the original is gone', async () => {
      const file = await phonePhoto();
      const upload = await announce(bori, file);
      expect(upload).toMatchObject({ method: 'PUT' });
      expect(Date.parse(upload.expiresAt) - test.clock.nowMs()).toBe(600_000);
      expectProblem(await complete(bori, upload.uploadId), 409, 'upload-not-received');
      expect([200, 204]).toContain(await put(upload, file));
      expectProblem(await complete(kong, upload.uploadId), 404, 'upload-not-found');
      const photo = await complete(bori, upload.uploadId);
      expect([photo.status, photo.body]).toMatchObject([200, { id: upload.uploadId, walkId: walk.id }]);
      expect(uuidVersion(upload.uploadId)).toBe(4);
      const { bytes } = await download(photo.body.url1080);
      for (const trace of TRACES) expect([trace, bytes.includes(trace)]).toEqual([trace, false]);
      await test.queue.drain();
      expect((await files()).filter((key) => key.startsWith('uploads/'))).toEqual([]);
      expect((await complete(bori, upload.uploadId)).body).toEqual(photo.body);
    });

    it('completed by five at once it is one photo', async () => {
      const file = await picture();
      const upload = await announce(bori, file);
      await put(upload, file);
      const before = (await files()).length;
      const answers = await Promise.all(Array.from({ length: 5 }, () => complete(bori, upload.uploadId)));
      expect(answers.map(({ status, text }) => `${status} ${text}`)).toEqual(
        Array(5).fill(`200 ${answers[0]!.text}`),
      );
      await test.queue.drain();
      expect(await test.db.prisma.photo.count({ where: { walkId: walk.id } })).toBe(1);
      expect((await files()).length).toBe(before + 1); // two versions for one original
    });

    it('P06 takes no other type, size or address than announced', async () => {
      const file = await picture();
      const upload = await announce(bori, file);
      expect(await put({ ...upload, headers: { 'content-type': 'image/png' } }, file)).toBeGreaterThan(400);
      expect(await put(upload, Buffer.concat([file, Buffer.from('x')]))).toBeGreaterThan(400);
      expect(await put(upload, file.subarray(1))).toBeGreaterThan(400);
      expect(await put({ ...upload, url: upload.url.replace(/.{3}$/, 'abc') }, file)).toBeGreaterThan(400);
      expect((await files()).filter((key) => key.startsWith('uploads/'))).toEqual([]);
      for (const sizeBytes of [0, 10 * MB + 1, 1.5])
        expectFieldFault(
          await post('/upload/presign', bori, {
            kind: 'walk_photo',
            walkId: walk.id,
            mediaType: 'image/jpeg',
            sizeBytes,
          }),
          'sizeBytes',
        );
    });

    if (kind === 'disk')
      it('D5 without a token only what was announced is read, once at a time, and not for ever', async () => {
        const file = await picture();
        const upload = await announce(bori, file);
        const begin = (headers: OutgoingHttpHeaders) => {
          const sent = request(new URL(upload.url, test.url), {
            method: 'PUT',
            headers: { 'content-type': 'image/jpeg', ...headers },
          });
          sent.on('error', () => {}); // it is cut off
          return sent;
        };
        const statusOf = async (sent: ClientRequest) => {
          const [answer] = (await once(sent, 'response')) as [IncomingMessage];
          answer.resume();
          return answer.statusCode;
        };
        // Refused before anything of it has come.
        for (const headers of [{ 'content-length': file.length + 1 }, { 'transfer-encoding': 'chunked' }]) {
          const wrong = begin(headers);
          wrong.flushHeaders();
          expect(await statusOf(wrong)).toBe(422);
          wrong.destroy();
        }
        const silent = begin({ 'content-length': file.length });
        silent.write(file.subarray(0, 10));
        const cut = statusOf(silent);
        const silentForm = request(`${test.url}/upload/pet-profile`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${test.app.get(AccessTokens).issue(bori.id, bori.sessionId).token}`,
            'content-type': 'multipart/form-data; boundary=x',
          },
        });
        silentForm.write('--x\r\n');
        const formCut = statusOf(silentForm);
        let second = await put(upload, file.subarray(1)); // of another length: refused once the first is being read
        for (let i = 0; i < 200 && second === 422; i++) second = await put(upload, file.subarray(1));
        expect(second).toBe(503);
        expect(await put(upload, file)).toBe(503);
        expect([await cut, await formCut]).toEqual([408, 408]); // ten to twenty seconds later
        expect(await put(upload, file)).toBe(204);
        expect((await complete(bori, upload.uploadId)).status).toBe(200);
        await test.queue.drain();
      });

    if (kind === 'disk')
      it('what comes when the upload is over is not kept', async () => {
        const file = await picture();
        const upload = await announce(bori, file);
        const putFile = storage.put.bind(storage);
        storage.put = async (...given) => {
          await test.db.prisma.uploadIntent.deleteMany({ where: { id: upload.uploadId } });
          await putFile(...given);
        };
        try {
          expect(await put(upload, file)).toBe(404);
        } finally {
          storage.put = putFile;
        }
        expect((await files()).filter((key) => key.startsWith('uploads/'))).toEqual([]);
      });

    it('D5 asked for by a hundred at once it is decoded once, and of a full walk not at all', async () => {
      const file = await picture();
      const [first, late] = [await announce(bori, file), await announce(bori, file)];
      await put(first, file);
      await put(late, file);
      const images = test.app.get(Images);
      const [decode, seen] = [images.prepare.bind(images), [] as Buffer[]];
      images.prepare = (bytes) => {
        seen.push(bytes);
        return decode(bytes);
      };
      try {
        const all = await Promise.all(Array.from({ length: 100 }, () => complete(bori, first.uploadId)));
        expect(new Set(all.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
        expect([all[0]!.status, seen.length]).toEqual([200, 1]);
        const key = { 'idempotency-key': uuidv7() };
        for (let i = 0; i < 9; i++)
          expect((await upload(bori, file, walk.id, i === 0 ? key : {})).status).toBe(201);
        expect(seen).toHaveLength(10);
        expectProblem(await complete(bori, late.uploadId), 409, 'too-many-photos');
        expectProblem(await upload(bori, file), 409, 'too-many-photos');
        expect((await upload(bori, file, walk.id, key)).status).toBe(201); // again what was answered before
        expect(seen).toHaveLength(10);
      } finally {
        images.prepare = decode;
      }
      await test.db.transaction(async (tx) => {
        await tx.prisma.uploadIntent.deleteMany({ where: { id: late.uploadId } });
        await test.app.get(FileDeletions).soon(tx);
      });
      await test.queue.drain();
    });

    it('P06 what is no picture is refused and taken away', async () => {
      const file = Buffer.from('<script>alert(1)</script>');
      const upload = await announce(bori, file);
      await put(upload, file);
      expectProblem(await complete(bori, upload.uploadId), 415, 'image-type-not-supported');
      await test.queue.drain();
      expect((await files()).filter((key) => key.startsWith('uploads/'))).toEqual([]);
      expectProblem(await complete(bori, upload.uploadId), 404, 'upload-not-found');
    });

    it('is not accepted of a walk deleted in between', async () => {
      const file = await picture();
      const upload = await announce(bori, file);
      await put(upload, file);
      await remove(`/walks/${walk.id}`, bori);
      expectProblem(await complete(bori, upload.uploadId), 404, 'walk-not-found');
    });

    it('twenty may be open; an hour after they ended they are gone with their files', async () => {
      const file = await picture();
      const uploads = [];
      for (let i = 0; i < 20; i++) uploads.push(await announce(bori, file));
      await put(uploads[0]!, file);
      const body = { kind: 'walk_photo', walkId: walk.id, mediaType: 'image/jpeg', sizeBytes: 9 };
      expectProblem(await post('/upload/presign', bori, body), 429, 'too-many-uploads');
      test.clock.advance({ minutes: 11 });
      if (kind === 'disk') expect(await put(uploads[1]!, file)).toBe(404);
      // What was put of them is there until they are forgotten.
      expectProblem(await post('/upload/presign', bori, body), 429, 'too-many-uploads');
      expect((await complete(bori, uploads[0]!.uploadId)).status).toBe(200); // a little late
      test.clock.advance({ minutes: 60 });
      await test.db.transaction((tx) => test.queue.enqueue(tx, forgetUploads, { slotAt: '' }));
      await test.queue.drain();
      expect((await post('/upload/presign', bori, body)).status).toBe(201);
      expectProblem(await complete(bori, uploads[2]!.uploadId), 404, 'upload-not-found');
      expect((await files()).filter((key) => key.startsWith('uploads/'))).toEqual([]);
    });
  });

  describe('files go with what they belong to', () => {
    const filesOf = async (photoId: string): Promise<number> => {
      const { storageKey } = await test.db.prisma.photo.findUniqueOrThrow({ where: { id: photoId } });
      return (await files()).filter((key) => key.startsWith(`${storageKey}/`)).length;
    };
    const leftAfter = async (work: () => Promise<unknown>): Promise<number> => {
      const { body } = await upload(bori, await picture());
      expect(await filesOf(body.id)).toBe(2);
      const { storageKey } = await test.db.prisma.photo.findUniqueOrThrow({ where: { id: body.id } });
      expect(storageKey).not.toContain(body.id);
      await work();
      await test.queue.drain();
      expectProblem(
        await bori.send('GET', body.url320.replace(/^.*\/files/, '/files')),
        404,
        'file-not-found',
      );
      return (await files()).filter((key) => key.startsWith(`${storageKey}/`)).length;
    };

    it('with the photo', async () => {
      const left = await leftAfter(async () => {
        const { items } = (await get(`/walks/${walk.id}/photos`, bori)).body;
        const path = `/walks/${walk.id}/photos/${items[0].id}`;
        expectProblem(await remove(path, kong), 404, 'photo-not-found');
        expectProblem(await remove(`/walks/${MISSING}/photos/${items[0].id}`, bori), 404, 'photo-not-found');
        expect((await remove(path, bori)).status).toBe(204);
        expectProblem(await remove(path, bori), 404, 'photo-not-found');
      });
      expect(left).toBe(0);
    });

    it('with the pet, at once', async () => {
      const pet = await given.pet(bori);
      const { body } = await bori.send(
        'POST',
        '/upload/pet-profile',
        form(await picture(), { petId: pet.id }),
      );
      const before = (await files()).length;
      expect((await download(body.url320)).status).toBe(200);
      expect((await remove(`/pets/${pet.id}`, bori)).status).toBe(204);
      expect((await download(body.url320)).status).toBe(404);
      await test.queue.drain();
      expect((await files()).length).toBe(before - 2);
      expect(await test.db.prisma.photo.count({ where: { petId: pet.id } })).toBe(0);
    });

    it('with the walk', async () => {
      expect(await leftAfter(() => remove(`/walks/${walk.id}`, bori))).toBe(0);
      expect(await test.db.prisma.photo.count({ where: { walkId: walk.id } })).toBe(0);
    });

    it('L5 with the account, and a card’s folder as well', async () => {
      await storage.put(`cards/${walk.id}/hash.png`, Buffer.from('card'), 'image/png');
      const left = await leftAfter(async () => {
        await test.db.prisma.user.delete({ where: { id: bori.id } });
        await test.db.transaction((tx) => test.queue.enqueue(tx, deleteFiles, { slotAt: '' }));
        await test.queue.drain();
        bori = await signIn(test);
      });
      expect(left).toBe(0);
      expect((await files()).filter((key) => key.includes(walk.id))).toEqual([]);
    });

    it('orphans go after a day, what a row names stays', async () => {
      const { body } = await upload(bori, await picture());
      for (let i = 0; i < 5; i++)
        await storage.put(`photos/orphan-${i}/320.webp`, Buffer.from('x'), 'image/webp');
      await storage.put('uploads/orphan/original', Buffer.from('x'), 'image/webp');
      const petId = (await given.pet(bori)).id;
      const [gone, kept] = [await given.walk(bori, { petId }), await given.walk(bori, { petId })];
      for (const { id } of [gone, kept])
        await storage.put(`cards/${id}/orphan.png`, Buffer.from('x'), 'image/png');
      await storage.put(`cards/${MISSING}/orphan.png`, Buffer.from('x'), 'image/png');
      await storage.put('cards/no-walk/orphan.png', Buffer.from('x'), 'image/png');
      await test.db.prisma.walk.update({ where: { id: gone.id }, data: { state: 'deleted' } });
      const { storageKey } = await test.db.prisma.photo.findUniqueOrThrow({ where: { id: body.id } });
      await storage.put(`${storageKey}/orphan.webp.part`, Buffer.from('x'), 'image/webp');
      const sweep = async () => {
        await test.db.transaction((tx) => test.queue.enqueue(tx, deleteOrphanFiles, { slotAt: '' }));
        await test.queue.drain();
        return (await files()).filter((key) => key.includes('orphan')).length;
      };
      expect(await sweep()).toBe(11);
      test.clock.advance({ hours: 3 }); // no upload lasts so long
      expect(await sweep()).toBe(10);
      test.clock.advance({ hours: 20 });
      expect(await sweep()).toBe(10);
      test.clock.advance({ hours: 2 });
      expect(await sweep()).toBe(1);
      expect(await files()).toContain(`cards/${kept.id}/orphan.png`);
      expect(await filesOf(body.id)).toBe(2);
    });
  });

  if (kind === 's3')
    describe('storage down', () => {
      afterEach(() => s3!.clearFaults());

      it('P05 is a 503 in bounded time, with no row, and heals', async () => {
        const file = await picture();
        s3!.fault({ path: '/', method: 'PUT' }, { status: 503 });
        const before = await rows();
        expectProblem(await upload(bori, file), 503, 'storage-unavailable');
        expectProblem(await upload(bori, file), 503, 'storage-unavailable');
        const startedMs = performance.now();
        expectProblem(await upload(bori, file), 503, 'storage-unavailable');
        expect(performance.now() - startedMs).toBeLessThan(1_000); // the breaker is open
        expect(await rows()).toBe(before);
        s3!.clearFaults();
      });
    });
});

it('while the second size cannot be stored nothing is kept, and deletion waits for the storage', async () => {
  const s3 = await startS3();
  const test = await startTestApp({ env: { ...s3.env, OUTBOUND_TIMEOUT_SECONDS: '1' } });
  const bori = await signIn(test);
  const walk = await given.walk(bori);
  const send = async () => bori.send('POST', `/walks/${walk.id}/photos`, form(await picture()));
  const file = await picture();
  const announced = { kind: 'walk_photo', walkId: walk.id, mediaType: 'image/jpeg', sizeBytes: file.length };
  const { body: direct } = await post('/upload/presign', bori, announced);
  await fetch(direct.url as string, {
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body: new Uint8Array(file),
  });
  const complete = () => post('/upload/complete', bori, { uploadId: direct.uploadId as string });
  for (const method of ['HEAD', 'GET', 'PUT']) {
    s3.fault({ path: '/', method, times: 3 }, { status: 503 });
    expectProblem(await complete(), 503, 'storage-unavailable');
    s3.clearFaults();
    await test.app.get(Storage).head('photos/none'); // the breaker counts from here
  }
  expect((await complete()).status).toBe(200);
  await test.queue.drain();
  expect(s3.objects.size).toBe(2);
  await remove(`/walks/${walk.id}/photos/${direct.uploadId}`, bori);
  await test.queue.drain();

  s3.fault({ path: '/', method: 'PUT', times: 1, afterWork: true }, { status: 200 });
  s3.fault({ path: '/', method: 'PUT', times: 3 }, { status: 500 });
  expectProblem(await send(), 503, 'storage-unavailable');
  expect([await test.db.prisma.photo.count(), s3.objects.size]).toEqual([0, 0]);
  s3.clearFaults();

  const { body, status } = await send();
  expect([status, s3.objects.size]).toEqual([201, 2]);
  const slowDown = {
    status: 503,
    contentType: 'application/xml',
    body: '<Error><Code>SlowDown</Code></Error>',
  };
  s3.fault({ path: '/', method: 'GET', times: 3 }, slowDown);
  expect((await remove(`/walks/${walk.id}/photos/${body.id}`, bori)).status).toBe(204);
  await expect(test.queue.drain()).rejects.toThrow('storage: status 503');
  expect([await test.db.prisma.fileDeletion.count(), s3.objects.size]).toEqual([1, 2]);
  s3.clearFaults();
  // One that is refused does not keep the others.
  await test.app.get(Storage).put('cards/zz/a.png', Buffer.from('x'), 'image/png');
  await test.db.transaction((tx) => test.app.get(FileDeletions).soon(tx, ['cards/zz']));
  s3.fault({ path: '/', method: 'GET', times: 3 }, slowDown);
  await expect(test.queue.drain()).rejects.toThrow('storage: status 503');
  expect([await test.db.prisma.fileDeletion.count(), s3.objects.size]).toEqual([1, 1]);
  s3.clearFaults();
  await test.db.transaction((tx) => test.queue.enqueue(tx, deleteFiles, { slotAt: '' }));
  await test.queue.drain();
  expect([await test.db.prisma.fileDeletion.count(), s3.objects.size]).toEqual([0, 0]);
  await test.close();
  await s3.close();
});
