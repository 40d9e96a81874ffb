// etcd's sentences (api/v3rpc/rpctypes/error.go, auth/store.go): over http nobody is named, over https the certificate's
// name may be that of no user, or of one without the right. A file that may not be read is none of them.
const DENIED =
  /(?:etcdserver|auth): permission denied|user name is empty|user name not found|user not found|invalid auth token/;

/** What a client lacks, where etcd's authentication is on. */
export type Lack = 'name' | 'user' | 'role';

/** Whether etcd's authentication is why it did not do what was asked. */
export function isDenied(text: string): boolean {
  return DENIED.test(text);
}

/** What is missing for what etcd denied: a name at all (over http), a user of that name, or its role. */
export function lackOf(text: string): Lack {
  if (/user name is empty/.test(text)) return 'name';
  return /permission denied/.test(text) ? 'role' : 'user';
}
