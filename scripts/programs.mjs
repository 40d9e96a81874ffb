// node scripts/programs.mjs VERSION…: has etcd's programs at hand, one version after another; what cannot be had is said.
import { ensureEtcd } from '../build/lab/etcd.js';

for (const version of process.argv.slice(2)) {
  const began = Date.now();
  try {
    await ensureEtcd(version, (line) => console.log(`etcd ${version}: ${line}`));
    console.log(`etcd ${version}: at hand (${Math.round((Date.now() - began) / 1000)} s)`);
  } catch (error) {
    console.log(`etcd ${version}: ${error.message}`);
    process.exitCode = 1;
  }
}
