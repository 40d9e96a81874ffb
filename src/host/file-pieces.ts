import { open } from 'node:fs/promises';

// A read costs a turn of node's threads, and a write one of the kernel: large pieces need few of both. Larger ones than
// that are no faster, and cost ten megabytes where three hosts are served at once.
const PIECE_BYTES = 128 * 1024;

/**
 * The bytes of a file for `Host.run` to send. Each piece lies where the last one lay, so memory stays flat and nothing is
 * left to collect: a reader that keeps a piece copies it before asking for the next. Throws what the file system says.
 */
export async function* filePieces(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
