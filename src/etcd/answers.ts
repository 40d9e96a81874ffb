import { parse } from 'lossless-json';
import * as z from 'zod';

// etcdctl prints 64-bit numbers as bare JSON numbers, which JavaScript's own parser rounds (etcd-io/etcd#9535); the gRPC
// gateway prints them as strings (protobuf's JSON mapping). Both leave out what is zero, false or empty.
const integer = z.union([z.bigint(), z.string().regex(/^\d+$/).transform(BigInt)]);
const signed = z.union([
  z.bigint(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(BigInt),
]);
const id = integer.transform((value) => value.toString(16).padStart(16, '0'));
const number = integer.transform(Number);

const memberList = z.object({
  header: z.object({ cluster_id: id }),
  members: z
    .array(
      z.object({
        ID: id,
        name: z.string().default(''),
        peerURLs: z.array(z.string()).default([]),
        clientURLs: z.array(z.string()).default([]),
        isLearner: z.boolean().default(false),
      }),
    )
    .default([]),
});

const memberStatus = z.object({
  header: z.object({ cluster_id: id, member_id: id, revision: number.default(0) }),
  version: z.string(),
  dbSize: number.default(0),
  dbSizeInUse: number.optional(),
  leader: id.default('0000000000000000'),
  raftIndex: number.default(0),
  raftTerm: number.default(0),
  raftAppliedIndex: number.optional(),
  errors: z.array(z.string()).default([]),
  isLearner: z.boolean().default(false),
  storageVersion: z.string().optional(),
  downgradeInfo: z
    .object({ enabled: z.boolean().default(false), targetVersion: z.string().default('') })
    .optional(),
});

const endpointStatus = z.array(z.object({ Endpoint: z.string(), Status: memberStatus }));

export interface EtcdMember {
  /** 16 hexadecimal digits, like every id here. */
  readonly id: string;
  /** Empty until the member has started once. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface MemberList {
  readonly clusterId: string;
  readonly members: readonly EtcdMember[];
}

export interface EndpointStatus {
  readonly endpoint: string;
  readonly clusterId: string;
  readonly memberId: string;
  readonly version: string;
  /** bytes */
  readonly dbSize: number;
  /** bytes that are not free for new data; absent before 3.4. */
  readonly dbSizeInUse?: number;
  readonly leader: string;
  readonly isLearner: boolean;
  readonly raftTerm: number;
  readonly raftIndex: number;
  /** Absent before 3.4. */
  readonly raftAppliedIndex: number | undefined;
  readonly revision: number;
  readonly errors: readonly string[];
  /** The version of its database's layout: `3.6.0`; absent before 3.6. */
  readonly storageVersion?: string;
  /** The version that the cluster was told to go down to, while that is not over: `3.5.0`; not told before 3.6. */
  readonly downgradeTo?: string;
}

/** What `etcdctl member list -w json` or the gateway's member list says; throws when it is not that. */
export function readMemberList(json: string): MemberList {
  const { header, members } = memberList.parse(parse(json, undefined, parseInteger));
  return {
    clusterId: header.cluster_id,
    members: members.map((member) => ({
      id: member.ID,
      name: member.name,
      peerUrls: member.peerURLs,
      clientUrls: member.clientURLs,
      isLearner: member.isLearner,
    })),
  };
}

const peerMembers = z.array(
  z.object({
    id,
    name: z.string().default(''),
    peerURLs: z.array(z.string()).default([]),
    clientURLs: z.array(z.string()).default([]),
    isLearner: z.boolean().default(false),
  }),
);

/** What a peer port says at /members, with or without a quorum; throws when it is not that. */
export function readPeerMembers(json: string): readonly EtcdMember[] {
  return peerMembers
    .parse(parse(json, undefined, parseInteger))
    .map(({ id, name, peerURLs, clientURLs, isLearner }) => ({
      ...{ id, name, isLearner },
      ...{ peerUrls: peerURLs, clientUrls: clientURLs },
    }));
}

/** What `etcdctl endpoint status -w json` says of each endpoint asked; throws when it is not that. */
export function readEndpointStatus(json: string): readonly EndpointStatus[] {
  return endpointStatus
    .parse(parse(json, undefined, parseInteger))
    .map(({ Endpoint, Status }) => statusOf(Endpoint, Status));
}

/** What the gateway of the endpoint says of the member behind it; throws when it is not that. */
export function readMemberStatus(endpoint: string, json: string): EndpointStatus {
  return statusOf(endpoint, memberStatus.parse(parse(json, undefined, parseInteger)));
}

function statusOf(
  endpoint: string,
  { header, storageVersion, downgradeInfo, ...status }: z.infer<typeof memberStatus>,
): EndpointStatus {
  return {
    endpoint,
    clusterId: header.cluster_id,
    memberId: header.member_id,
    version: status.version,
    dbSize: status.dbSize,
    ...(status.dbSizeInUse !== undefined && { dbSizeInUse: status.dbSizeInUse }),
    leader: status.leader,
    isLearner: status.isLearner,
    raftTerm: status.raftTerm,
    raftIndex: status.raftIndex,
    raftAppliedIndex: status.raftAppliedIndex,
    revision: header.revision,
    errors: status.errors,
    ...(storageVersion && { storageVersion }),
    ...(downgradeInfo?.enabled && { downgradeTo: downgradeInfo.targetVersion }),
  };
}

const range = z.object({ kvs: z.array(z.object({ value: z.string().default('') })).default([]) });

/** The value in the gateway's answer to a read, undefined where there is no such key; throws when it is not that. */
export function readGatewayValue(json: string): string | undefined {
  const [found] = range.parse(parse(json, undefined, parseInteger)).kvs;
  return found && Buffer.from(found.value, 'base64').toString();
}

/** Whole numbers as bigint, since ids need 64 bits; for lossless-json. */
export function parseInteger(text: string): bigint | number {
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}

// -1 where nothing was ever compacted (mvcc/kvstore.go).
const compactRevision = signed.transform(Number).default(0);

const hashKv = z
  .array(
    z.object({
      HashKV: z.object({ hash: number, compact_revision: compactRevision }),
    }),
  )
  .length(1);

export interface StoreHash {
  readonly hash: number;
  /** Hashes are only comparable at the same compact revision (etcd-facts §8.2). */
  readonly compactRevision: number;
}

/** What `etcdctl endpoint hashkv -w json` says of the one endpoint asked; throws when it is not that. */
export function readHashKv(json: string): StoreHash {
  const [answer] = hashKv.parse(parse(json, undefined, parseInteger));
  if (answer === undefined) throw new TypeError('no endpoint answered');
  return { hash: answer.HashKV.hash, compactRevision: answer.HashKV.compact_revision };
}

const gatewayHash = z.object({ hash: number, compact_revision: compactRevision });

/** What the gateway says of its member's hash; throws when it is not that. */
export function readGatewayHash(json: string): StoreHash {
  const { hash, compact_revision } = gatewayHash.parse(parse(json, undefined, parseInteger));
  return { hash, compactRevision: compact_revision };
}
