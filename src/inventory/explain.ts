import type * as z from 'zod';
import { knownKeys } from './known-keys.ts';
import { type Mistake, shown } from './mistake.ts';
import { nearest, suggestion } from './nearest.ts';
import { nameOf, type Path, valueAt } from './path.ts';

type Issue = z.core.$ZodIssue;
type UnionIssue = z.core.$ZodIssueInvalidUnion;

interface Explained extends Mistake {
  /** A required key that is not there. */
  readonly missing?: boolean;
  /** What an unknown key was probably meant to be. */
  readonly meant?: string | undefined;
}

/** What zod found wrong with the value, in a person's words. */
export function explain(issues: readonly Issue[], value: unknown): readonly Mistake[] {
  const all = issues.flatMap((issue) => explainOne(issue, value, []));
  // A misspelt key is one mistake, not a misspelt one and a missing one.
  const meant = new Set(all.map((mistake) => mistake.meant));
  return all
    .filter(({ path, missing = false }) => !(missing && meant.has(nameOf(path))))
    .map(({ path, message, atKey = false }) => ({ path, message, atKey }));
}

function explainOne(issue: Issue, root: unknown, above: Path): readonly Explained[] {
  const path = [...above, ...issue.path.filter((part) => typeof part !== 'symbol')];
  const name = nameOf(path);
  const value = valueAt(root, path);

  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(path);
      return issue.keys.map((key) => unknownKey(path, key, known));
    }
    case 'invalid_union':
      return noForm(issue, root, path);
    case 'invalid_value':
      return [choice(path, value, issue.values)];
    case 'invalid_type':
      if (value === null && path.length > 0) {
        return [{ path, message: `${name} is empty; fill it in or leave it out` }];
      }
      if (value === null) return [{ path, message: 'the inventory is empty' }];
      return value === undefined
        ? [{ path, message: `${name} is missing`, missing: true }]
        : [{ path, message: `${name} must be ${spoken(issue.expected)}, not ${shown(value)}` }];
    case 'too_big':
      return [{ path, message: `${name} must be at most ${issue.maximum}${unit(issue.origin)}` }];
    case 'too_small':
      return [{ path, message: `${name} must be at least ${issue.minimum}${unit(issue.origin)}` }];
    default:
      return [{ path, message: `${name} ${must(issue.message)}, not ${shown(value)}` }];
  }
}

function unknownKey(container: Path, key: string, known: readonly string[]): Explained {
  const near = nearest(key, known);
  const path = [...container, key];
  return {
    path,
    atKey: true,
    message: `unknown key ${nameOf(path)}${suggestion(key, known)}`,
    meant: near === undefined ? undefined : nameOf([...container, near]),
  };
}

function choice(path: Path, value: unknown, options: readonly unknown[]): Explained {
  const words = options.map(String);
  const near = typeof value === 'string' ? nearest(value, words) : undefined;
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return value === undefined
    ? { path, message: `${nameOf(path)} is missing: ${words.join(' or ')}`, missing: true }
    : {
        path,
        message: `${nameOf(path)} must be ${words.join(' or ')}, not ${shown(value)}${hint}`,
      };
}

// A value that may have several forms is explained by the one it comes closest to.
function noForm(issue: UnionIssue, root: unknown, path: Path): readonly Explained[] {
  const value = valueAt(root, path);
  if (issue.discriminator !== undefined) {
    const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
    return [choice(path, value, options)];
  }
  const tried = issue.errors.filter((form) => wrongType(form) === undefined);
  if (tried.length === 0) {
    const types = new Set(issue.errors.map((form) => wrongType(form) ?? ''));
    const message = `${nameOf(path)} must be ${[...types].join(' or ')}, not ${shown(value)}`;
    return [{ path, message }];
  }
  const [closest = []] = [...tried].sort((a, b) => a.length - b.length);
  return closest.flatMap((inner) => explainOne(inner, root, path));
}

function wrongType(form: readonly Issue[]): string | undefined {
  const issue = form.find(({ code, path }) => code === 'invalid_type' && path.length === 0);
  return issue?.code === 'invalid_type' ? spoken(issue.expected) : undefined;
}

const SPOKEN: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

// Some patterns of the schema describe the value, some what it must be.
function must(message: string): string {
  return message.replace(/^is /, 'must be ');
}

function spoken(type: string): string {
  return SPOKEN[type] ?? type;
}

const UNITS: Readonly<Record<string, string>> = {
  string: ' characters long',
  array: ' long',
};

function unit(origin: string): string {
  return UNITS[origin] ?? '';
}
