/** The keys that are read, as cfssl spells them, each with those inside it; a list has the keys of its items. */
export interface Shape {
  readonly [key: string]: Shape | true;
}

export interface FoldedKeys {
  /** The value with the keys that are read in cfssl's spelling. */
  readonly value: unknown;
  /** Paths of keys that stand for something cfssl reads, with what was meant. */
  readonly misspelt: readonly string[];
  /** Paths of keys that nothing is made of, each with what cfssl would have made of it, where it would. */
  readonly ignored: readonly string[];
}

/** What cfssl makes of keys that have no meaning without a cfssl server, or that are not done here. */
const EFFECTS: Readonly<Record<string, string>> = {
  auth_key: 'cfssl would let only those who know this key ask its server',
  auth_keys: 'cfssl would let only those who know one of these keys ask its server',
  auth_remote: 'cfssl would have another server sign',
  remote: 'cfssl would have another server sign',
  remotes: 'cfssl would have another server sign',
  ocsp_url: 'cfssl would name this OCSP responder in the certificate',
  ocsp_no_check: 'cfssl would mark the certificate as that of an OCSP responder',
  crl_url: 'cfssl would name this revocation list in the certificate',
  issuer_urls: 'cfssl would name these places of the CA in the certificate',
  backdate: 'cfssl would let the certificate begin that much earlier',
  not_before: 'cfssl would let the certificate begin then',
  not_after: 'cfssl would let the certificate end then',
  name_whitelist: 'cfssl would refuse names that it does not match',
  copy_extensions: 'cfssl would copy the extensions of the request',
  allowed_extensions: 'cfssl would allow requests to bring these extensions',
  policies: 'cfssl would name these policies in the certificate',
  ct_log_servers: 'cfssl would log the certificate there',
  client_provides_serial_numbers: 'cfssl would take serial numbers from requests',
  lint_error_level: 'cfssl would check the certificate before it signs',
  cert_store: 'cfssl would record the certificate there',
  extensions: 'cfssl would add these extensions',
  serialnumber: 'cfssl would put this serial number into the subject',
  oid: 'cfssl would put these parts into the subject',
};

/**
 * Gives keys the spelling that cfssl has for them: Go matches the keys of JSON in any case, takes the last of several,
 * takes null for absent, and passes over what it does not know (encoding/json, Unmarshal).
 */
export function foldKeys(
  value: unknown,
  shape: Shape,
  nearest: (typed: string, known: readonly string[]) => string | undefined,
  path = '',
): FoldedKeys {
  if (Array.isArray(value)) {
    const items = value.map((item, at) => foldKeys(item, shape, nearest, `${path}[${at}]`));
    return {
      value: items.map((item) => item.value),
      misspelt: items.flatMap((item) => item.misspelt),
      ignored: items.flatMap((item) => item.ignored),
    };
  }
  if (typeof value !== 'object' || value === null) return { value, misspelt: [], ignored: [] };

  const folded: Record<string, unknown> = {};
  const misspelt: string[] = [];
  const ignored: string[] = [];
  const anyName = shape['*'];
  for (const [key, inner] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`;
    const known =
      anyName === undefined
        ? Object.keys(shape).find((one) => one.toLowerCase() === key.toLowerCase())
        : key;
    if (known === undefined) {
      const effect = Object.hasOwn(EFFECTS, key.toLowerCase())
        ? EFFECTS[key.toLowerCase()]
        : undefined;
      const near = effect === undefined ? nearest(key, Object.keys(shape)) : undefined;
      if (near !== undefined) misspelt.push(`${name} is not a key of cfssl; did you mean ${near}?`);
      else ignored.push(effect === undefined ? `${name} is ignored` : `${name}: ${effect}`);
      continue;
    }
    if (inner === null) continue;
    const below = anyName ?? shape[known];
    if (below === true || below === undefined) {
      folded[known] = inner;
      continue;
    }
    const found = foldKeys(inner, below, nearest, name);
    folded[known] = found.value;
    misspelt.push(...found.misspelt);
    ignored.push(...found.ignored);
  }
  return { value: folded, misspelt, ignored };
}
