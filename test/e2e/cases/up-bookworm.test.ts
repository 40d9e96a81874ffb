import test from 'ava';
import { useLab } from '../lab/lab.ts';
import { extent } from './extent.ts';
import { isAtHand, upAndAgain } from './up-version.ts';

const lab = useLab({ count: 5, debian: 'bookworm' });

const cases = [
  { version: '3.5.30', protocol: 'https', members: 5 },
  { version: '3.3.25', protocol: 'http', members: 3 },
  { version: '3.4.23', protocol: 'https', members: 5 },
  { version: '3.5.16', protocol: 'http', members: 1 },
  { version: '3.6.14', protocol: 'https', members: 3 },
  { version: '3.7.1', protocol: 'http', members: 3 },
] as const;

for (const wish of extent(cases, 2)) {
  const { version, protocol, members } = wish;
  const run = isAtHand(version) ? test.serial : test.serial.skip;
  run(`up: ${members} × etcd ${version} over ${protocol} on bookworm`, upAndAgain, lab, wish);
}
