import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';
import { secret } from '../support/leaks.js';

export interface Slack extends Simulator {
  webhook: string;
  messages: string[];
}

/** Slack's incoming webhooks: the address is the secret, and the answer a word. */
export async function startSlack(options: SimulatorOptions = {}): Promise<Slack> {
  const messages: string[] = [];
  const token = secret('xSlackWebhookSecret9Kq');
  const simulator = await startSimulator(options, (server) => {
    server.post('/services/T000/B000/:token', (request, reply) => {
      if ((request.params as { token: string }).token !== token)
        return reply.code(404).type('text/plain').send('no_service');
      const { text } = request.body as { text?: unknown };
      if (typeof text !== 'string' || text === '') return reply.code(400).type('text/plain').send('no_text');
      messages.push(text);
      return reply.type('text/plain').send('ok');
    });
  });
  return { ...simulator, webhook: `${simulator.url}/services/T000/B000/${token}`, messages };
}
