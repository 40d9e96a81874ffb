import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { pathsOf } from '../pki/store/store.ts';
import { untoldConsumers } from '../plan/consumers.ts';
import { stepsOf } from '../plan/lane.ts';
import type { Plan } from '../plan/plan.ts';
import type { Report } from './report.ts';

/** What people have to do after certificates changed: fetch new ones from the store, start what does not run. */
export function afterCertificates(
  plan: Plan,
  desired: DesiredCluster,
  facts: ClusterFacts,
  store: string,
): Report {
  const steps = plan.waves.flatMap(({ lanes }) => stepsOf(lanes));
  const fetch = steps.flatMap((step) => {
    if (step.kind !== 'issue-certificate') return [];
    const { id, member, consumer, row } = step.certificate;
    if (member !== undefined || consumer !== undefined || row === 'admin') return [];
    const { certificate, key } = pathsOf(store, id);
    return [{ name: id, certificate, key }];
  });
  const touched = new Set(
    steps.flatMap((step) => (step.kind === 'install-consumer' ? [step.consumer.name] : [])),
  );
  const consumers = desired.consumers.filter(({ name }) => touched.has(name));
  const untold = untoldConsumers({ consumers }, facts);
  const lines = [
    ...fetch.map(
      ({ name, certificate, key }) =>
        `new for the users of ${name}: fetch ${certificate} and ${key}`,
    ),
    ...untold,
  ];
  return {
    lines,
    data: { ...(fetch.length > 0 && { fetch }), ...(untold.length > 0 && { untold }) },
  };
}
