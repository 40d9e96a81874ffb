import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { filePieces } from '../../src/host/file-pieces.ts';
import { directoryFor } from '../ssh/directory.ts';

for (const size of [0, 1, 262_144, 600_001]) {
  test(`filePieces() gives a file of ${size} bytes whole and in order`, async (t) => {
    const path = join(directoryFor(t), 'file');
    const bytes = randomBytes(size);
    writeFileSync(path, bytes);
    const hash = createHash('sha256');
    for await (const piece of filePieces(path)) hash.update(piece);
    t.is(hash.digest('hex'), createHash('sha256').update(bytes).digest('hex'));
  });
}

test('filePieces() uses one piece of memory for the whole file', async (t) => {
  const path = join(directoryFor(t), 'file');
  writeFileSync(path, Buffer.alloc(600_001));
  const memories = new Set<ArrayBufferLike>();
  for await (const { buffer } of filePieces(path)) memories.add(buffer);
  t.is(memories.size, 1);
});

test('filePieces() says what the file system says', async (t) => {
  await t.throwsAsync(filePieces('/nonexistent/file').next(), { code: 'ENOENT' });
});
