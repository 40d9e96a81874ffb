import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';

export interface PemBlock {
  readonly label: string;
  readonly der: Buffer;
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]+)-----$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The PEM blocks of the text, in order; explanatory text around them is skipped (RFC 7468 §5.2). Throws a Failure
 * naming `source` and line for a block that is cut short, nested or not base64: etcd would not start on such a bundle.
 */
export function pemBlocks(text: string, source: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { label: string; line: number; body: string } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const label = BEGIN.exec(line)?.[1];
    if (label !== undefined && open === undefined) {
      open = { label, line: index + 1, body: '' };
    } else if (open !== undefined && line === `-----END ${open.label}-----`) {
      if (open.body === '' || !BASE64.test(open.body))
        throw damaged(source, open.line, 'not base64');
      blocks.push({ label: open.label, der: Buffer.from(open.body, 'base64') });
      open = undefined;
    } else if (line.startsWith('-----')) {
      throw damaged(source, index + 1, `${line.slice(0, 40)} does not belong here`);
    } else if (open !== undefined) {
      open.body += line;
    }
  }
  if (open !== undefined) throw damaged(source, open.line, 'no END line follows');
  return blocks;
}

function damaged(source: string, line: number, why: string): Failure {
  return new Failure('failed', `${source}:${line}: damaged PEM block: ${why}`, {
    next: [remedy`restore the file or take the block out of it`],
  });
}
