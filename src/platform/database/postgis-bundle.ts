import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import type { Extension } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';
import { extract, pack } from 'tar-stream';
import { sha256 } from '../crypto/secrets.js';

/** Raster, topology, and the scripts between old versions are left out. */
const NEEDED = /\/(postgis-3\.so|postgis\.control|postgis--[\d.]+\.sql|proj\.db)$/;

/**
 * PostGIS for the embedded database. All of its archive is 100 MB, unpacked and linked whenever a database is opened; of
 * what is needed here an archive of a third is made once, beside the packages: a start takes half the time.
 */
export const smallPostgis: Extension = {
  name: postgis.name,
  setup: async (lite, options) => {
    const set = await postgis.setup(lite, options);
    return { ...set, bundlePath: await smallerBundle(set.bundlePath).catch(() => set.bundlePath) }; // a read-only folder
  },
};

async function smallerBundle(whole: URL): Promise<URL> {
  const { resolve } = createRequire(import.meta.url);
  const manifest = join(dirname(resolve('@electric-sql/pglite-postgis')), '../package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const folder = join(dirname(manifest), '../../.cache/withbowwow');
  const path = join(
    folder,
    `postgis-${version}-${Buffer.from(sha256(NEEDED.source)).toString('hex', 0, 4)}.tar.gz`,
  );
  if (!existsSync(path)) {
    const making = `${path}.${randomUUID()}`;
    await mkdir(folder, { recursive: true });
    try {
      await repack(fileURLToPath(whole), making);
      await rename(making, path);
    } finally {
      await rm(making, { force: true });
    }
  }
  return pathToFileURL(path);
}

async function repack(from: string, to: string): Promise<void> {
  const files = extract();
  const kept = pack();
  await Promise.all([
    pipeline(createReadStream(from), createGunzip(), files),
    pipeline(kept, createGzip({ level: 1 }), createWriteStream(to, { flush: true })),
    (async () => {
      for await (const file of files) {
        if (NEEDED.test(file.header.name)) await pipeline(file, kept.entry(file.header));
        else file.resume();
      }
      kept.finalize();
    })(),
  ]);
}
