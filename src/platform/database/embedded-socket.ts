import { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';

const TERMINATE = 'X'.charCodeAt(0);

/**
 * What pg's driver takes for a socket to a server: the embedded database speaks the same protocol, so that both are used
 * by the same code, with statements that are prepared once. It has one session; who leaves, leaves it as new.
 */
export class EmbeddedSocket extends Duplex {
  private isLeft = false;

  constructor(private readonly lite: PGlite) {
    super();
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), undefined, done);
  }

  override _write(messages: Buffer, _encoding: unknown, done: (error?: Error) => void): void {
    if (messages[0] === TERMINATE) {
      this.leave();
      return done();
    }
    this.ask(messages).then((answer) => {
      this.push(answer);
      done();
    }, done);
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.leave();
    done(error);
  }

  /** As a server does for who is gone, before whoever comes next says a word; who also hears of a database that broke. */
  private leave(): void {
    if (this.isLeft || this.lite.closed) return;
    this.isLeft = true;
    for (const text of ['rollback', 'discard all']) this.ask(simpleQuery(text)).catch(() => {});
  }

  /** The database has answered when this returns: nobody comes between. */
  private async ask(messages: Uint8Array): Promise<Buffer> {
    const parts: Buffer[] = [];
    const onRawData = (bytes: Uint8Array) => parts.push(Buffer.from(bytes)); // copied: the memory is the database's
    await this.lite.execProtocolRawStream(messages, { syncToFs: false, onRawData });
    return Buffer.concat(parts);
  }
}

function simpleQuery(text: string): Buffer {
  const message = Buffer.alloc(text.length + 6);
  message.write('Q');
  message.writeInt32BE(text.length + 5, 1);
  message.write(text, 5);
  return message;
}
