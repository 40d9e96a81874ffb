import test from 'ava';
import { useLab } from '../lab/lab.ts';
import { extent } from './extent.ts';
import { isAtHand, upAndAgain } from './up-version.ts';

const lab = useLab({ count: 3, debian: 'trixie' });

const cases = [
  { version: '3.4.23', protocol: 'https', members: 3 },
  { version: '3.3.25', protocol: 'https', members: 1 },
  { version: '3.5.16', protocol: 'https', members: 3 },
  { version: '3.5.30', protocol: 'http', members: 3 },
  { version: '3.7.1', protocol: 'https', members: 3 },
] as const;

for (const wish of extent(cases, 1)) {
  const { version, protocol, members } = wish;
  const run = isAtHand(version) ? test.serial : test.serial.skip;
  run(`up: ${members} × etcd ${version} over ${protocol} on trixie`, upAndAgain, lab, wish);
}
