import { Transform, type TransformCallback } from 'node:stream';

/** Passes on what follows the mark; what precedes it is kept apart, at most 4 KiB of it. */
export class AfterMark extends Transform {
  readonly #mark: Buffer;
  #before = Buffer.alloc(0);
  #seen = false;

  constructor(mark: Buffer) {
    super();
    this.#mark = mark;
  }

  /** Whether the mark has come by. */
  get seen(): boolean {
    return this.#seen;
  }

  /** The text before the mark. */
  get preamble(): string {
    return this.#before.toString('utf8').slice(0, 4096);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, this.#seen ? chunk : this.#search(chunk));
  }

  #search(chunk: Buffer): Buffer | undefined {
    const all = Buffer.concat([this.#before, chunk]);
    const at = all.indexOf(this.#mark);
    if (at < 0) {
      // An endless preamble must not fill the memory; the mark may still be half inside the tail.
      this.#before = all.length > 65_536 ? all.subarray(-4096) : all;
      return undefined;
    }
    this.#seen = true;
    this.#before = all.subarray(0, at);
    const rest = all.subarray(at + this.#mark.length);
    return rest.length === 0 ? undefined : rest;
  }
}
