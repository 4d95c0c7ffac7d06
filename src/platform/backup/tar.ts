import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

const BLOCK = 512;

/** Names in a tar.gz, without the leading folder's slash; the whole of it is unpacked on the way. @throws Error when it is broken */
export async function listArchive(gzipped: AsyncIterable<Uint8Array>): Promise<Set<string>> {
  const names = new Set<string>();
  let rest: Buffer = Buffer.alloc(0);
  let toSkip = 0;
  await pipeline(Readable.from(gzipped), createGunzip(), async (parts: AsyncIterable<Buffer>) => {
    for await (const part of parts) {
      rest = rest.length > 0 ? Buffer.concat([rest, part]) : part;
      for (;;) {
        const skipped = Math.min(toSkip, rest.length);
        toSkip -= skipped;
        rest = rest.subarray(skipped);
        if (toSkip > 0 || rest.length < BLOCK) break;
        const header = rest.subarray(0, BLOCK);
        rest = rest.subarray(BLOCK);
        if (header[0] === 0) continue; // the end is blocks of zeros
        names.add(textOf(header, 0, 100).replace(/^\.?\//, ''));
        toSkip = Math.ceil(parseInt(textOf(header, 124, 12), 8) / BLOCK) * BLOCK;
        if (Number.isNaN(toSkip)) throw new Error('Not a tar archive');
      }
    }
  });
  if (toSkip > 0 || rest.length > 0) throw new Error('The tar archive is cut off');
  return names;
}

const textOf = (header: Buffer, from: number, length: number): string =>
  header.toString('latin1', from, from + length).split('\0')[0]!;
