import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { environment, type HookContext, runHook } from '../../src/hooks/hook.ts';

const context: HookContext = {
  cluster: 'prod',
  command: 'up',
  inventory: '/etc/prod.yaml',
  hosts: ['etcd01', 'etcd02'],
  run: 'aaaa',
  changes: '3 steps in 1 wave, no restart',
  seconds: 1.5,
  result: undefined,
};

function hooks(t: ExecutionContext, script: string, mode = 0o755) {
  const directory = mkdtempSync(join(tmpdir(), 'provision-hooks-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'before-up');
  writeFileSync(file, script);
  chmodSync(file, mode);
  return { directory, hidden: ['DEPLOY_PASSWORD'], file };
}

test('runHook() does nothing where there is no hook', async (t) => {
  const { directory } = hooks(t, '');
  await t.notThrowsAsync(runHook({ directory, hidden: [] }, 'after-up', context));
  await t.notThrowsAsync(runHook({ directory: '/nonexistent/x', hidden: [] }, 'after-up', context));
});

test('runHook() runs it beside the others, with the context in its environment and nothing on stdin', async (t) => {
  const given = hooks(
    t,
    '#!/bin/sh\nenv | grep ^PROVISION_ | sort > seen; cat >> seen; pwd >> seen\n',
  );
  await runHook(given, 'before-up', context);
  t.is(
    readFileSync(join(given.directory, 'seen'), 'utf8'),
    `PROVISION_CHANGES=3 steps in 1 wave, no restart
PROVISION_CLUSTER=prod
PROVISION_COMMAND=up
PROVISION_HOSTS=etcd01 etcd02
PROVISION_INVENTORY=/etc/prod.yaml
PROVISION_RUN=aaaa
PROVISION_SECONDS=1.5
${given.directory}
`,
  );
});

test('environment() hides the variables that hold secrets', (t) => {
  const ours = { PATH: '/bin', DEPLOY_PASSWORD: 'marker-4711', EMPTY: undefined };
  const { PATH, DEPLOY_PASSWORD, PROVISION_CLUSTER } = environment(
    ours,
    ['DEPLOY_PASSWORD'],
    context,
  );
  t.deepEqual([PATH, DEPLOY_PASSWORD, PROVISION_CLUSTER], ['/bin', undefined, 'prod']);
});

test('environment() tells a hook nothing of the run that called ours', (t) => {
  const ours = { PROVISION_RESULT: 'failed', PROVISION_ERROR: 'of another run' };
  const { PROVISION_RESULT, PROVISION_ERROR } = environment(ours, [], context);
  t.deepEqual([PROVISION_RESULT, PROVISION_ERROR], [undefined, undefined]);
});

test('runHook() fails as the hook does', async (t) => {
  const given = hooks(t, '#!/bin/sh\nexit 3\n');
  await t.throwsAsync(runHook(given, 'before-up', context), {
    message: `hook ${given.file} ended with exit code 3`,
  });
});

test('runHook() says that a hook was ended by a signal or has no interpreter', async (t) => {
  const killed = hooks(t, '#!/bin/sh\nkill -9 $$\n');
  await t.throwsAsync(runHook(killed, 'before-up', context), {
    message: /before-up could not be run: .*SIGKILL/,
  });
  const odd = hooks(t, '#!/nonexistent/shell\n');
  await t.throwsAsync(runHook(odd, 'before-up', context), {
    message: /before-up could not be run: /,
  });
});

test('runHook() refuses a hook that others can change or nobody can execute', async (t) => {
  const open = hooks(t, '#!/bin/sh\ntouch ran\n', 0o757);
  await t.throwsAsync(runHook(open, 'before-up', context), {
    message: `the hook ${open.file} is not used: ${open.file} can be changed by every account`,
  });
  t.false(existsSync(join(open.directory, 'ran')));
  const around = hooks(t, '#!/bin/sh\ntouch ran\n');
  chmodSync(around.directory, 0o777);
  await t.throwsAsync(runHook(around, 'before-up', context), {
    message: `the hook ${around.file} is not used: ${around.directory} can be changed by every account`,
  });
  const idle = hooks(t, '#!/bin/sh\n', 0o644);
  await t.throwsAsync(runHook(idle, 'before-up', context), {
    message: `hook ${idle.file} cannot be executed`,
  });
});

test('runHook() ends a hook that waits when it is told to', async (t) => {
  const given = hooks(t, '#!/bin/sh\nwhile :; do sleep 0.1; date +%s%N > alive; done\n');
  const stop = new AbortController();
  const reason = new Error('interrupted');
  const alive = join(given.directory, 'alive');
  const refused = t.throwsAsync(runHook(given, 'before-up', context, stop.signal));
  for (let tries = 0; tries < 600 && !existsSync(alive); tries++) await sleep(50);
  stop.abort(reason);
  t.is(await refused, reason);
  const last = readFileSync(alive, 'utf8');
  await sleep(400);
  t.is(readFileSync(alive, 'utf8'), last);
});
