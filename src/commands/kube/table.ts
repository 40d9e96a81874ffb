import { command, family } from '../command.ts';
import { kubeFlagsOptions } from './options.ts';

const flags = command({
  usage: 'flags <inventory>',
  describe: 'Print what tells Kubernetes where its etcd is, and with which files it is asked',
  options: kubeFlagsOptions,
  example: 'kube flags inventory.yaml --form kubeadm',
  load: async () => (await import('./flags.ts')).kubeFlags,
});

/** `provision kube …` */
export const kubeCommands = family('kube', 'What Kubernetes needs of the cluster', [flags]);
