/** `npm run bench [-- NAME …]`: one of the benches below, `paths` without a name. */
interface Bench {
  /** Variables of the environment it does not run without. */
  needs: readonly string[];
  run(): Promise<unknown>;
}

const benches: Record<string, Bench> = {
  paths: { needs: [], run: () => import('./paths.js') },
  caches: { needs: [], run: () => import('./caches.js') },
  http: { needs: ['DATABASE_URL', 'REDIS_URL'], run: () => import('./http.js') },
  sockets: { needs: ['DATABASE_URL', 'REDIS_URL'], run: () => import('./sockets.js') },
  start: { needs: ['DATABASE_URL'], run: () => import('./start.js') },
  growth: { needs: ['DATABASE_URL'], run: () => import('./growth.js') },
};

const isNamed = process.argv[2] !== undefined && !process.argv[2].startsWith('-');
const [name] = isNamed ? process.argv.splice(2, 1) : ['paths']; // what is left is the bench's own
const bench = benches[name!];
const missing = bench?.needs.filter((variable) => !process.env[variable]) ?? [];
if (!bench) fail(`No bench is called ${name}; there are ${Object.keys(benches).join(', ')}`);
else if (missing.length > 0) fail(`The bench ${name} needs ${missing.join(' and ')}`);
else await bench.run();

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}
