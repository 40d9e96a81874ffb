import type { Operator, Quantity, Rule, SizeName } from './rule.ts';

/** A rule, or what is wrong with its text and at which column, from 1. */
export type Read = { readonly rule: Rule } | { readonly column: number; readonly fault: string };

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 },
  ...{ KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
};

const NAMES: ReadonlySet<string> = new Set<SizeName>(['size', 'sizeInUse', 'free', 'quota']);

/** How strongly each operator binds; what binds more is done first. */
const STRENGTH: Readonly<Record<Operator, number>> = {
  ...{ '||': 1, '&&': 2 },
  ...{ '<': 3, '<=': 3, '>': 3, '>=': 3, '==': 3, '!=': 3 },
  ...{ '+': 4, '-': 4, '*': 5, '/': 5 },
};
const COMPARES = 3;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)([A-Za-z]*)|([A-Za-z]\w*)|(\|\||&&|<=|>=|==|!=|[-+*/<>()]))/y;

interface Token {
  readonly column: number;
  readonly text: string;
  readonly node?: Quantity;
}

/** Ends the reading; never leaves this file. */
class Fault extends Error {
  readonly column: number;
  constructor(column: number, fault: string) {
    super(fault);
    this.column = column;
  }
}

/** Reads a rule such as `sizeInUse < 0.55 * size && size > 100MB`. */
export function readRule(text: string): Read {
  try {
    const tokens = tokensOf(text);
    const end = { column: text.trimEnd().length + 1, text: '' };
    const at = { next: 0 };
    const rule = read(tokens, at, end, 0);
    const rest = tokens[at.next];
    if (rest !== undefined)
      throw new Fault(rest.column, `an operator is missing before ${rest.text}`);
    return { rule: condition(rule, 1) };
  } catch (error) {
    if (error instanceof Fault) return { column: error.column, fault: error.message };
    throw error;
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const from = pattern.lastIndex;
    const found = pattern.exec(text);
    const column = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0) + 1;
    if (found === null)
      throw new Fault(column, `${text.slice(column - 1, column)} is not known in a rule`);
    const [, number, unit = '', name, operator = ''] = found;
    tokens.push(
      number !== undefined
        ? { column, text: number + unit, node: sizeOf(column, number, unit) }
        : name !== undefined
          ? { column, text: name, node: nameOf(column, name) }
          : { column, text: operator },
    );
  }
  return tokens;
}

function sizeOf(column: number, number: string, unit: string): Quantity {
  const bytes = UNITS[unit];
  if (bytes === undefined)
    throw new Fault(
      column + number.length,
      `${unit} is not a unit: write kB, MB, GB, KiB, MiB or GiB`,
    );
  return { kind: 'number', value: Number(number) * bytes };
}

function nameOf(column: number, name: string): Quantity {
  if (!NAMES.has(name))
    throw new Fault(column, `${name} is not known: a rule names ${[...NAMES].join(', ')}`);
  return { kind: 'name', name: name as SizeName };
}

/** Reads operands and the operators between them that bind more than `least`. */
function read(
  tokens: readonly Token[],
  at: { next: number },
  end: Token,
  least: number,
): Rule | Quantity {
  const first = tokens[at.next] ?? end;
  at.next += 1;
  let left = operand(first, tokens, at, end);
  for (;;) {
    const token = tokens[at.next];
    const strength = STRENGTH[token?.text as Operator] ?? 0;
    if (token === undefined || strength <= least) return left;
    at.next += 1;
    const right = read(tokens, at, end, strength);
    left = join(token, strength, left, right);
  }
}

function operand(
  token: Token,
  tokens: readonly Token[],
  at: { next: number },
  end: Token,
): Rule | Quantity {
  if (token.node !== undefined) return token.node;
  if (token.text !== '(')
    throw new Fault(
      token.column,
      `a size is missing${token.text === '' ? ' at the end' : ` before ${token.text}`}`,
    );
  const inner = read(tokens, at, end, 0);
  const close = tokens[at.next] ?? end;
  if (close.text !== ')')
    throw new Fault(close.column, `the ( of column ${token.column} is not closed`);
  at.next += 1;
  return inner;
}

function join(
  { column, text }: Token,
  strength: number,
  left: Rule | Quantity,
  right: Rule | Quantity,
): Rule | Quantity {
  const operator = text as Operator;
  if (strength < COMPARES)
    return {
      kind: 'junction',
      operator: operator as '&&' | '||',
      left: condition(left, column),
      right: condition(right, column),
    };
  const sides = { left: quantity(left, column, text), right: quantity(right, column, text) };
  return strength === COMPARES
    ? { kind: 'comparison', operator: operator as '<', ...sides }
    : { kind: 'arithmetic', operator: operator as '+', ...sides };
}

function condition(node: Rule | Quantity, column: number): Rule {
  if (node.kind === 'comparison' || node.kind === 'junction') return node;
  throw new Fault(column, 'a comparison is missing, such as size > 100MB');
}

function quantity(node: Rule | Quantity, column: number, operator: string): Quantity {
  if (node.kind !== 'comparison' && node.kind !== 'junction') return node;
  throw new Fault(column, `${operator} stands between sizes, not beside a comparison`);
}
