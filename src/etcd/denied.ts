// etcd's sentences (api/v3rpc/rpctypes/error.go): over http nobody is named, over https the certificate's name may be
// that of no user, or of one without the right.
const DENIED =
  /permission denied|user name is empty|user name not found|user not found|invalid auth token/;

/** Whether etcd's authentication is why it did not do what was asked. */
export function isDenied(text: string): boolean {
  return DENIED.test(text);
}
