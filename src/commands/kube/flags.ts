import { join } from 'node:path/posix';
import { consumerCertificate } from '../../desired/client-certificates.ts';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import type { Consumer, Inventory } from '../../inventory/schema.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { type KubeEtcd, kubeData, kubeText } from '../../report/kube-forms.ts';
import type { ArgumentsOf } from '../command.ts';
import { servedNow } from '../etcdctl/served-now.ts';
import type { kubeFlagsOptions } from './options.ts';

/** Prints what tells Kubernetes of the cluster, in the words of whoever reads it. */
export async function kubeFlags(args: ArgumentsOf<typeof kubeFlagsOptions>): Promise<void> {
  const { form, prefix } = args;
  if (prefix !== undefined && !/^\/[!-~]+$/.test(prefix))
    throw new Failure('usage', `--prefix ${prefix} is no beginning of keys`, {
      next: [remedy`begin it with a slash, as /registry`],
    });
  const { inventory } = await readInventory(args.inventory);
  const named = args.consumer === undefined ? undefined : consumerNamed(inventory, args.consumer);
  const { protocol, endpoints } = await servedNow(args);
  const etcd: KubeEtcd = {
    endpoints,
    ...(protocol === 'https' && { files: filesOf(named ?? onlyConsumer(inventory)) }),
    ...(prefix !== undefined && { prefix }),
  };
  console.log(args.json ? JSON.stringify(kubeData(etcd)) : kubeText(form, etcd));
}

function consumerNamed({ consumers }: Inventory, name: string): Consumer {
  const found = consumers.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = consumers.map((one) => one.name).join(', ') || 'none';
  throw new Failure('usage', `the inventory has no consumer ${name}; it has: ${names}`, {
    next: [remedy`name one of them, or add it to consumers in ${INVENTORY}`],
  });
}

function onlyConsumer({ consumers }: Inventory): Consumer {
  const [first, ...others] = consumers;
  if (first === undefined)
    throw new Failure(
      'refused',
      'the inventory has no consumer, so no host of Kubernetes has a certificate',
      {
        next: [
          remedy`add the hosts of kube-apiserver to consumers in ${INVENTORY}, then ${provision('up', INVENTORY)}`,
        ],
      },
    );
  if (others.length > 0)
    throw new Failure(
      'usage',
      `the inventory has several consumers: ${consumers.map(({ name }) => name).join(', ')}`,
      {
        next: [
          remedy`say whose files are meant: ${provision('kube', 'flags', INVENTORY, '--consumer', first.name)}`,
        ],
      },
    );
  return first;
}

function filesOf(consumer: Consumer): NonNullable<KubeEtcd['files']> {
  const file = (name: string) => join(consumer.directory, name);
  const certificate = consumerCertificate(consumer);
  return {
    ca: file('ca.crt'),
    certificate: file(`${certificate}.crt`),
    key: file(`${certificate}.key`),
  };
}
