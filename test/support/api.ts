import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import createClient, { type Client, type Middleware } from 'openapi-fetch';
import { v7 as uuidv7 } from 'uuid';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { openApiDocument } from '../../src/platform/http/openapi.js';
import { createUser } from '../../src/modules/users/index.js';
import { consentRows } from '../builders/consents.js';
import type { paths } from '../client/api.js';
import type { TestApp } from './harness.js';

/** Somebody who is logged in, with the typed client that the contract gives. */
export interface Person {
  id: string;
  sessionId: string;
  api: Client<paths>;
  /** For what the contract forbids: any method, path and body. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

let people = 0;
const homes = new WeakMap<Person, TestApp>();

/** The app that somebody is logged in at. */
export const appOf = (person: Person): TestApp => homes.get(person)!;

/** A new user who agreed to the terms, with a session of its own, straight in the database (logging in has suites of its own). */
export async function signIn(
  test: TestApp,
  { nickname = `산책친구${++people}`, hasAgreed = true } = {},
): Promise<Person> {
  const now = test.clock.now();
  const sessionId = uuidv7();
  const { id } = await test.db.transaction(async (tx) => {
    const user = await createUser(tx, { nickname, now });
    await tx.prisma.session.create({
      data: {
        id: sessionId,
        userId: user.id,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: new Date(now.getTime() + 10 * 365 * 86_400_000),
      },
    });
    if (hasAgreed) await tx.prisma.consent.createMany({ data: consentRows(user.id, now) });
    return user;
  });
  return personAt(test, { id, sessionId });
}

/** Somebody whose session is there already. */
export function personAt(test: TestApp, { id, sessionId }: Pick<Person, 'id' | 'sessionId'>): Person {
  // A fresh token for each request: the test's clock may have moved past the last one's expiry.
  const authorization = () => `Bearer ${test.app.get(AccessTokens).issue(id, sessionId).token}`;
  const api = typedClient(test);
  api.use({ onRequest: ({ request }) => request.headers.set('authorization', authorization()) });
  const person: Person = {
    id,
    sessionId,
    api,
    send: (method, path, body, more) =>
      send(test, method, path, body, { authorization: authorization(), ...more }),
  };
  homes.set(person, test);
  return person;
}

export function typedClient(test: TestApp): Client<paths> {
  const client = createClient<paths>({ baseUrl: test.url });
  client.use(contractCheck(test));
  return client;
}

/** A string, form or file as body goes out as it is; anything else as JSON. Every answer is checked against the contract. */
export async function send(
  test: TestApp,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof FormData || body instanceof Uint8Array;
  const response = await fetch(test.url + path, {
    method,
    headers: { ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined || isRaw ? (body as RequestInit['body']) : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer = {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? (JSON.parse(text) as unknown) : text,
  };
  contractOf(test).check(
    method,
    path.split('?')[0]!,
    answer.status,
    response.headers.get('content-type'),
    answer.body,
  );
  return answer;
}

/** One for all suites of a worker: no app is configured to another one. */
let contract: Contract | undefined;

export function contractOf(test: TestApp): Contract {
  return (contract ??= new Contract(openApiDocument(test.app)));
}

const contractCheck = (test: TestApp): Middleware => ({
  async onResponse({ request, response }) {
    const text = await response.clone().text();
    const type = response.headers.get('content-type');
    const body: unknown = /json/.test(type ?? '') && text ? JSON.parse(text) : text;
    contractOf(test).check(request.method, new URL(request.url).pathname, response.status, type, body);
  },
});

/** The OpenAPI document as a judge of answers. */
export class Contract {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly templates: { path: string; pattern: RegExp }[];

  constructor(readonly document: OpenAPIObject) {
    addFormats.default(this.ajv);
    this.ajv.addSchema({ $id: 'api', components: document.components });
    this.templates = Object.keys(document.paths)
      .sort((a, b) => a.split('{').length - b.split('{').length)
      .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`) }));
  }

  /** @throws Error when the answer is not what the document promises; unknown routes must be a problem */
  check(method: string, path: string, status: number, contentType: string | null, body: unknown): void {
    const operation = this.operation(method, path);
    const responses = (operation?.responses ?? {}) as Record<
      string,
      { content?: Record<string, { schema?: object }> } | undefined
    >;
    const declared =
      responses[String(status)] ??
      (status >= 400
        ? { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } }
        : undefined);
    if (!declared) throw new Error(`${method} ${path} answered an undocumented ${status}`);
    const media = contentType?.split(';')[0] ?? '';
    const content = declared.content?.[media];
    if (!content) {
      if (!declared.content && body === '') return;
      throw new Error(
        `${method} ${path} answered ${status} with an undocumented ${media || 'empty body'}: ${JSON.stringify(body).slice(0, 300)}`,
      );
    }
    const validate = this.validator(`${method} ${path} ${status} ${media}`, content.schema ?? {});
    if (!validate(body))
      throw new Error(
        `${method} ${path} ${status} breaks the contract: ${this.ajv.errorsText(validate.errors)}`,
      );
  }

  /** What is wrong with a value, by a schema of the document. */
  faultsOf(schema: object, value: unknown): string | null {
    const validate = this.validator(JSON.stringify(schema), schema);
    return validate(value) ? null : this.ajv.errorsText(validate.errors);
  }

  private operation(method: string, path: string) {
    const template = this.templates.find(({ pattern }) => pattern.test(path));
    return (
      template &&
      (this.document.paths[template.path] as Record<string, { responses?: unknown }>)[method.toLowerCase()]
    );
  }

  private validator(key: string, schema: object): ValidateFunction {
    const found = this.validators.get(key);
    if (found) return found;
    const absolute = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/'),
    ) as object;
    const made = this.ajv.compile(absolute);
    this.validators.set(key, made);
    return made;
  }
}

const PATIENCE = 5;

/** As the app and the stores do it: what a busy machine answers with 503 (a lock or a connection not had in time) is asked again. */
export async function patiently<A extends { status: number }>(ask: () => Promise<A>): Promise<A> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    if (answer.status !== 503 || attempt === PATIENCE) return answer;
  }
}

/** Fails with the answer in the message, so that a wrong status tells why. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({
    status: answer.status,
    code: (answer.body as { code?: unknown }).code,
    body: answer.text.slice(0, 500),
  }).toMatchObject({ status, code });
}

/** A validation problem that names this field. */
export function expectFieldFault(answer: Answer, path: string): void {
  expectProblem(answer, 422, 'validation-failed');
  expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
}
