import test from 'ava';
import { commandLine } from '../../../src/adopt/systemd/command-line.ts';
import { readEnvironmentFile } from '../../../src/adopt/systemd/environment-file.ts';
import { withSpecifiers } from '../../../src/adopt/systemd/specifiers.ts';
import { directivesOf } from '../../../src/adopt/systemd/unit-file.ts';
import { unitWords } from '../../../src/adopt/systemd/words.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';

const lab = useLab({ count: 1 });

/** What systemd itself is to say of each: the reader must say the same. */
const FILES: Readonly<Record<string, string>> = {
  'blanks around the sign': 'A   =  "http://1"\nB =2  \n\tC\t=\t3\nD=  4  5  \n',
  'comments of both kinds': '; A=1\n# B=2\n  ; C=3\nD=4\nE=5 # not a comment\nF=6 ;7\n',
  'a comment that ends with a backslash': '# A=1 \\\nB=2\n; C=3\\\nD=4\n',
  'lines that go on': 'A="one,\\\ntwo"\nB=one,\\\n  two\nC=\'one\\\ntwo\'\nD=a\\\n',
  quotes: `A='single "x"'\nB="double 'x'"\nC=a"b"c\nD="a"b\nE="a" "b"\nF='a'"b"\nG=""\nH=\n`,
  escapes: 'A=a\\b\nB="a\\b\\"c\\\\d\\$e\\`f"\nC=\'a\\b\'\nD=\\ x\nE="x\\n"\nF=a\\\\\n',
  'the later wins': 'A=1\nB=2\nA=3\nB=\n',
  'no names': 'export A=1\n1B=2\nC-D=3\n E=4\nF\nG=5\n=6\nH.I=7\n',
  'quotes over lines': 'A="one\ntwo"\nB=3\nC=\'one\n\ntwo\'\n',
  'an open quote': 'A=1\nB="open\nC=3\n',
  'no end of the last line': 'A=1\nB=2',
  'carriage returns': 'A=1\r\nB="2"\r\nC=3 \r\n',
  'blanks behind': 'A=1 \\\n 2  \nB="x"   \nC="x" y  \nD=\\  \nE= a\\ \n',
  dollars: `A=$B\nB="\${A}"\nC=%H\nD=$(hostname)\n`,
};

const ENVIRONMENT = `ONE='first second'\nTWO="it's" \nQ="a 'b c' d\\\\e"\nEMPTY=\nURL=https://a,https://b\n`;

/** Values of ExecStart= and Environment= in one unit. */
const COMMANDS: readonly string[] = [
  '/x/say --a="b c" \'d e\' f"g"h --i=\'j\'"k"',
  `/x/say $ONE \${ONE} --one=\${ONE} --one=$ONE $EMPTY \${EMPTY} "$ONE" "\${TWO}"`,
  `/x/say $TWO $Q \${Q} $NONE \${NONE} $$ONE $\${ONE} a$$b $ \${ONE`,
  `/x/say \\\n  --name \${ONE} \\\n  # a comment within\n  ; another\n  --url "\${URL}" \\\n  --last`,
  '/x/say %H %p %n %i %I %N %% %j --at=%H.%p',
  '/x/say a\\x20b "a\\tb" \\"q\\" \'a\\\\b\' \\q "\\q" \\s x\\\\y',
  '-/x/say --with -prefix',
  '/x/say "" \'\' --empty="" end',
  `/x/say "--name=\\"\${ONE}\\"" "x \\"\${URL}\\" y"`,
];

const ENVIRONMENTS: readonly string[] = [
  'A=1 "B=two words" C=\'x\' "D=a\\tb" E="quoted"',
  'A=%H B=%i C=%% "D=%p x"',
  "A='$B' B=$A C=a=b",
];

const SAY = `#!/bin/sh
base64 -w 0 < /proc/$$/cmdline > /run/said/$SAY_TO.words
base64 -w 0 < /proc/$$/environ > /run/said/$SAY_TO.environ
`;

const UNIT = 'say-it@one-two.service';

/** What a program is really given by this unit. */
async function given(host: LabHost, unit: string, files: Readonly<Record<string, string>> = {}) {
  await doInside(host, sh`mkdir -p /x /run/said && cat > /x/say && chmod 755 /x/say`, SAY);
  for (const [path, text] of Object.entries(files)) await doInside(host, sh`cat > ${path}`, text);
  await doInside(
    host,
    sh`cat > ${'/etc/systemd/system/say-it@.service'} && systemctl daemon-reload`,
    unit,
  );
  await doInside(host, sh`rm -f /run/said/*; systemctl start ${UNIT}`);
  const { stdout } = await inside(host, sh`cat /run/said/it.words; echo; cat /run/said/it.environ`);
  const [words, variables] = stdout
    .split('\n')
    .map((text) => Buffer.from(text, 'base64').toString().split('\0').slice(0, -1));
  return {
    // A script begins with its interpreter and its own path.
    words: words?.slice(2) ?? [],
    variables: new Map(
      (variables ?? []).map(
        (one) => [one.split('=', 1)[0] ?? '', one.slice(one.indexOf('=') + 1)] as const,
      ),
    ),
  };
}

async function version(host: LabHost): Promise<number> {
  return Number(/\d+/.exec((await inside(host, sh`systemctl --version`)).stdout)?.[0]);
}

test.serial('readEnvironmentFile() reads each file as systemd does', async (t) => {
  const host = hostAt(lab.current, 0);
  const systemd = await version(host);
  for (const [title, text] of Object.entries(FILES)) {
    const { variables } = await given(
      host,
      '[Service]\nType=oneshot\nEnvironmentFile=/x/file\nEnvironment=SAY_TO=it\nExecStart=/x/say\n',
      { '/x/file': text },
    );
    const said = [...variables].filter(([name]) => /^[A-Z]$/.test(name));
    const read = readEnvironmentFile(text, systemd).assignments;
    t.deepEqual(
      Object.fromEntries(read.map(({ name, value }) => [name, value])),
      Object.fromEntries(said),
      title,
    );
  }
});

test.serial('commandLine() gives the words that systemd gives', async (t) => {
  const host = hostAt(lab.current, 0);
  const systemd = await version(host);
  const variables = new Map(
    readEnvironmentFile(ENVIRONMENT, systemd).assignments.map(({ name, value }) => [name, value]),
  );
  const hostName = (await inside(host, sh`hostname`)).stdout.trim();
  const specifiers = { unit: UNIT, hostName, machineId: '', fragment: '' };
  for (const command of COMMANDS) {
    const unit = `[Service]\nType=oneshot\nEnvironment=SAY_TO=it\nEnvironmentFile=/x/file\nExecStart=${command}\n`;
    const { words } = await given(host, unit, { '/x/file': ENVIRONMENT });
    const [read] = directivesOf([{ path: 'say.service', text: unit }]).filter(
      ({ key }) => key === 'ExecStart',
    );
    const [, ...args] = commandLine(withSpecifiers(read?.value ?? '', specifiers), variables);
    t.deepEqual(args, words, command);
  }
});

test.serial('unitWords() gives the variables of Environment= that systemd gives', async (t) => {
  const host = hostAt(lab.current, 0);
  const hostName = (await inside(host, sh`hostname`)).stdout.trim();
  const specifiers = { unit: UNIT, hostName, machineId: '', fragment: '' };
  for (const value of ENVIRONMENTS) {
    const unit = `[Service]\nType=oneshot\nEnvironment=${value}\nEnvironment=SAY_TO=it\nExecStart=/x/say\n`;
    const { variables } = await given(host, unit);
    const said = [...variables]
      .filter(([name]) => /^[A-Z]$/.test(name))
      .map(([name, text]) => `${name}=${text}`);
    t.deepEqual(
      unitWords(value)
        .map((one) => withSpecifiers(one, specifiers))
        .sort(),
      said.sort(),
      value,
    );
  }
});

test.serial('directivesOf() applies drop-ins as systemd does', async (t) => {
  const host = hostAt(lab.current, 0);
  const unit = `[Service]\nType=oneshot\nEnvironment=SAY_TO=it A=1 B=1\nExecStart=/x/say unit\n`;
  const first = `[Service]\nExecStart=\nExecStart=/x/say first\nEnvironment=A=2\n`;
  const second = `[Service]\nEnvironment=\nEnvironment=SAY_TO=it C=3\n`;
  const directory = '/etc/systemd/system/say-it@.service.d';
  await doInside(host, sh`mkdir -p ${directory}`);
  const dropIns = { [`${directory}/10-a.conf`]: first, [`${directory}/20-b.conf`]: second };
  const { words, variables } = await given(host, unit, dropIns);
  await doInside(host, sh`rm -r ${directory}`);
  const files = Object.entries({ 'say-it@.service': unit, ...dropIns });
  const found = directivesOf(files.map(([path, text]) => ({ path, text })));
  const values = (key: string) => found.filter((one) => one.key === key).map(({ value }) => value);
  t.deepEqual(
    values('ExecStart').map((one) => commandLine(one, new Map()).slice(1)),
    [words],
  );
  t.deepEqual(
    values('Environment').flatMap(unitWords).sort(),
    [...variables]
      .filter(([name]) => /^([A-Z]|SAY_TO)$/.test(name))
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
  );
});
