import type { Layout } from './cluster.ts';
import { ansibleHttp, ansibleHttps } from './layouts/ansible.ts';
import { debian } from './layouts/debian.ts';
import { kubespray } from './layouts/kubespray.ts';

/** Every way of building a cluster that tests know, one row each. */
export const LAYOUTS: readonly Layout[] = [ansibleHttp, ansibleHttps, kubespray, debian];
