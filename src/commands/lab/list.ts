import { listLabs } from '../../lab/list.ts';

/** Prints the labs of this machine, running or not. */
export async function labListCommand({ json }: { readonly json: boolean }): Promise<void> {
  const labs = await listLabs();
  if (json) {
    console.log(JSON.stringify(labs, undefined, 2));
    return;
  }
  if (labs.length === 0) console.log('no lab here; make one with: provision lab up');
  for (const lab of labs) {
    const up = lab.hosts.filter((host) => host.running).length;
    console.log(`${lab.name}: ${up} of ${lab.hosts.length} up, ${lab.debian}, etcd ${lab.etcd}`);
    for (const host of lab.hosts)
      console.log(`  ${host.name}  ${host.address}  ${host.running ? 'up' : 'down'}`);
    console.log(`  inventory  ${lab.inventory}`);
  }
}
