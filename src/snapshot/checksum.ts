import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { foreignKind, HEAD_BYTES, isDatabase } from './foreign.ts';

/** What passing over a whole snapshot tells. */
export interface Checked {
  /** bytes */
  readonly size: number;
  /** Of the whole file, as sha256sum computes it. */
  readonly sha256: string;
  /** Why it is not a whole snapshot, or nothing. */
  readonly fault: string | undefined;
  /** It may be a database without the checksum that belongs behind it. */
  readonly isBare: boolean;
}

const TRAILER = 32;
const SECTOR = 512;

/**
 * Lets a snapshot pass and checks it on the way: a database in whole sectors, behind it the SHA-256 of it (etcd
 * server/etcdserver/api/v3rpc/maintenance.go Snapshot; client/v3/snapshot hasChecksum). Memory stays flat.
 */
export class SnapshotCheck extends Transform {
  readonly #database: Hash = createHash('sha256');
  /** The last bytes seen, which may be the checksum. */
  #tail: Buffer = Buffer.alloc(0);
  #head: Buffer = Buffer.alloc(0);
  #size = 0;
  readonly #onBytes: (passed: number) => void;

  /** `onBytes` hears how many bytes have passed so far. */
  constructor(onBytes: (passed: number) => void = () => {}) {
    super();
    this.#onBytes = onBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#size += chunk.length;
    this.#onBytes(this.#size);
    if (this.#head.length < HEAD_BYTES)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES - this.#head.length)]);
    const kept = chunk.subarray(Math.max(0, chunk.length - TRAILER));
    const before = Buffer.concat([this.#tail, kept]);
    const passed = Math.max(0, before.length - TRAILER);
    if (chunk.length > TRAILER) {
      this.#database.update(this.#tail).update(chunk.subarray(0, chunk.length - TRAILER));
      this.#tail = Buffer.from(kept);
    } else {
      this.#database.update(before.subarray(0, passed));
      this.#tail = Buffer.from(before.subarray(passed));
    }
    done(undefined, chunk);
  }

  /** The verdict; once everything has passed. */
  verdict(): Checked {
    const sum = this.#database.copy().digest();
    const sha256 = this.#database.copy().update(this.#tail).digest('hex');
    const isBare = this.#size > 0 && this.#size % SECTOR === 0 && isDatabase(this.#head);
    return { size: this.#size, sha256, fault: this.#fault(sum), isBare };
  }

  #fault(sum: Buffer): string | undefined {
    if (this.#size === 0) return 'it is empty';
    const foreign = foreignKind(this.#head);
    if (foreign !== undefined) {
      const unpack = foreign.unpack === undefined ? '' : `; unpack it first (${foreign.unpack})`;
      return `it is ${foreign.what}, not a snapshot of etcd${unpack}`;
    }
    if (this.#size % SECTOR === 0 && !isDatabase(this.#head)) {
      return 'it is not a database of etcd';
    }
    if (this.#size % SECTOR === 0) {
      return 'it has no checksum: it is a bare database, or was cut at the end of a sector';
    }
    if (this.#size % SECTOR !== TRAILER || this.#size === TRAILER) {
      return `it was cut short: ${this.#size} bytes are not a database with its checksum`;
    }
    if (sum.equals(this.#tail)) return undefined;
    return 'its checksum does not fit: it was damaged, or cut short and padded';
  }
}
