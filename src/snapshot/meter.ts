import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

/** Lets bytes pass, and tells how many they were and their sha256. */
export class Meter extends Transform {
  readonly #hash: Hash = createHash('sha256');
  #size = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
    done(undefined, chunk);
  }

  /** Bytes, and their sha256 as sha256sum writes it; once everything has passed. */
  total(): { readonly size: number; readonly sha256: string } {
    return { size: this.#size, sha256: this.#hash.copy().digest('hex') };
  }
}
