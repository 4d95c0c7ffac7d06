/** `npm run openapi`: writes openapi.json and the types of the client that the API tests use. `--check` only compares. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import { openApiDocument } from '../src/platform/http/openapi.js';

const dataDir = await mkdtemp(join(tmpdir(), 'withbowwow-openapi-'));
const app = await createApp(loadConfig({ LOG_LEVEL: 'silent', ROLE: 'web', DATA_DIR: dataDir }));
const document = openApiDocument(app);
await app.close();
await rm(dataDir, { recursive: true, force: true });

const files = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'test/client/api.d.ts': astToString(await openapiTS(JSON.stringify(document))),
};
const stale: string[] = [];
for (const [path, text] of Object.entries(files)) {
  if (!process.argv.includes('--check')) await writeFile(path, text);
  else if ((await readFile(path, 'utf8').catch(() => '')) !== text) stale.push(path);
}
if (stale.length > 0) {
  process.stderr.write(`Not what the code says: ${stale.join(', ')}. Run: npm run openapi\n`);
  process.exitCode = 1;
}
