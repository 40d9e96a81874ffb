import { DEFAULT_VERSION } from '../../etcd/versions.ts';
import type { OptionTable } from '../option-table.ts';
import { json } from '../options/json.ts';

export const initOptions = {
  file: { type: 'string', describe: 'where to write it; - is stdout, else inventory.yaml' },
  hosts: {
    type: 'string',
    describe: 'addresses with commas between, each as ADDRESS or NAME=ADDRESS',
  },
  cluster: { type: 'string', describe: 'name of the cluster' },
  user: { type: 'string', describe: 'login name on the hosts; else ~/.ssh/config, else your own' },
  protocol: {
    choices: ['https', 'http'] as const,
    default: 'https' as const,
    describe: 'for peers and clients alike',
  },
  etcd: { type: 'string', default: DEFAULT_VERSION, describe: 'version of etcd' },
  ...json,
} as const satisfies OptionTable;
