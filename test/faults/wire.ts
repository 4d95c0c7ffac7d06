import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as passed } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;

/** Between a client and a server: passes bytes on at once or late, in their order, as a network does. */
export class Wire {
  /** Infinity: nothing comes through until it is changed. */
  delayMs = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on('connection', (here) => {
      const there = connect(port, '127.0.0.1');
      wire.join(here, there);
      wire.join(there, here);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    this.delayMs = 0;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    let passedOn = Promise.resolve();
    from.on('data', (bytes) => {
      const dueMs = performance.now() + this.delayMs;
      passedOn = passedOn.then(async () => {
        while (this.delayMs > 0 && performance.now() < dueMs) await passed(LOOK_EVERY_MS);
        to.write(bytes);
      });
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
