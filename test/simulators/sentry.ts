import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

export interface SentryEvent {
  exception: { values: { type: string; value: string; stacktrace: { frames: object[] } }[] };
  tags: Record<string, string>;
  release: string;
  environment: string;
  level: string;
}

export interface Sentry extends Simulator {
  dsn: string;
  /** Everything that arrived, as text: for what must not be in it. */
  texts: string[];
  events: SentryEvent[];
}

const KEY = '0123456789abcdef0123456789abcdef';

/** Sentry's envelope endpoint: lines of JSON, an item's header before each item. */
export async function startSentry(options: SimulatorOptions = {}): Promise<Sentry> {
  const texts: string[] = [];
  const events: SentryEvent[] = [];
  const simulator = await startSimulator(options, (server) => {
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.post('/api/42/envelope/', (request, reply) => {
      const text = request.body as string;
      texts.push(text);
      const lines = text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
      for (const [i, line] of lines.entries())
        if (line.type === 'event') events.push(lines[i + 1] as unknown as SentryEvent);
      return reply.send({ id: (lines[0]!.event_id as string | undefined) ?? '' });
    });
  });
  return { ...simulator, dsn: simulator.url.replace('//', `//${KEY}@`) + '/42', texts, events };
}
