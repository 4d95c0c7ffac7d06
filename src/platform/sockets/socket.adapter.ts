import { type INestApplicationContext, Logger } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { type Namespace, Server, type Socket } from 'socket.io';
import type { Config } from '../../config/config.js';
import { notFound } from '../http/problem.js';
import { logContext } from '../observability/context.js';
import { AdapterRedis } from './adapter-redis.js';
import { isAllowed, refusal } from './handshake.js';
import { contextOf } from './socket-context.js';

type Adapter = ReturnType<ReturnType<typeof createAdapter>>;

/** A WebSocket of `ws`. */
interface Closable {
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Far above any message of ours; a larger frame closes its connection (1009). */
const MAX_FRAME_BYTES = 16 * 1024;
/** A phone that is gone without a word is noticed after both. */
const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 10_000;
/** "Service restart" (RFC 6455's registry): clients come back by themselves. */
const SERVICE_RESTART = 1012;
/** How long a client may take to say goodbye as well. */
const GOODBYE_WITHIN_MS = 1_000;
/** A connection that has not named its namespace by then is closed. */
const CONNECT_WITHIN_MS = 5_000;

/**
 * Socket.IO over WebSocket only: long polling would put session ids into addresses, and would need every request of a
 * client to come to the same process. With a `REDIS_URL` processes hear of each other.
 */
export class SocketAdapter extends IoAdapter {
  private server: Server | null = null;
  private redis: AdapterRedis | null = null;
  private readonly overRedis: Adapter[] = [];

  constructor(
    app: INestApplicationContext,
    private readonly config: Config,
  ) {
    super(app);
  }

  override createIOServer(): Server {
    const { role, http } = this.config;
    this.server = new Server(this.httpServer as ConstructorParameters<typeof Server>[0], {
      transports: ['websocket'],
      allowUpgrades: false,
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MAX_FRAME_BYTES,
      pingInterval: PING_EVERY_MS,
      pingTimeout: PONG_WITHIN_MS,
      connectTimeout: CONNECT_WITHIN_MS,
      allowRequest: (request, answer) =>
        answer(null, role !== 'worker' && isAllowed(request, http.corsOrigins)),
      ...(this.config.redisUrl && { adapter: this.adapterOver(this.config.redisUrl) }),
    });
    this.server.use((socket, next) => next(refusal(notFound(), socket))); // nothing lives in the default namespace
    return this.server;
  }

  override bindMessageHandlers(
    socket: Socket,
    handlers: Parameters<IoAdapter['bindMessageHandlers']>[1],
    transform: Parameters<IoAdapter['bindMessageHandlers']>[2],
  ): void {
    const context = contextOf(socket);
    const inContext = handlers.map(({ callback, ...handler }) => ({
      ...handler,
      callback: (...message: unknown[]) => logContext.run(context, () => callback(...message)),
    }));
    super.bindMessageHandlers(socket, inContext, transform);
  }

  /** Nest would close the HTTP server with it, which Fastify does when its requests are answered. */
  override close(): Promise<void> {
    return Promise.resolve();
  }

  /** Closes the transports only, so that clients come back by themselves: to another process, or after the restart. */
  override async dispose(): Promise<void> {
    if (this.server) this.sendAway(this.server);
    for (const adapter of this.overRedis) await adapter.close();
    this.redis?.close();
    return Promise.resolve();
  }

  private sendAway({ engine }: Server): void {
    // Engine.IO closes without a code.
    const { clients } = engine as unknown as { clients: Record<string, { transport: { socket: Closable } }> };
    for (const {
      transport: { socket },
    } of Object.values(clients)) {
      socket.close(SERVICE_RESTART, 'service restart');
      setTimeout(() => socket.terminate(), GOODBYE_WITHIN_MS).unref();
    }
    engine.close();
  }

  private adapterOver(url: string): (namespace: Namespace) => Adapter {
    const log = new Logger('Sockets');
    this.redis = new AdapterRedis(url, (error) => log.warn({ err: error }, 'redis'));
    const make = createAdapter(this.redis, { streamName: 'withbowwow', channelPrefix: 'withbowwow' });
    const { overRedis } = this;
    // Socket.IO calls it with `new`, which an arrow function does not take.
    return function (namespace) {
      const adapter = make(namespace);
      overRedis.push(adapter);
      return adapter;
    };
  }
}
