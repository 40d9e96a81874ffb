import { KUBE_FORMS } from '../../report/kube-forms.ts';
import type { OptionTable } from '../option-table.ts';
import { lookOptions } from '../options/look.ts';

export const kubeFlagsOptions = {
  ...lookOptions,
  consumer: {
    type: 'string',
    describe: 'whose files are meant, by its name in the inventory; the only one unless told',
  },
  form: {
    type: 'string',
    choices: KUBE_FORMS,
    default: 'flags',
    describe:
      "whose configuration it is for: kube-apiserver's flags, a file of kubeadm, k3s or k0s",
  },
  prefix: {
    type: 'string',
    describe: "of this Kubernetes' keys in etcd; /registry unless told, as kube-apiserver has it",
  },
} as const satisfies OptionTable;
