import { lines, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

/** Owner of each of these directories that exists, as `etcd:etcd`. */
export const directoriesFact = (paths: readonly string[]): Fact<ReadonlyMap<string, string>> => ({
  ask: lines([
    sh`:`,
    ...paths.map((path) => sh`[ ! -d ${path} ] || stat -L -c '%U:%G %n' ${path}`),
  ]),
  read: ({ stdout }) =>
    new Map(
      stdout
        .split('\n')
        .filter((line) => line.includes(' '))
        .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
    ),
});
