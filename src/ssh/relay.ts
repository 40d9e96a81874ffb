import { Duplex, PassThrough } from 'node:stream';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { remedy } from '../problem/remedy.ts';
import { sh } from '../shell/command.ts';

/** Long enough for a few handshakes, which is all that connections of this kind are for. */
const SECONDS = 60;

/**
 * A TCP connection that bash makes on the machine, for where sshd forwards none, as hardened machines have it. It is there
 * at once; when nobody answers over there it ends with a Failure (unreachable).
 */
export function relay(host: Pick<Host, 'name' | 'run'>, address: string, port: number): Duplex {
  const { name } = host;
  const there = new PassThrough();
  const back = new PassThrough();
  const stream = new Duplex({
    read: () => {
      back.resume();
    },
    // What is written when nobody reads any more is lost, as on every connection.
    write: (chunk, _encoding, done) => there.write(chunk, () => done()),
    final: (done) => {
      there.end();
      done();
    },
    destroy: (error, done) => {
      there.destroy();
      done(error);
    },
  });
  back.on('data', (chunk) => {
    if (!stream.push(chunk)) back.pause();
  });
  // Whichever side ends first ends both; what runs in the background would read nothing from stdin by itself.
  const script = sh`exec bash -c 'exec 3<>"/dev/tcp/$0/$1" 4<&0 || exit 1
cat <&3 & cat <&4 >&3 2>/dev/null &
wait -n; kill %1 %2 2>/dev/null; exit 0' ${address} ${String(port)}`;
  host.run(script, { input: there, output: back, deadline: SECONDS, lasting: true }).then(
    ({ exitCode, stderr }) => {
      if (exitCode === 0) {
        const end = () => stream.push(null);
        return back.readableEnded ? end() : back.once('end', end);
      }
      const sentence = `${name}: nobody answers at ${address} port ${port}`;
      return stream.destroy(
        new Failure('unreachable', sentence, {
          log: stderr,
          next: [
            remedy`see whether the program there runs and listens, and whether a firewall is in between`,
          ],
        }),
      );
    },
    (error: Error) => stream.destroy(error),
  );
  return stream;
}
