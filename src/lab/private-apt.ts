import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './local-command.ts';
import { debianMirror } from './mirror.ts';
import { labHome } from './paths.ts';

/** A package as a suite offers it. */
export interface Offer {
  readonly package: string;
  readonly version: string;
}

/** An apt of our own: it knows only the suites it was made for, and this machine's apt knows nothing of it. */
export interface PrivateApt {
  offers(packages: readonly string[]): Promise<readonly Offer[]>;
  /** Downloads and unpacks; the files lie as they would below /. */
  unpack(packages: readonly Offer[], directory: string): Promise<void>;
  /** Downloads only; returns the paths of the .deb files. */
  download(packages: readonly Offer[]): Promise<readonly string[]>;
}

/** Calls the work with an apt that knows these Debian suites; its lists and downloads are deleted afterwards. */
export async function withPrivateApt<T>(
  suites: readonly string[],
  work: (apt: PrivateApt) => Promise<T>,
): Promise<T> {
  const home = labHome();
  await mkdir(home, { recursive: true });
  const directory = await mkdtemp(join(home, 'apt-'));
  try {
    return await work(await openApt(directory, suites));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function openApt(directory: string, suites: readonly string[]): Promise<PrivateApt> {
  const inside = (name: string) => join(directory, name);
  const mirror = await debianMirror();
  const sources = suites.map((suite) => `deb ${mirror} ${suite} main\n`).join('');
  await writeFile(inside('sources.list'), sources);
  for (const needed of ['lists/partial', 'cache/archives/partial', 'debs'])
    await mkdir(inside(needed), { recursive: true });
  const options = [
    `-oDir::State::Lists=${inside('lists')}`,
    `-oDir::Cache=${inside('cache')}`,
    `-oDir::Etc::SourceList=${inside('sources.list')}`,
    ...['-oDir::Etc::SourceParts=/dev/null', '-oDir::Etc::Preferences=/dev/null'],
    ...['-oDir::Etc::PreferencesParts=/dev/null', '-oAcquire::Languages=none'],
    // sid's lists expire after a week: on a mirror that stands still they are signed all the same.
    '-oAcquire::Check-Valid-Until=false',
    ...['-oAcquire::IndexTargets::deb::DEP-11::DefaultEnabled=false', '-oAPT::Sandbox::User=root'],
  ];
  const slow = { cwd: inside('debs'), deadline: 600 };
  await must(
    `read the package lists of ${suites.join(', ')}`,
    'apt-get',
    [...options, 'update'],
    slow,
  );

  const download: PrivateApt['download'] = async (packages) => {
    const wanted = packages.map((offer) => `${offer.package}=${offer.version}`);
    const args = [...options, 'download', ...wanted];
    await must(`download ${wanted.join(', ')}`, 'apt-get', args, slow);
    return (await readdir(inside('debs'))).map((file) => join(inside('debs'), file));
  };

  return {
    async offers(packages) {
      const args = [...options, 'madison', ...packages];
      return readMadison(await must('list versions', 'apt-cache', args));
    },
    download,
    async unpack(packages, target) {
      for (const deb of await download(packages))
        await must(`unpack ${deb}`, 'dpkg-deb', ['--extract', deb, target]);
    },
  };
}

/** Reads what `apt-cache madison` prints: `package | version | source`, a line each. */
export function readMadison(text: string): readonly Offer[] {
  return text.split('\n').flatMap((line) => {
    const [name, version, source] = line.split('|').map((field) => field.trim());
    return name && version && source?.includes('Packages') ? [{ package: name, version }] : [];
  });
}
