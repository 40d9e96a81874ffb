/** The Linux architectures etcd is released for, in the words of its archives. */
export type Architecture = 'amd64' | 'arm64' | 'ppc64le' | 's390x';

interface Row {
  readonly architecture: Architecture;
  /** What `uname -m` says there. */
  readonly machine: string;
  /** `e_machine` of the ELF header (elf.h), and the byte order it is written in. */
  readonly elf: number;
  readonly littleEndian: boolean;
}

const ARCHITECTURES: readonly Row[] = [
  { architecture: 'amd64', machine: 'x86_64', elf: 62, littleEndian: true },
  { architecture: 'arm64', machine: 'aarch64', elf: 183, littleEndian: true },
  { architecture: 'ppc64le', machine: 'ppc64le', elf: 21, littleEndian: true },
  { architecture: 's390x', machine: 's390x', elf: 22, littleEndian: false },
];

/** The architecture for what `uname -m` said, or undefined where etcd has no release for it. */
export function architectureOfMachine(machine: string): Architecture | undefined {
  return ARCHITECTURES.find((row) => row.machine === machine)?.architecture;
}

/** The architecture named in the first 20 bytes of a program, or undefined for anything etcd is not built for. */
export function architectureOfElf(header: Buffer): Architecture | undefined {
  const isElf64 = header.length >= 20 && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2;
  if (!isElf64) return undefined;
  const littleEndian = header[5] === 1;
  const elf = littleEndian ? header.readUInt16LE(18) : header.readUInt16BE(18);
  return ARCHITECTURES.find((row) => row.elf === elf && row.littleEndian === littleEndian)
    ?.architecture;
}
