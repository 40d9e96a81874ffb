import type { LabHost } from '../../../src/lab/host.ts';
import type { Endpoint } from '../observer/kv-client.ts';

/** Three files of one listener, as paths on its host. */
export interface ForeignTls {
  /** None where the listener trusts everybody. */
  readonly ca?: string;
  readonly cert: string;
  readonly key: string;
}

/** One member of a cluster that somebody else built, as its host has it. */
export interface ForeignMember {
  readonly host: LabHost;
  /** As the member list has it. */
  readonly name: string;
  /** None where no unit runs it. */
  readonly unit?: string;
  /** What makes it what it is, in the order in which it is read. */
  readonly files: readonly string[];
  readonly program: string;
  readonly account: string;
  readonly data: string;
  /** Where the log lies outside the data directory. */
  readonly wal?: string;
  /** As the member list has them. */
  readonly peerUrl: string;
  readonly clientUrls: readonly string[];
  readonly client?: ForeignTls;
  readonly peer?: ForeignTls;
}

/** A cluster that somebody else built. */
export interface ForeignCluster {
  /** How its owner tells it from another one on the same hosts. */
  readonly name: string;
  /** Of the programs. */
  readonly version: string;
  readonly token: string;
  readonly members: readonly ForeignMember[];
  /** How its owner's clients reach each member, in order; the files are on this machine. */
  readonly clients: readonly Endpoint[];
  /** Its owner's CA, on this machine. */
  readonly ca?: { readonly certificate: string; readonly key: string };
}

/** What a layout is built on. */
export interface Site {
  /** Bare hosts of a lab. */
  readonly hosts: readonly LabHost[];
  /** Where its owner keeps CA and certificates, on this machine. */
  readonly directory: string;
}

/** A way in which people out there build clusters. */
export interface Layout {
  readonly name: string;
  /** Which users have it. */
  readonly whose: string;
  /** Builds and starts what its users have; resolves when every member serves. */
  build(site: Site): Promise<readonly ForeignCluster[]>;
}
