import type { BinaryName } from '../binaries/binary.ts';
import { programsOf } from '../binaries/binary.ts';
import { binaryQuestion, type InstalledBinary, readBinaries } from '../binaries/question.ts';
import type { Host } from '../host/host.ts';

/** The programs of a version that each host has in a directory. Throws a Failure where a host cannot be asked. */
export async function askPrograms(
  hosts: ReadonlyMap<string, Host>,
  directory: string,
  version: string,
): Promise<ReadonlyMap<string, ReadonlyMap<BinaryName, InstalledBinary>>> {
  const asked = [...hosts].map(async ([name, host]) => {
    const { stdout } = await host.run(binaryQuestion(directory, programsOf(version)));
    return [name, readBinaries(stdout)] as const;
  });
  return new Map(await Promise.all(asked));
}
