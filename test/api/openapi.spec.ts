import { readFile } from 'node:fs/promises';
import type { OpenAPIObject } from '@nestjs/swagger';
import { contractOf } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { type JsonSchema, type Operation, operationsOf } from '../support/operations.js';

let test: TestApp;
let document: OpenAPIObject;
let operations: Operation[];
beforeAll(async () => {
  test = await startTestApp();
  document = contractOf(test).document;
  operations = operationsOf(document);
});
afterAll(() => test.close());

it('is the snapshot in the repository (else: npm run openapi)', async () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(JSON.parse(await readFile('openapi.json', 'utf8')));
});

it('is served as it is', async () => {
  const response = await fetch(`${test.url}/openapi.json`);
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)));
  expect((await fetch(`${test.url}/docs`)).status).toBe(200);
});

it('refers to nothing that is not there, and keeps nothing that nobody refers to', () => {
  const text = JSON.stringify(document);
  const referred = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!));
  expect([...referred].sort()).toEqual(Object.keys(document.components?.schemas ?? {}).sort());
  expect(text).not.toContain('#/$defs/');
});

it('names every operation once, in Korean, with a tag', () => {
  const ids = operations.map(({ raw }) => raw.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { key, raw } of operations) {
    expect([key, raw.operationId]).toEqual([key, expect.stringMatching(/^[a-z][A-Za-z]+$/)]);
    expect([key, raw.summary]).toEqual([key, expect.stringMatching(/[가-힣]/)]);
    expect([key, raw.tags?.length]).toEqual([key, 1]);
  }
});

it('declares every path parameter, and an answer of each operation', () => {
  for (const { key, pathParams, raw } of operations) {
    const declared = (raw.parameters ?? [])
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => name);
    expect([key, declared]).toEqual([key, pathParams]);
    const successes = Object.keys(raw.responses).filter((status) => status.startsWith('2'));
    expect([key, successes.length > 0]).toEqual([key, true]);
    expect(Object.keys(raw.responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
    for (const status of successes) {
      const hasBody = Object.keys(raw.responses[status]!.content ?? {}).length > 0;
      expect([key, status, hasBody]).toEqual([key, status, status !== '204']);
    }
  }
});

it('bounds every text, list and number that comes in, and takes no unknown field', () => {
  // What providers send is open, and is read by their rules.
  const ours = operations.filter(({ path }) => !/^\/(auth\/callbacks|payments\/webhook)\//.test(path));
  const faults: string[] = [];
  for (const { key, body, query } of ours) {
    if (body?.mediaType === 'application/json') unbounded(body.schema, `${key} body`, faults);
    for (const { name, schema } of query) unbounded(schema, `${key} ?${name}`, faults);
  }
  expect(faults).toEqual([]);
});

function unbounded(schema: JsonSchema, at: string, faults: string[]): void {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1)!;
    return unbounded(document.components!.schemas![name] as JsonSchema, at, faults);
  }
  for (const branch of ['anyOf', 'oneOf'] as const) {
    for (const member of (schema[branch] ?? []) as JsonSchema[]) unbounded(member, at, faults);
  }
  const types = [schema.type].flat();
  const isClosed = schema.enum !== undefined || schema.const !== undefined;
  const isShaped = schema.format !== undefined || schema.pattern !== undefined;
  if (types.includes('string') && !isClosed && !isShaped && schema.maxLength === undefined)
    faults.push(`${at}: text without a limit`);
  if (types.includes('array')) {
    if (schema.maxItems === undefined) faults.push(`${at}: list without a limit`);
    unbounded(schema.items as JsonSchema, `${at}[]`, faults);
  }
  if ((types.includes('integer') || types.includes('number')) && !isClosed && schema.maximum === undefined)
    faults.push(`${at}: number without a limit`);
  if (types.includes('object')) {
    if (schema.additionalProperties !== false) faults.push(`${at}: takes unknown fields`);
    for (const [name, member] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
      unbounded(member, `${at}.${name}`, faults);
    }
  }
}
