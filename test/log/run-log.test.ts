import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { loggedHost } from '../../src/log/logged-host.ts';
import { endLog, logPath, note, startLog } from '../../src/log/run-log.ts';
import { stateHome } from '../../src/log/state-home.ts';
import { sh } from '../../src/shell/command.ts';
import { Secret } from '../../src/shell/secret.ts';
import { localHost } from '../host/local-host.ts';

// One log a process, so one story for it.
test('a run is logged into a file of its own, without secrets, and old ones are deleted', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'provision-log-'));
  const logs = join(directory, 'logs');
  t.teardown(() => rmSync(directory, { recursive: true }));
  note('before there is a log');
  t.is(logPath(), undefined);

  mkdirSync(logs, { mode: 0o700 });
  for (let day = 10; day < 75; day++)
    writeFileSync(join(logs, `2026-01-${day}T00-00-00.000Z-prod-up-1.log`), '');
  writeFileSync(join(logs, 'notes.txt'), '');
  startLog(['etcdctl', 'prod.yaml', '--', 'user', 'add', 'root:marker-argv'], 'prod', logs);
  const path = logPath() ?? '';
  t.regex(path, /\/logs\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-prod-etcdctl-\d+\.log$/);
  t.deepEqual([statSync(path).mode & 0o777, statSync(logs).mode & 0o777], [0o600, 0o700]);

  const kept = readdirSync(logs).sort();
  t.deepEqual(
    [kept.length, kept[0], kept.at(-1)],
    [22, '2026-01-55T00-00-00.000Z-prod-up-1.log', 'notes.txt'],
  );

  const passphrase = new Secret('marker-passphrase');
  const host = loggedHost(localHost('etcd01'));
  await host.run(sh`cat >&2; echo marker-passphrase; exit 3`, { input: 'marker-stdin' });
  await t.throwsAsync(
    loggedHost({
      ...host,
      run: async () => {
        throw new Failure('failed', 'gone', { next: [] });
      },
    }).run(sh`true`),
  );
  note(
    `said: -----BEGIN EC PRIVATE KEY-----\nmarker-key\n-----END EC PRIVATE KEY----- and ${passphrase.reveal()}`,
  );

  const text = readFileSync(path, 'utf8')
    .replaceAll(/^\S+Z /gm, 'T ')
    .replaceAll(/\d+ ms/g, 'N ms');
  t.is(
    text,
    `T provision etcdctl prod.yaml
T etcd01 #1 runs
cat >&2; echo [secret]; exit 3
T etcd01 #1 exit code 3 after N ms
stdout: [secret]
stderr: marker-stdin
T etcd01 #1 runs
true
T etcd01 #1 failed after N ms: gone
T said: [private key] and [secret]
`,
  );

  endLog();
  t.is(logPath(), undefined);
  t.is(readFileSync(path.replace(/\.log$/, '.done.log'), 'utf8').includes('etcd01 #1 runs'), true);
});

test('stateHome() follows XDG_STATE_HOME where it is absolute', (t) => {
  t.is(stateHome({ XDG_STATE_HOME: '/srv/state' }), '/srv/state/provision');
  t.regex(stateHome({ XDG_STATE_HOME: 'state' }), /\/\.local\/state\/provision$/);
  t.regex(stateHome({}), /^\/.*\/\.local\/state\/provision$/);
});
