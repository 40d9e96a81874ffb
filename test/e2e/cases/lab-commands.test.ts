import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { labDown } from '../../../src/lab/down.ts';
import { type Outcome, run } from '../../../src/lab/local-command.ts';
import { builtCli } from '../lab/build.ts';

const name = `c${process.pid}`;
test.after.always(() => labDown(name));

async function provision(...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, [await builtCli(), ...args], { deadline: 600 });
}

test.serial('lab up, list, ssh and down are one story', async (t) => {
  const up = await provision('lab', 'up', '1', '--name', name, '--json');
  t.is(up.exitCode, 0, up.stderr);
  const made = JSON.parse(up.stdout);
  const [host] = made.hosts;
  t.deepEqual([made.name, made.debian, made.etcd], [name, 'bookworm', '3.5.30']);

  const again = await provision('lab', 'up', '1', '--name', name, '--json');
  t.deepEqual(JSON.parse(again.stdout), made);

  const listed = JSON.parse((await provision('lab', 'list', '--json')).stdout);
  t.deepEqual(
    listed.filter((lab: { readonly name: string }) => lab.name === name),
    [
      {
        name,
        debian: 'bookworm',
        etcd: '3.5.30',
        inventory: made.inventory,
        hosts: [{ ...host, running: true }],
      },
    ],
  );

  const inside = await provision('lab', 'ssh', host.name, '--', 'hostname; exit 7');
  t.deepEqual([inside.exitCode, inside.stdout], [7, `${host.name}\n`]);

  const other = await provision('lab', 'up', '2', '--name', name);
  t.is(other.exitCode, 3);
  t.is(
    other.stderr,
    `error: the lab ${name} exists already and is 1 × bookworm with etcd 3.5.30, not 2 × bookworm with etcd 3.5.30
  next: provision lab down --name ${name}, or choose another --name
`,
  );

  const down = await provision('lab', 'down', '--name', name);
  t.deepEqual([down.exitCode, down.stdout], [0, `lab ${name}: ended, nothing is left of it\n`]);
  const gone = await provision('lab', 'down', '--name', name);
  t.deepEqual([gone.exitCode, gone.stdout], [0, `no lab is called ${name}\n`]);
});

test.serial('lab ssh to a host that is not there names the mistake', async (t) => {
  const { exitCode, stderr } = await provision('lab', 'ssh', 'nobody-1');
  t.is(exitCode, 2);
  t.regex(stderr, /^error: no lab has a host called "nobody-1"\n {2}next: /);
});

test.serial('whyNoLab() says in a sentence that root is missing', async (t) => {
  const module = JSON.stringify(new URL('../../../src/lab/preflight.ts', import.meta.url).href);
  // As root while it loads, for the files may be root's.
  const script = `const { whyNoLab } = await import(${module});
process.setuid(65534);
console.log(await whyNoLab());`;
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.is(await text(child.stdout), 'lab hosts need root: they are systemd in namespaces\n');
});
