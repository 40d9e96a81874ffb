import { writeFileSync } from 'node:fs';

// Preloaded into the program that is measured. maxRSS is in KiB.
process.on('exit', () => {
  writeFileSync(process.env.PROVISION_BENCH_PEAK, String(process.resourceUsage().maxRSS));
});
