import { Zip, ZipDeflate } from 'fflate';

/** A file of the archive, as it becomes known; its parts are pulled one by one. */
export interface ArchiveFile {
  name: string;
  parts: AsyncIterable<string> | Iterable<string>;
}

/** A ZIP that is made as it is pulled: nothing but the part at hand and the list of names is in memory. */
export async function* zipOf(files: AsyncIterable<ArchiveFile>, madeAt: Date): AsyncGenerator<Uint8Array> {
  const made: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    if (chunk.length > 0) made.push(chunk);
  });
  const take = () => made.splice(0);
  const encoder = new TextEncoder();
  for await (const { name, parts } of files) {
    const file = new ZipDeflate(name, { level: 6 });
    file.mtime = madeAt;
    zip.add(file);
    for await (const part of parts) {
      file.push(encoder.encode(part));
      yield* take();
    }
    file.push(new Uint8Array(0), true);
    yield* take();
  }
  zip.end();
  yield* take();
}
