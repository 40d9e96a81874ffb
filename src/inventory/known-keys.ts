import * as z from 'zod';
import type { Path } from './path.ts';
import { inventorySchema } from './schema.ts';

type Shape = z.core.JSONSchema.JSONSchema;
type MaybeShape = Shape | boolean | undefined;

/** The keys that may stand in the mapping at the path; none where any key may. */
export function knownKeys(path: Path): readonly string[] {
  const root: readonly MaybeShape[] = [z.toJSONSchema(inventorySchema, { io: 'input' })];
  const shapes = path
    .reduce((above, part) => above.flatMap(alternatives).map((shape) => inside(shape, part)), root)
    .flatMap(alternatives);
  return [...new Set(shapes.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** Every key of the schema as `members[].ssh.port`, the mappings themselves included. */
export function everyKey(): readonly string[] {
  return keysUnder(z.toJSONSchema(inventorySchema, { io: 'input' }), '');
}

function keysUnder(shape: MaybeShape, above: string): readonly string[] {
  const keys = alternatives(shape).flatMap(({ properties, items }) => [
    ...Object.entries(properties ?? {}).flatMap(([key, inner]) => {
      const name = above === '' ? key : `${above}.${key}`;
      return [name, ...keysUnder(inner, name)];
    }),
    ...(items === undefined || Array.isArray(items) ? [] : keysUnder(items, `${above}[]`)),
  ]);
  return [...new Set(keys)];
}

function alternatives(shape: MaybeShape): readonly Shape[] {
  if (typeof shape !== 'object') return [];
  const choices = [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])];
  return choices.length === 0 ? [shape] : choices.flatMap(alternatives);
}

function inside({ properties, items }: Shape, part: string | number): MaybeShape {
  if (typeof part === 'string') return properties?.[part];
  return Array.isArray(items) ? undefined : items;
}
