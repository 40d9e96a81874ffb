import { isScalar, LineCounter } from 'yaml';
import { parseYaml, type Yaml } from '../../yaml/parse-yaml.ts';
import { shown, type TextMistake } from '../mistake.ts';
import type { Path } from '../path.ts';
import { offsetOf } from './offset.ts';
import { unsupportedYaml } from './unsupported-yaml.ts';

const MOST_TABS = 100;

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text that holds nothing but plain mappings, lists, text, numbers and booleans. */
export interface PlainDocument {
  /** Undefined while there are mistakes. */
  readonly value: unknown;
  readonly mistakes: readonly TextMistake[];
  /** Line and column, both from 1, of the value at the path, of its key, or of what would hold it. */
  placeOf(path: Path, atKey?: boolean): Place;
  placeAt(offset: number): Place;
  /** The plain value at the path as it is written, before YAML makes a number of it. */
  writtenAt(path: Path): string | undefined;
}

/** The text as a plain document; whatever YAML can do beyond that is a mistake, not a feature. */
export function readDocument(text: string): PlainDocument {
  const yaml = parseYaml(text);
  const document = 'documents' in yaml ? yaml.documents[0] : undefined;
  const mistakes = [...firstControl(text), ...mistakesIn(yaml), ...tabs(text)];

  const placeAt = placesIn(text);
  return {
    value: mistakes.length === 0 ? document?.toJS() : undefined,
    mistakes,
    placeOf: (path, atKey = false) => placeAt(offsetOf(document?.contents ?? null, path, atKey)),
    placeAt,
    writtenAt: (path) => {
      const node = document?.getIn(path, true);
      return isScalar(node) ? node.source : undefined;
    },
  };
}

function placesIn(text: string): (offset: number) => Place {
  const lineCounter = new LineCounter();
  lineCounter.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lineCounter.addNewLine(index + 1);
  return (offset) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
}

// A terminal would act on them, or show a reader less than there is.
function firstControl(text: string): TextMistake[] {
  const match = /[^\P{Cc}\t\n\r]|\r(?!\n)/u.exec(text);
  return match === null
    ? []
    : [{ offset: match.index, message: `a control character (${shown(match[0])})` }];
}

function mistakesIn(yaml: Yaml): TextMistake[] {
  if ('beyond' in yaml) {
    const how = yaml.beyond === 'depth' ? 'nested too deeply' : 'too long';
    return [{ offset: yaml.offset, message: `${how} for an inventory` }];
  }
  const [document, second] = yaml.documents;
  const broken = (document?.errors ?? []).map(({ pos, message }) => ({
    offset: pos[0],
    message: `not YAML: ${message.replaceAll(/\s+/g, ' ')}`,
  }));
  const more =
    second === undefined
      ? []
      : [{ offset: second.range[0], message: 'a second YAML document; an inventory is one' }];
  return [...broken, ...more, ...(document === undefined ? [] : unsupportedYaml(document))];
}

// YAML lets a tab stand between tokens, where nobody sees whether it is one.
function tabs(text: string): TextMistake[] {
  return [...text.matchAll(/^([^#'"\t\r\n]*)\t/gm)].slice(0, MOST_TABS).map((match) => ({
    offset: match.index + (match[1]?.length ?? 0),
    message: 'a tab; YAML is indented by spaces',
  }));
}
