import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Argv, CommandModule } from 'yargs';
import { parserOf } from '../../src/commands/parser.ts';
import { commands } from '../../src/commands/table.ts';
import { Failure } from '../../src/failure/failure.ts';

const directory = fileURLToPath(new URL('../../src/commands', import.meta.url));

/** Options that a way of the command does not read: refused, and none of them passed over. */
const UNREAD: readonly (readonly [words: string, refused: string])[] = [
  [
    'etcdctl x.yaml --force -- member list',
    '--force is only read where a member is taken out of the list',
  ],
  ['up x.yaml --yes-wipe c', '--yes-wipe is only read with --wipe'],
  ...[
    'up --pause-after first',
    'up --limit a',
    'plan --limit a',
    'up --remove a',
    'plan --remove a',
  ].map(
    (words) =>
      [
        `${words} x.yaml --wipe`,
        `${words.split(' ')[1]} is only read without --wipe, by which all members stop and start together`,
      ] as const,
  ),
  ...['up', 'plan'].flatMap((command) =>
    ['--wipe', '--remove b'].map(
      (other) =>
        [
          `${command} --without a x.yaml ${other}`,
          '--without is only read without --wipe and without --remove, which concern all members',
        ] as const,
    ),
  ),
  [
    'certs rotate x.yaml --member a --without b',
    '--without is only read without --member, which touches no other',
  ],
  ...['--pause-after each', '--limit a,b'].flatMap(
    (words) =>
      [
        [
          `migrate x.yaml --to https --via snapshot ${words}`,
          `${words.split(' ')[0]} is only read with --via live`,
        ],
        [
          `certs rotate x.yaml --member a ${words}`,
          `${words.split(' ')[0]} is only read without --member, which touches no other`,
        ],
      ] as const,
  ),
  ['down x.yaml --yes-purge c', '--yes-purge is only read with --purge'],
  ['migrate x.yaml --to https --yes-wipe c', '--yes-wipe is only read with --via wipe'],
  ['migrate x.yaml --to https --via snapshot --finish', '--finish is only read with --via live'],
  ['migrate x.yaml --to https --via wipe --no-snapshot', '--snapshot is only read with --via live'],
  [
    'migrate x.yaml --to https --via wipe --window-port 9',
    '--window-port is only read with --via live',
  ],
  [
    'migrate x.yaml --to https --finish --advertise',
    '--advertise is only read with --via live and without --finish, which does it too',
  ],
  [
    'migrate x.yaml --to https --clients-may-be-cut 10.0.0.9',
    '--clients-may-be-cut is only read with --finish',
  ],
  ['maintain compact x.yaml --revision 9 --keep 5', '--keep is only read without --revision'],
  ...['--every 1w', '--when free>1GB'].map(
    (given) =>
      [
        `maintain schedule x.yaml --remove ${given}`,
        `${given.split(' ')[0]} is only read without --remove, which ends the schedule`,
      ] as const,
  ),
  ['maintain alarms x.yaml -y', '--yes is only read with --disarm, which changes something'],
  [
    'maintain alarms x.yaml --lock-wait 9',
    '--lock-wait is only read with --disarm, which changes something',
  ],
  ['migrate x.yaml --to https --via wipe --window 9', '--window is only read with --via live'],
  [
    'migrate x.yaml --to https --accept-plaintext',
    '--accept-plaintext is only read with --to http',
  ],
  [
    'certs init-ca x.yaml --request ca.json',
    '--request is only read without an inventory, for files as cfssl makes them',
  ],
  [
    'certs init-ca x.yaml --out d',
    '--out is only read without an inventory, for files as cfssl makes them',
  ],
  [
    'certs init-ca x.yaml --name ca',
    '--name is only read without an inventory, for files as cfssl makes them',
  ],
  [
    'certs init-ca x.yaml --overwrite',
    '--overwrite is only read without an inventory, for files as cfssl makes them',
  ],
  [
    'certs init-ca --request a --encrypt',
    '--encrypt is only read with an inventory, whose store gets the CA',
  ],
  [
    'certs init-ca --request a --bring b',
    '--bring is only read with an inventory, whose store gets the CA',
  ],
  ['certs init-ca x.yaml --bring-key b', '--bring-key is only read with --bring'],
  [
    'certs init-ca --request a --bring-peer b',
    '--bring-peer is only read with an inventory, whose store gets the CA',
  ],
  ['certs init-ca x.yaml --bring-peer-key b', '--bring-peer-key is only read with --bring-peer'],
  ...['--consumers-ready', '--finish', '--accept 10.0.0.1', '--window 5'].flatMap((words) =>
    ['--peer', '--split'].map(
      (way) =>
        [
          `certs rotate-ca x.yaml ${way} ${words}`,
          `${words.split(' ')[0]} is only read without --peer and --split, which involve no client`,
        ] as const,
    ),
  ),
  ...['--finish', '--peer', '--split'].map(
    (words) =>
      [
        `certs rotate-ca x.yaml --abort ${words}`,
        '--abort is only read without --finish, --peer and --split',
      ] as const,
  ),
  ['certs rotate-ca x.yaml --again', '--again is only read with --peer'],
  ['certs rotate-ca x.yaml --split --again', '--again is only read with --peer'],
  [
    'certs init-ca x.yaml --passphrase-from ask',
    '--passphrase-from is only read with --encrypt, --bring-key or --bring-peer-key',
  ],
  ...['cn', 'org', 'host', 'service', 'expiry', 'csr', 'format'].map(
    (name) =>
      [
        `certs issue --ca c --ca-key k --request r --config c --${name} a.b`,
        `--${name} is only read without --request, which says that itself`,
      ] as const,
  ),
  [
    'certs issue x.yaml --csr r --key rsa-2048',
    '--key is only read where a key is made, without --request and --csr',
  ],
  [
    'certs issue x.yaml --cn a --p12-passphrase-from ask',
    '--p12-passphrase-from is only read with --format p12',
  ],
  ['certs issue x.yaml --cn a --ca-key k', '--ca-key is only read with --ca'],
  ['certs issue x.yaml --cn a --config c', '--config is only read with --request'],
  ...['--serial aa', '--file f', '--id admin', '--reason superseded'].map(
    (given) =>
      [
        `certs revoke x.yaml --renew ${given}`,
        `${given.split(' ')[0]} is only read without --renew, which revokes nothing`,
      ] as const,
  ),
  ['snapshot save x.yaml --passphrase-from ask', '--passphrase-from is only read with --encrypt'],
  [
    'snapshot save x.yaml --encrypt --recipient age1x',
    '--encrypt is only read without --recipient, whose key encrypts it',
  ],
  ...['--every 1h', '--keep-last 3', '--keep-daily 3', '--keep-within 7d'].map(
    (given) =>
      [
        `snapshot schedule x.yaml --remove ${given}`,
        `${given.split(' ')[0]} is only read without --remove, which ends the schedule`,
      ] as const,
  ),
  ...['--foreign', '--skip-hash-check', '--identity i'].map(
    (given) =>
      [
        `restore x.yaml --from-member a ${given}`,
        `${given.split(' ')[0]} is only read with --from`,
      ] as const,
  ),
  ...['--kubernetes', '--passphrase-from ask'].map(
    (given) =>
      [
        `restore x.yaml --undo ${given}`,
        `${given.split(' ')[0]} is only read with --from or --from-member`,
      ] as const,
  ),
  ...[
    ...['--out x', '--cluster x', '--unit x', '--ssh-user x', '--identity x', '--become sudo'],
    ...[
      '--become-password ask',
      '--jump x',
      '--known-hosts x',
      '--accept-new',
      '--ca-key x',
      '--layout keep',
      '--ssh-passphrase ask',
      '--ssh-password ask',
    ],
    ...['--ca-key-from x', '--peer-ca-key x', '--peer-ca-key-from x', '--passphrase-from ask'],
  ].map(
    (given) =>
      [
        `adopt --undo x.yaml ${given}`,
        `${given.split(' ')[0]} is only read without --undo, which goes by the inventory`,
      ] as const,
  ),
  ...['--client-cert x', '--client-key x'].map(
    (given) =>
      [
        `adopt host --ca-key x ${given}`,
        `${given.split(' ')[0]} is only read where no key of the CA is brought`,
      ] as const,
  ),
  ...['--allow-downtime', '--yes', '--timeout 5', '--lock-wait 5'].map(
    (given) => [`adopt host ${given}`, `${given.split(' ')[0]} is only read with --undo`] as const,
  ),
  ['lab down --all --name x', '--name is only read without --all'],
];

for (const [words, sentence] of UNREAD)
  test(`provision ${words}: is refused`, async (t) => {
    const error = await t.throwsAsync(async () => parserOf(words.split(' ')).parseAsync());
    t.true(error instanceof Failure && error.reason === 'usage', String(error));
    t.is(error?.message, sentence);
  });

test('every option that is read in some ways only is tried above', (t) => {
  const tried = new Set(UNREAD.map(([words, refused]) => `${verbs(words)} ${firstOf(refused)}`));
  const conditional = leaves().flatMap(({ name, options }) =>
    [...options].flatMap(([option, { only }]) =>
      only === undefined ? [] : [`${name} --${option}`],
    ),
  );
  t.deepEqual(
    conditional.filter((one) => !tried.has(one)),
    [],
  );
});

// What a handler and the files behind it never name, they cannot read.
test('every option of every command is named by the code behind it', async (t) => {
  const silent: string[] = [];
  for (const { name, options } of leaves()) {
    const code = await codeBehind(await fileOf(name));
    for (const option of options.keys()) {
      const camel = option.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (!new RegExp(`\\b${camel}\\b`).test(code)) silent.push(`${name} --${option}`);
    }
  }
  t.deepEqual(silent, []);
});

test('every command that asks takes -y', async (t) => {
  const found = await Promise.all(
    leaves().map(async ({ name, options }) => {
      const code = await codeBehind(await fileOf(name));
      const asks = /\b(agreed|typedPhrase)\(/.test(code.replaceAll(/export async function.*/g, ''));
      return { name, asks, yes: options.has('yes') };
    }),
  );
  t.deepEqual(
    found.filter(({ asks, yes }) => asks !== yes),
    [],
  );
  t.deepEqual(
    found.filter(({ asks }) => asks).map(({ name }) => name),
    ASKING,
  );
});

const ASKING = [
  'adopt',
  ...['up', 'down', 'migrate', 'member move-leader', 'member promote'],
  ...['member remove-stranger', 'member replace', 'reboot'],
  ...['maintain defrag', 'maintain compact', 'maintain alarms', 'maintain space'],
  'maintain schedule',
  ...['certs rotate', 'certs rotate-ca', 'certs revoke'],
  ...['snapshot schedule', 'snapshot prune', 'restore', 'lock release'],
];

interface Leaf {
  readonly name: string;
  readonly options: ReadonlyMap<string, { readonly only?: unknown }>;
}

/** Every command that does something, with its options as yargs is told them. */
function leaves(): readonly Leaf[] {
  return commands.flatMap((module) => {
    const { verbs, options } = built(module);
    const name = String(module.command).split(' ')[0] ?? '';
    if (verbs.length === 0) return [{ name, options }];
    return verbs.map((verb) => ({
      name: `${name} ${String(verb.command).split(' ')[0]}`,
      options: built(verb).options,
    }));
  });
}

function built({ builder }: CommandModule) {
  const verbs: CommandModule[] = [];
  const options = new Map<string, { readonly only?: unknown }>();
  const recorder: Argv = new Proxy(parserOf([]), {
    get:
      (_target, method) =>
      (...given: readonly unknown[]) => {
        if (method === 'command') verbs.push(given[0] as CommandModule);
        if (method === 'option' || method === 'positional')
          options.set(String(given[0]), given[1] as { readonly only?: unknown });
        return recorder;
      },
  });
  if (typeof builder === 'function') builder(recorder);
  return { verbs, options };
}

/** Where a command is told: `certs list` in certs/list.ts, `up` in up/up.ts or, alone, in up.ts. */
async function fileOf(name: string): Promise<string> {
  const files = await readdir(directory, { recursive: true });
  const file = [`${name.replace(' ', '/')}.ts`, `${name}/${name}.ts`].find((one) =>
    files.includes(one),
  );
  if (file === undefined) throw new Error(`no file for ${name}`);
  return join(directory, file);
}

/** The text of a file and of all that it imports, but not of the tables of options. */
async function codeBehind(file: string, seen = new Set<string>()): Promise<string> {
  if (seen.has(file) || /(options|table)\.ts$/.test(file)) return '';
  seen.add(file);
  const text = await readFile(file, 'utf8');
  const imports = [...text.matchAll(/(?:from |import\()'(\.{1,2}\/[^']+\.ts)'/g)];
  const behind = await Promise.all(
    imports.map(([, target = '']) => codeBehind(join(dirname(file), target), seen)),
  );
  return [text, ...behind].join('\n');
}

function verbs(words: string): string {
  const [first = '', second = ''] = words.split(' ');
  return ['certs', 'snapshot', 'maintain', 'lab'].includes(first) ? `${first} ${second}` : first;
}

function firstOf(refused: string): string {
  return refused.split(' ')[0] ?? '';
}
