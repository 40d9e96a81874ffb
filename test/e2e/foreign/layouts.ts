import type { Layout } from './cluster.ts';
import { ansibleHttp, ansibleHttps } from './layouts/ansible.ts';
import { debian } from './layouts/debian.ts';
import { docker } from './layouts/docker.ts';
import { etcdadm } from './layouts/etcdadm.ts';
import { flags } from './layouts/flags.ts';
import { kubeadm } from './layouts/kubeadm.ts';
import { kubespray } from './layouts/kubespray.ts';
import { opt, usrLocal } from './layouts/one-directory.ts';
import { patroni } from './layouts/patroni.ts';
import { redHat } from './layouts/red-hat.ts';
import { yaml } from './layouts/yaml.ts';

/** Every way of building a cluster that units run, one row each. */
export const LAYOUTS: readonly Layout[] = [
  ansibleHttp,
  ansibleHttps,
  usrLocal,
  opt,
  debian,
  redHat,
  yaml,
  kubespray,
  etcdadm,
  flags,
  patroni,
];

/** Every way in which something else than a unit runs it. */
export const CONTAINED: readonly Layout[] = [kubeadm, docker];

/** Whose peers have certificates of etcd's own making is taken over with all stopped (`adopted-self-made.test.ts`). */
const NOT_YET = ['yaml'];

/** Those whose clusters `up` takes over. */
export const TAKEN_OVER: readonly Layout[] = LAYOUTS.filter(({ name }) => !NOT_YET.includes(name));
