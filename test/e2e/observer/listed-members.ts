import { type Endpoint, etcdCall } from './kv-client.ts';
import { decode } from './wire.ts';

/** A member as etcd lists it. */
export interface ListedMember {
  /** In hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}

/** The member list as the member at this endpoint has it, in etcd's order. */
export async function listedMembers(endpoint: Endpoint): Promise<readonly ListedMember[]> {
  const answer = await etcdCall(endpoint, '/etcdserverpb.Cluster/MemberList', [], 5000);
  return answer.bytes(2).map((bytes) => {
    const member = decode(bytes);
    return {
      id: member.int(1).toString(16),
      name: String(member.bytes(2)[0] ?? ''),
      peerUrls: member.bytes(3).map(String),
      clientUrls: member.bytes(4).map(String),
    };
  });
}
