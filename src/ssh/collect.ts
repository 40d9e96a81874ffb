import { Writable } from 'node:stream';

/** Keeps what is written to it, up to a limit in bytes; takes the rest without keeping it. */
export class Collected extends Writable {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  /** Whether more came than was kept. */
  get overflowed(): boolean {
    return this.#size > this.#limit;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const space = this.#limit - this.#size;
    if (space > 0) this.#chunks.push(chunk.subarray(0, space));
    this.#size += chunk.length;
    done();
  }
}
