import { DiscoveryService } from '@nestjs/core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { readFile } from 'node:fs/promises';
import type { OpenAPIObject } from '@nestjs/swagger';
import { contractOf } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { type JsonSchema, type Operation, operationsOf, type RawMedia } from '../support/operations.js';

/** Where Nest keeps what a handler's parameters are; a body is number 3. */
const ROUTE_ARGS = '__routeArguments__';
const BODY = 3;

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

describe('O: what /docs says of every operation', () => {
  const contract = () => contractOf(test);
  /** The schema at the parameter of the handler: what a body is really judged by. */
  function bodySchemaOf(operationId: string): StandardSchemaV1 {
    for (const { metatype } of test.app.get(DiscoveryService, { strict: false }).getControllers()) {
      const args = (Reflect.getMetadata(ROUTE_ARGS, metatype!, operationId) ?? {}) as Record<
        string,
        { schema?: StandardSchemaV1 }
      >;
      const [, body] = Object.entries(args).find(([key]) => key.startsWith(`${BODY}:`)) ?? [];
      if (body?.schema) return body.schema;
    }
    throw new Error(`${operationId} takes no body`);
  }
  const isShown = (mediaType: string, { schema }: RawMedia) =>
    !/multipart|image|html/.test(mediaType) && schema.format !== 'binary';

  it('an example of its body that the app itself accepts', async () => {
    let bodies = 0;
    const faults: unknown[] = [];
    for (const { key, raw } of operations) {
      for (const [mediaType, media] of Object.entries(raw.requestBody?.content ?? {})) {
        if (!isShown(mediaType, media)) continue;
        bodies++;
        expect([key, contract().faultsOf(media.schema, media.example)]).toEqual([key, null]);
        if (!/json|form/.test(mediaType)) continue;
        const { issues } = await bodySchemaOf(raw.operationId)['~standard'].validate(media.example);
        if (issues) faults.push([key, issues, media.example]);
      }
      for (const { name, required, schema, example, in: where } of raw.parameters ?? []) {
        if (!required || where === 'header') continue;
        expect([key, name, contract().faultsOf(schema, example)]).toEqual([key, name, null]);
      }
    }
    expect(faults).toEqual([]);
    expect(bodies).toBeGreaterThan(50);
  });

  it('an example of each answer that its schema allows, in Korean where people read it', () => {
    for (const { key, raw } of operations) {
      for (const [status, { content = {} }] of Object.entries(raw.responses)) {
        for (const [mediaType, media] of Object.entries(content)) {
          if (!status.startsWith('2') || !isShown(mediaType, media)) continue;
          const faults = contract().faultsOf(media.schema, media.example);
          expect([key, status, faults, media.example]).toEqual([key, status, null, media.example]);
        }
      }
    }
    const { example } = (
      document.paths['/users/me']!.get!.responses['200'] as unknown as { content: Record<string, RawMedia> }
    ).content['application/json']!;
    expect(example).toMatchObject({ nickname: '보리누나' });
  });

  it('its problems by status and code, each with what it looks like', () => {
    const examples = document.components!.examples as Record<
      string,
      { value: { code: string; status: number } }
    >;
    const shown = new Set<string>();
    for (const { key, raw, wantsToken, body } of operations) {
      const codes = new Map<string, string>();
      for (const [status, { description, content }] of Object.entries(raw.responses)) {
        expect([key, status, description]).toEqual([key, status, expect.stringMatching(/./)]);
        for (const [code, { $ref }] of Object.entries(
          content?.['application/problem+json']?.examples ?? {},
        )) {
          expect([key, $ref]).toEqual([key, `#/components/examples/${code}`]);
          expect([key, examples[code]!.value]).toEqual([
            key,
            expect.objectContaining({ code, status: Number(status) }),
          ]);
          expect(
            contract().faultsOf({ $ref: '#/components/schemas/Problem' }, examples[code]!.value),
          ).toBeNull();
          codes.set(code, status);
          shown.add(code);
        }
      }
      expect([key, codes.get('unauthorized')]).toEqual([key, wantsToken ? '401' : codes.get('unauthorized')]);
      if (body) expect([key, codes.get('validation-failed')]).toEqual([key, '422']);
      if (raw['x-role']) expect([key, codes.get('forbidden')]).toEqual([key, '403']);
      expect([key, raw]).not.toEqual([key, expect.objectContaining({ 'x-notes': expect.anything() })]);
    }
    expect([...shown].sort()).toEqual(Object.keys(examples).sort());
    expect(Object.keys(document.paths['/walks/{id}/complete']!.post!.responses)).toEqual(
      expect.arrayContaining(['200', '401', '403', '404', '422']),
    );
  });

  it('a tag of the table, in Korean and English, in the order in which an app is made', () => {
    const names = (document.tags ?? []).map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual(['로그인 Auth', '사용자 Users', '반려동물 Pets', '산책 Walks']);
    for (const { name, description } of document.tags ?? [])
      expect([name, description]).toEqual([
        expect.stringMatching(/^[가-힣 ]+ [A-Z][a-z]+$/),
        expect.stringMatching(/[가-힣].*·.*[a-z]/),
      ]);
    expect([...new Set(operations.map(({ raw }) => raw.tags![0]))].sort()).toEqual([...names].sort());
  });

  it('whether it is for the app at all', () => {
    const foreign = operations.filter(({ raw }) => raw.tags![0] === '외부 호출 Callbacks');
    expect(foreign.map(({ key }) => key).sort()).toEqual(
      operations
        .map(({ key }) => key)
        .filter((key) => /\/auth\/callbacks\/|\/payments\/webhook\//.test(key))
        .sort(),
    );
    for (const { raw } of foreign) expect(raw.description).toMatch(/앱이 아니라 \*\*.+의 서버\*\*/);
  });

  it('how to be let in', () => {
    expect(document.components!.securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: expect.any(String) },
    });
    for (const { key, raw } of operations)
      expect([key, raw.security ?? [{ bearer: [] }]]).toEqual([key, [{ bearer: [] }]]);
  });
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
