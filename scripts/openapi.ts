/** `npm run openapi`: writes openapi.json and the types of the client that the API tests use. `--check` only compares. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import openapiTS, { astToString } from 'openapi-typescript';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import {
  eventsToClient,
  joinMessage,
  leaveMessage,
  positionMessage,
} from '../src/modules/together/together.schemas.js';
import { jsonSchemaOf } from '../src/platform/http/json-schema.js';
import { openApiDocument } from '../src/platform/http/openapi.js';

const dataDir = await mkdtemp(join(tmpdir(), 'withbowwow-openapi-'));
const app = await createApp(loadConfig({ LOG_LEVEL: 'silent', ROLE: 'web', DATA_DIR: dataDir }));
const document = openApiDocument(app);
await app.close();
await rm(dataDir, { recursive: true, force: true });

const files = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'test/client/api.d.ts': astToString(await openapiTS(JSON.stringify(forTypes(document)))),
  'test/client/extras.d.ts': await extrasOf(document),
};
/** Every problem has one shape, which `4XX` and `5XX` say: a type needs no list of codes for each operation. */
function forTypes({ components, paths, ...document }: OpenAPIObject) {
  const { examples: _, ...others } = components ?? {};
  const text = JSON.stringify(paths, (key, value: unknown) => (/^[45]\d\d$/.test(key) ? undefined : value));
  return { ...document, components: others, paths: JSON.parse(text) as unknown };
}

/** What the client knows beside the operations: the codes of problems, and the messages of the socket. */
async function extrasOf({ components }: OpenAPIObject): Promise<string> {
  const codes = Object.keys(components?.examples ?? {}).map((code) => `\n  | '${code}'`);
  const messages = {
    ...{ join: joinMessage, position: positionMessage, leave: leaveMessage },
    ...Object.fromEntries(Object.entries(eventsToClient).map(([name, event]) => [`on.${name}`, event])),
  };
  const schemas = Object.fromEntries(
    Object.entries(messages).map(([name, schema]) => [
      name,
      jsonSchemaOf(schema, name.startsWith('on.') ? 'output' : 'input'),
    ]),
  );
  const info = { title: 'socket', version: '1' };
  const socket = await openapiTS(
    JSON.stringify({ openapi: '3.1.0', info, paths: {}, components: { schemas } }),
  );
  return `${astToString(socket)}\nexport type ProblemCode =${codes.join('')};\n`;
}

const stale: string[] = [];
for (const [path, text] of Object.entries(files)) {
  if (!process.argv.includes('--check')) await writeFile(path, text);
  else if ((await readFile(path, 'utf8').catch(() => '')) !== text) stale.push(path);
}
if (stale.length > 0) {
  process.stderr.write(`Not what the code says: ${stale.join(', ')}. Run: npm run openapi\n`);
  process.exitCode = 1;
}
