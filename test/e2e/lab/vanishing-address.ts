import { currentRecord, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { doInside } from './sabotage.ts';

/** An address nobody has (RFC 5737). */
const ADDRESS = '192.0.2.1';

/** A setting that etcd can start with as long as its host has the address. */
export const THERE_FOR_NOW = { 'listen-metrics-urls': `http://${ADDRESS}:9999` };

/** Gives hosts an address that a plan then counts on. */
export async function lendAddress(hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) await doInside(host, sh`ip address replace ${`${ADDRESS}/32`} dev lo`);
}

/** A hook that takes the address away once the plan was made: etcd, told to listen there, cannot start. */
export async function vanishes(hosts: readonly LabHost[]): Promise<string> {
  const records = await Promise.all(hosts.map((host) => currentRecord(host)));
  const lines = records.map(
    ({ host }) => `ip -n ${host.netns} address delete ${ADDRESS}/32 dev lo`,
  );
  return ['#!/bin/sh', ...lines, ''].join('\n');
}
