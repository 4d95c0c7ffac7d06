import { Redis, type RedisOptions } from 'ioredis';

const RETRY_STEP_MS = 100;
const MAX_RETRY_MS = 2_000;
const DISCONNECT_TIMEOUT_MS = 200;

/** The adapter disconnects what is disconnected: a second time leaves a timer behind that keeps the process alive. */
class OnceDisconnected extends Redis {
  private isDone = false;

  override disconnect(reconnect = false): void {
    if (this.isDone) return;
    this.isDone = !reconnect;
    super.disconnect(reconnect);
  }
}

/**
 * The connection that the Redis streams adapter publishes with, mended: the adapter does not look after what its
 * `publish` and `subscribe` promised (a Redis that is away would end the process), reads on at once after a failure (so its reading
 * copies have to wait for Redis to come back), and leaves its copies open for seconds when it is closed.
 */
export class AdapterRedis extends OnceDisconnected {
  private readonly copies: Redis[] = [];

  constructor(url: string, onError: (error: Error) => void) {
    super(url, {
      maxRetriesPerRequest: null,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      retryStrategy: (attempt) => Math.min(attempt * RETRY_STEP_MS, MAX_RETRY_MS),
    });
    this.on('error', onError);
  }

  override duplicate(override?: Partial<RedisOptions>): Redis {
    const copy = new OnceDisconnected({ ...this.options, ...override, replyMapping: 'legacy' });
    const subscribe = copy.subscribe.bind(copy) as (...channels: string[]) => Promise<unknown>;
    copy.subscribe = ((...channels: string[]) => subscribe(...channels).catch(() => 0)) as Redis['subscribe'];
    this.copies.push(copy);
    return copy;
  }

  /** What cannot go out now is dropped: late positions are of no use. */
  override publish(channel: string | Buffer, message: string | Buffer): Promise<number> {
    return this.status === 'ready' ? super.publish(channel, message).catch(() => 0) : Promise.resolve(0);
  }

  close(): void {
    for (const connection of [this, ...this.copies]) connection.disconnect();
  }
}
