// expr-eval is not maintained, filtrex compiles to a Function, and jsep refuses 100MB: sizes are what rules are about.

/** What of a member a rule may name: bytes. */
export interface Sizes {
  /** Of its database file. */
  readonly size: number;
  /** Of that in use. */
  readonly sizeInUse: number;
  /** The rest, which a defragmentation gives back. */
  readonly free: number;
  /** What the file may grow to; infinite where there is no quota. */
  readonly quota: number;
}

export type SizeName = keyof Sizes;

export type Operator = Arithmetic | Comparison | Junction;
type Arithmetic = '+' | '-' | '*' | '/';
type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';
type Junction = '&&' | '||';

/** A number, in bytes where it is a size. */
export type Quantity =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: SizeName }
  | {
      readonly kind: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: Quantity;
      readonly right: Quantity;
    };

/** When a member is worth a defragmentation. */
export type Rule =
  | {
      readonly kind: 'comparison';
      readonly operator: Comparison;
      readonly left: Quantity;
      readonly right: Quantity;
    }
  | {
      readonly kind: 'junction';
      readonly operator: Junction;
      readonly left: Rule;
      readonly right: Rule;
    };

/** Whether a rule holds of a member with these sizes. */
export function holds(rule: Rule, sizes: Sizes): boolean {
  if (rule.kind === 'junction') {
    return rule.operator === '&&'
      ? holds(rule.left, sizes) && holds(rule.right, sizes)
      : holds(rule.left, sizes) || holds(rule.right, sizes);
  }
  const left = amountOf(rule.left, sizes);
  const right = amountOf(rule.right, sizes);
  switch (rule.operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
  }
}

/** The sizes that a rule names. */
export function namesIn(rule: Rule | Quantity): ReadonlySet<SizeName> {
  switch (rule.kind) {
    case 'number':
      return new Set();
    case 'name':
      return new Set([rule.name]);
    default:
      return new Set([...namesIn(rule.left), ...namesIn(rule.right)]);
  }
}

/** The rule as awk has it, with the sizes as variables of the same names. */
export function awkOf(rule: Rule | Quantity): string {
  switch (rule.kind) {
    case 'number':
      return String(rule.value);
    case 'name':
      return rule.name;
    default:
      return `(${awkOf(rule.left)} ${rule.operator} ${awkOf(rule.right)})`;
  }
}

function amountOf(quantity: Quantity, sizes: Sizes): number {
  switch (quantity.kind) {
    case 'number':
      return quantity.value;
    case 'name':
      return sizes[quantity.name];
    case 'arithmetic': {
      const left = amountOf(quantity.left, sizes);
      const right = amountOf(quantity.right, sizes);
      switch (quantity.operator) {
        case '+':
          return left + right;
        case '-':
          return left - right;
        case '*':
          return left * right;
        case '/':
          return left / right;
      }
    }
  }
}
