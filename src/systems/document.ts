import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import type { FileProblem, Mistake } from './problem.ts';
import { secretsIn } from './secrets.ts';

/** A YAML file that was read: its value and a way to find the line of any path in it. */
export interface YamlFile {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  /** Syntax errors and secrets; after a syntax error the value is not to be trusted. */
  readonly problems: readonly FileProblem[];
  readonly broken: boolean;
  locate(mistake: Mistake): FileProblem;
}

/** Reads YAML 1.2 with anchors and merge keys; duplicate keys are refused. `id: 7.10` stays the text that was written, also in `order` and `without`. */
export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, merge: true, uniqueKeys: true, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  keepIdsAsWritten(doc);
  const syntax = doc.errors.map((error) => ({ ...place(error.pos[0]), ...said(error.code, error.message) }));
  const value = syntax.length > 0 ? undefined : toValue(doc, syntax, place);
  const secrets = secretsIn(text).map(({ offset, ...rest }) => ({ ...place(offset), ...rest }));
  return {
    file,
    text,
    value,
    problems: [...syntax, ...secrets],
    broken: syntax.length > 0,
    locate: ({ path, at, piece, message, advice }) => {
      const start = offsetOf(doc, path, at);
      const offset = piece === undefined ? start : Math.max(start, text.indexOf(piece, start));
      const quoted = piece === undefined && text.startsWith('{{', offset) ? 'Put {{…}} in quotes' : advice;
      return { ...place(offset), message, advice: quoted };
    },
  };
}

/** Step ids are the document's own numbers, also where they are only named: 7.10 is not 7.1. */
function keepIdsAsWritten(doc: Document): void {
  visit(doc, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key)) return;
      if (key.value === 'id') keepAsWritten(value);
      if ((key.value === 'order' || key.value === 'without') && isSeq(value)) for (const item of value.items) keepAsWritten(item);
    },
  });
}

function keepAsWritten(node: unknown): void {
  if (isScalar(node) && typeof node.value === 'number' && node.source) node.value = node.source;
}

function toValue(doc: Document, problems: FileProblem[], place: (offset: number) => Pick<FileProblem, 'file' | 'line' | 'column'>): unknown {
  try {
    const value: unknown = doc.toJS({ maxAliasCount: 100 });
    JSON.stringify(value); // throws when an anchor holds itself
    return value;
  } catch {
    problems.push({
      ...place(0),
      message: 'These anchors cannot be followed',
      advice: 'Use fewer of them, and none that holds itself',
    });
    return undefined;
  }
}

function said(code: string, message: string): Pick<FileProblem, 'message' | 'advice'> {
  if (code === 'DUPLICATE_KEY') return { message: 'This key is there twice', advice: 'Keep one of the two' };
  const line = (message.split('\n')[0] ?? '').replace(/\p{C}+/gu, ' ').slice(0, 200); // it repeats what stands there, and is read in a terminal
  return { message: `This is not YAML: ${line}`, advice: 'Check indentation, quotes and brackets around here' };
}

function offsetOf(doc: Document, path: readonly PropertyKey[], at: Mistake['at']): number {
  let node: unknown = doc.contents;
  let offset = startOf(node) ?? 0;
  for (const [i, key] of path.entries()) {
    const pair = childOf(doc, resolved(doc, node), key);
    if (pair === undefined) break;
    const last = i === path.length - 1;
    offset = (last && at === 'key' ? startOf(pair.key) : undefined) ?? startOf(pair.value) ?? startOf(pair.key) ?? offset;
    node = pair.value;
  }
  return offset;
}

const resolved = (doc: Document, node: unknown): unknown => (isAlias(node) ? node.resolve(doc) : node);
const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

function childOf(doc: Document, node: unknown, key: PropertyKey): { key?: unknown; value: unknown } | undefined {
  if (isSeq(node)) return key in node.items ? { value: node.items[Number(key)] } : undefined;
  if (!isMap(node)) return undefined;
  const own = node.items.find((pair) => nameOf(pair) === String(key));
  return own ?? merged(doc, node.items, key);
}

function merged(doc: Document, pairs: readonly Pair[], key: PropertyKey): { value: unknown } | undefined {
  for (const pair of pairs.filter((one) => nameOf(one) === '<<')) {
    const source = resolved(doc, pair.value);
    for (const one of isSeq(source) ? source.items : [source]) {
      const found = childOf(doc, resolved(doc, one), key);
      if (found) return found;
    }
  }
  return undefined;
}

/** The merge key's own value is a symbol; its source is `<<`. */
function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? (typeof pair.key.value === 'symbol' ? '<<' : String(pair.key.value)) : '';
}
