// npm run demo: three real hosts on this machine, an etcd cluster on them, a look at it.
import { spawnSync } from 'node:child_process';
import { build, install, root, whyNoLab, whyNotThisNode } from './prepare.mjs';

const INVENTORY = 'inventories/lab.yaml';

const obstacle = whyNotThisNode() ?? whyNoLab();
if (obstacle !== undefined) {
  console.error(`The demo cannot run here: ${obstacle}.`);
  process.exit(1);
}
if (!install()) stop('npm ci failed');
if (!build()) stop('the build failed');

provision('lab', 'up');
provision('up', INVENTORY, '--yes');
provision('etcdctl', INVENTORY, '--', 'put', 'greeting', 'hello from the demo');
provision('etcdctl', INVENTORY, '--', 'get', 'greeting');
provision('status', INVENTORY);

console.log(`
The cluster runs on. To look at it:
  node dist/cli.js status ${INVENTORY} --watch
  node dist/cli.js etcdctl ${INVENTORY} -- member list
  node dist/cli.js lab ssh lab1
To end it, with its hosts and all their data:
  node dist/cli.js lab down`);

function provision(...args) {
  console.log(`\n$ provision ${args.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg)).join(' ')}`);
  const command = [`${root}dist/cli.js`, ...args];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) stop(`provision ${args[0]} ended with ${status}`);
}

function stop(sentence) {
  console.error(`The demo stopped: ${sentence}.`);
  process.exit(1);
}
