import { readFile } from 'node:fs/promises';
import { fastify } from 'fastify';
import { parse } from 'yaml';
import { ESSENTIAL_IN_PRODUCTION, loadConfig, VARIABLES } from './config.js';

interface Blueprint {
  services: {
    type: string;
    region: string;
    healthCheckPath?: string;
    preDeployCommand?: string;
    envVars?: { key: string; value?: string; generateValue?: boolean; sync?: boolean }[];
  }[];
  databases: { region: string; postgresMajorVersion: string }[];
}

interface Compose {
  services: Record<
    string,
    {
      image?: string;
      command?: string[];
      environment?: Record<string, string | number>;
      volumes?: string[];
      depends_on?: Record<string, { condition: string }>;
      stop_grace_period?: string;
      healthcheck?: object;
    }
  >;
  volumes: Record<string, null>;
}

const text = (path: string) => readFile(path, 'utf8');
const yaml = async <T>(path: string) => parse(await text(path), { merge: true }) as T;
const named = (example: string) => [...example.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name!);

/** Of a request from 10.9.9.9. */
async function addressSeen(trustProxy: string[], forwardedFor: string): Promise<{ ip: string }> {
  const server = fastify({ trustProxy });
  server.get('/', ({ ip }) => ({ ip }));
  const headers = { 'x-forwarded-for': forwardedFor };
  return (await server.inject({ url: '/', headers, remoteAddress: '10.9.9.9' })).json();
}

it('.env.example names every variable, and no other', async () => {
  const inTests = ['FAILPOINT'];
  expect(named(await text('.env.example')).sort()).toEqual(
    VARIABLES.filter((name) => !inTests.includes(name)).sort(),
  );
});

describe('render.yaml', () => {
  it('gives the service what it needs, by names that it knows, and no secret', async () => {
    const { services, databases } = await yaml<Blueprint>('render.yaml');
    const [web] = services;
    const variables = web!.envVars!;
    const keys = variables.map(({ key }) => key);
    expect(keys.filter((key) => !VARIABLES.includes(key))).toEqual([]);
    expect(new Set(keys).size).toBe(keys.length);
    // Without the bucket, files and backups would be on a disk that is gone with the next deploy.
    expect(keys).toEqual(expect.arrayContaining([...ESSENTIAL_IN_PRODUCTION, 'REDIS_URL', 'R2_BUCKET_NAME']));
    expect(variables.filter(({ value }) => value !== undefined).map(({ key }) => key)).toEqual([
      'ROLE',
      'TRUST_PROXY',
    ]);
    const asked = variables.filter(({ sync }) => sync === false).map(({ key }) => key);
    expect(asked).toEqual(expect.arrayContaining(['SLACK_WEBHOOK_URL', 'SENTRY_DSN', 'METRICS_TOKEN']));
    expect([...services, ...databases].map(({ region }) => region)).toEqual(Array(3).fill('singapore'));
    expect(web).toMatchObject({
      healthCheckPath: '/health/live',
      preDeployCommand: expect.stringContaining('dist/scripts/migrate.js'),
    });
  });

  it('makes a configuration that the service takes', async () => {
    const { services } = await yaml<Blueprint>('render.yaml');
    const fixed = services[0]!.envVars!.flatMap(({ key, value }) =>
      value === undefined ? [] : [[key, value]],
    );
    const { http } = loadConfig({
      ...(Object.fromEntries(fixed) as Record<string, string>),
      NODE_ENV: 'production',
      DATABASE_URL: 'postgresql://withbowwow:secret@dpg-x-a/withbowwow',
      REDIS_URL: 'redis://red-x:6379',
      JWT_SECRET_KEY: 'j'.repeat(44),
      ENCRYPTION_KEY: 'e'.repeat(44),
      PUBLIC_URL: 'https://withbowwow.example',
    });
    // The phone, then an edge of Cloudflare, then Render.
    const { ip } = await addressSeen(http.trustProxy, '198.51.100.9, 203.0.113.7, 172.70.1.2, 10.1.2.3');
    expect(ip).toBe('203.0.113.7');
  });
});

describe('docker-compose.yml', () => {
  it('starts web and worker after the migrations, with variables that they know', async () => {
    const { services, volumes } = await yaml<Compose>('docker-compose.yml');
    for (const [name, role] of [
      ['web', 'web'],
      ['worker', 'worker'],
    ] as const) {
      const { environment = {}, depends_on: after, stop_grace_period: grace } = services[name]!;
      expect(Object.keys(environment).filter((key) => !VARIABLES.includes(key))).toEqual([]);
      expect(environment).toMatchObject({ ROLE: role, NODE_ENV: 'production' });
      expect(after).toMatchObject({
        migrate: { condition: 'service_completed_successfully' },
        redis: { condition: 'service_healthy' },
      });
      expect(grace).toBe('30s');
      const given = Object.entries(environment).map(([key, value]) => [
        key,
        String(value).replace(/\$\{POSTGRES_PASSWORD[^}]*\}/, 'secret'),
      ]);
      expect(() =>
        loadConfig({
          ...(Object.fromEntries(given) as Record<string, string>),
          // What `.env` brings.
          JWT_SECRET_KEY: 'j'.repeat(44),
          ENCRYPTION_KEY: 'e'.repeat(44),
          PUBLIC_URL: 'https://withbowwow.example',
        }),
      ).not.toThrow();
    }
    const used = Object.values(services).flatMap((service) => service.volumes ?? []);
    const names = used.map((volume) => /^\$\{\w+:-(\w+)\}|^(\w+)/.exec(volume)!.slice(1).find(Boolean));
    expect([...new Set(names)].sort()).toEqual(Object.keys(volumes).sort());
    for (const name of ['db', 'redis']) expect(services[name]!.healthcheck).toBeDefined();
  });
});

describe('Dockerfile', () => {
  it('runs without dev packages, as nobody special, with a health check and a pg_dump for the databases above', async () => {
    const dockerfile = await text('Dockerfile');
    const [, build, run] = dockerfile.split(/^FROM /m);
    expect(build).toContain('npm prune --omit=dev');
    expect(run).toMatch(/^USER node$/m);
    expect(run).toMatch(/HEALTHCHECK [^]*\/health\/live/);
    expect(run).not.toMatch(/npm |COPY \. /);
    const variables = [...run!.matchAll(/^ENV (.*)$/gm)].flatMap(([, line]) =>
      line!.split(' ').map((pair) => pair.split('=')[0]!),
    );
    expect(variables.filter((name) => !VARIABLES.includes(name))).toEqual([]);
    const client = Number(/postgresql-client-(\d+)/.exec(run!)![1]);
    const { databases } = await yaml<Blueprint>('render.yaml');
    const { services } = await yaml<Compose>('docker-compose.yml');
    const servers = [databases[0]!.postgresMajorVersion, /:(\d+)/.exec(services.db!.image!)![1]].map(Number);
    for (const server of servers) expect(client).toBeGreaterThanOrEqual(server);
    const { engines } = JSON.parse(await text('package.json')) as { engines: { node: string } };
    expect(Number(/^node:(\d+)/.exec(build!)![1])).toBeGreaterThanOrEqual(parseInt(engines.node.slice(2)));
  });

  it('copies nothing local or secret', async () => {
    const ignored = (await text('.dockerignore')).split('\n');
    for (const path of ['.env', '.env.*', '.data', '.git', 'node_modules', 'dist', 'src/generated'])
      expect(ignored).toContain(path);
  });
});
