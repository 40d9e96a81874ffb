/** Which CA of a store: the one that clients and client ports trust, or the one that members trust at peer ports. */
export type Authority = 'client' | 'peer';

/** Whether peers trust a CA of their own, or the one that clients have too. */
export type PeerCa = 'shared' | 'separate';

/** Where the CA of an authority lies, with those of its rotation beside it. */
export function authorityDirectory(store: string, authority: Authority): string {
  return authority === 'peer' ? `${store}/peer-ca` : store;
}

/** How findings and tables call the CA of an authority. */
export function nameOfCa(authority: Authority): string {
  return authority === 'peer' ? 'peer-ca' : 'ca';
}
