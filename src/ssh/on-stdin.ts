import type { RunOptions } from '../host/host.ts';

type Input = NonNullable<RunOptions['input']>;

// dd, because it takes not a byte more than asked; `read` likewise. The script is run whole or not at all: a cut
// connection must not leave half a line to run. Lines before ours (a password nobody asked for) are passed over.
/** The script that reads another from stdin, as `onStdin` writes it, and runs it with the rest of stdin. */
export const READ_FROM_STDIN = `n=
while IFS= read -r n; do case $n in 'provision '*) break ;; esac; n=; done
n=\${n#provision }
s=$(dd bs="$n" count=1 iflag=fullblock 2>/dev/null)
[ "\${#s}" = "$n" ] || { echo 'provision: the script did not arrive whole, nothing was run' >&2; exit 126; }
eval "$s"`;

/** The script and then the input, for READ_FROM_STDIN; no longer bound by the 128 KiB of an argument. */
export function onStdin(script: string, input: Input = '', before = ''): Input {
  // The shell drops newlines at the end of what it reads; a comment keeps the length true.
  const whole = Buffer.from(`${script}\n#`);
  const head = Buffer.concat([Buffer.from(`${before}provision ${whole.length}\n`), whole]);
  if (typeof input === 'string') return Buffer.concat([head, Buffer.from(input)]);
  return Buffer.isBuffer(input) ? Buffer.concat([head, input]) : joined(head, input);
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield head;
  yield* rest;
}
