import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import { matchesWildcard } from './wildcard.ts';

// What ssh itself allows.
const DEEPEST_INCLUDE = 16;

/** The text of an ssh_config(5) with its includes in place; empty for no file. Throws a Failure for one not to be trusted. */
export async function readConfigText(file: string, depth = 0): Promise<string> {
  if (depth > DEEPEST_INCLUDE) {
    throw new Failure('usage', `${file}: included more than ${DEEPEST_INCLUDE} levels deep`, {
      next: [remedy`does it include itself? Take one Include out`],
    });
  }
  // An include may open sections of its own, so the heading it stands under is said again after it.
  let heading = 'Host *';
  const lines: string[] = [];
  for (const line of (await readTrusted(file)).split(/\r?\n/)) {
    const [, keyword = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    if (/^(host|match)$/i.test(keyword)) heading = line;

    if (/^include$/i.test(keyword)) {
      for (const path of await included(value)) lines.push(await readConfigText(path, depth + 1));
      lines.push(heading);
    } else if (!/^canonical/i.test(keyword)) {
      // The parser would run nslookup for canonical names; provision runs nothing it was not told to.
      lines.push(line);
    }
  }
  return lines.join('\n');
}

async function readTrusted(file: string): Promise<string> {
  try {
    const { mode, uid } = await stat(file);
    const isOurs = uid === 0 || uid === process.getuid?.();
    if (isOurs && (mode & 0o022) === 0) return await readFile(file, 'utf8');
  } catch (cause) {
    // No file says nothing; so does an include that matches nothing.
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
    throw new Failure('usage', `cannot read ${file}`, {
      cause,
      next: [remedy`see who owns it: ls -l ${quote(file)}`],
    });
  }
  throw new Failure('usage', `${file} can be changed by others, so it is not to be trusted`, {
    next: [remedy`chown "$USER" ${quote(file)} && chmod go-w ${quote(file)}`],
  });
}

async function included(value: string): Promise<readonly string[]> {
  const words = value.match(/"[^"]*"|\S+/g) ?? [];
  const paths = words.map((word) => {
    const path = word.replaceAll('"', '').replace(/^~(?=\/)/, homedir());
    return resolve(homedir(), '.ssh', path);
  });
  return (await Promise.all(paths.map(glob))).flat();
}

async function glob(path: string): Promise<readonly string[]> {
  if (!/[*?]/.test(basename(path))) return [path];
  try {
    const names = await readdir(dirname(path));
    const visible = names.filter(
      (name) => !name.startsWith('.') && matchesWildcard(basename(path), name),
    );
    return visible.sort().map((name) => join(dirname(path), name));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new Failure('usage', `cannot list ${dirname(path)}`, {
      cause,
      next: [remedy`see who owns it: ls -ld ${quote(dirname(path))}`],
    });
  }
}
