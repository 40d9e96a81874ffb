/** What tells the snapshots of this cluster from those of another one: the places of its members. */
export function ownership(peers: readonly string[]): {
  readonly peers: string;
  readonly places: string;
  readonly mark: string;
} {
  for (const url of peers)
    if (!/^https?:\/\/[\w.:%[\]-]+$/.test(url)) throw new Error(`no URL: ${JSON.stringify(url)}`);
  const places = peers.map((url) => url.slice(url.indexOf('://')));
  return {
    peers: JSON.stringify(peers),
    places: places.map((place) => ` -e '${place}"'`).join(''),
    mark: (places[0] ?? '').replaceAll(/[^\w.]+/g, '-').replace(/^-/, ''),
  };
}
