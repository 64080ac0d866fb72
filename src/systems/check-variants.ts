import { nearest } from '../domain/nearest.ts';
import { isStep } from '../domain/runbook.ts';
import { type Book, booksIn, stepsIn } from './books.ts';
import { named, rolesOf } from './names.ts';
import { didYouMean, type Mistake, shown } from './problem.ts';
import { fieldsOf, listOf } from './values.ts';

/** First words that mean something else: `/rollback status`, `/rollback sac versions`. */
const reserved = ['help', 'status', 'versions', 'undo', 'record', 'drill', 'stop', 'unlock', 'normal'];

/** What variants and scenarios name elsewhere in the file. */
export function checkVariants(file: unknown): Mistake[] {
  return [
    ...taken(fieldsOf(file).system, ['system'], 'value'),
    ...booksIn(file).flatMap((book) => (book.variant === undefined ? [] : [...taken(book.variant, book.path, 'key'), ...variant(book, file)])),
    ...scenarios(file),
  ];
}

function taken(name: unknown, path: readonly PropertyKey[], at: 'key' | 'value'): Mistake[] {
  if (!reserved.includes(String(name))) return [];
  return [{ path, at, message: `${shown(name)} means something else in /rollback`, advice: 'Give it another name' }];
}

function variant(book: Book, file: unknown): Mistake[] {
  const { order, runbook, version, proof } = book.fields;
  const two = { path: [...book.path, 'order'], at: 'key' as const, message: 'This has an order and a runbook', advice: 'Keep one of the two' };
  const ownProof = {
    path: book.path,
    at: 'key' as const,
    message: `${book.variant} has no version, and the normal proof asks for one`,
    advice: 'Give it proof: of its own, such as { gone: code }',
  };
  return [
    ...(order !== undefined && runbook !== undefined ? [two] : []),
    ...(version === 'none' && proof === undefined ? [ownProof] : []),
    ...(order === undefined ? [] : ordered(listOf(order).map(String), idsIn(booksIn(file)[0]), [...book.path, 'order'])),
  ];
}

const idsIn = (book: Book | undefined): string[] => (book ? stepsIn(book).map(({ fields }) => String(fields.id)) : []);

/** Every step exactly once. */
function ordered(order: readonly string[], ids: readonly string[], path: readonly PropertyKey[]): Mistake[] {
  const missing = ids.filter((id) => !order.some((written) => isStep(id, written)));
  const repeated = order.flatMap((written, i) => {
    const before = order.slice(0, i);
    const twice = ids.filter((id) => isStep(id, written) && before.some((earlier) => isStep(id, earlier)));
    return twice.map((id) => ({ path: [...path, i], message: `Step ${id} is there before already`, advice: 'Name every step once' }));
  });
  return [
    ...order.flatMap((written, i) => noStep(written, ids, [...path, i])),
    ...repeated,
    ...(missing.length > 0
      ? [{ path, at: 'key' as const, message: `The order leaves out ${missing.join(', ')}`, advice: 'Name every step of the runbook once' }]
      : []),
  ];
}

function noStep(written: string, ids: readonly string[], path: readonly PropertyKey[]): Mistake[] {
  if (ids.some((id) => isStep(id, written))) return [];
  return [{ path, message: `There is no step ${shown(written)}`, advice: didYouMean(nearest(written, ids), ids) }];
}

function scenarios(file: unknown): Mistake[] {
  const all = fieldsOf(fieldsOf(file).scenarios);
  if (Object.keys(all).length === 0) return [];
  const question = listOf(fieldsOf(file).ask)
    .map(fieldsOf)
    .find(({ name }) => name === 'scenario');
  if (question?.choices === undefined) {
    const advice = `Add { name: scenario, choices: [${Object.keys(all).join(', ')}], default: … } to ask`;
    return [{ path: ['scenarios'], at: 'key', message: 'No question with choices asks for the scenario', advice }];
  }
  const choices = listOf(question.choices).map(String);
  return Object.entries(all).flatMap(([name, value]) => [
    ...named(name, choices, 'choice', ['scenarios', name]).map((one) => ({ ...one, at: 'key' as const })),
    ...scenario(fieldsOf(value), file, ['scenarios', name]),
  ]);
}

function scenario({ variant: name, roles, without }: Readonly<Record<string, unknown>>, file: unknown, path: readonly PropertyKey[]): Mistake[] {
  const [normal, ...variants] = booksIn(file);
  const meant = variants.find((book) => book.variant === name);
  const ids = idsIn(meant?.fields.runbook === undefined ? normal : meant);
  return [
    ...named(
      name,
      variants.map((book) => book.variant ?? ''),
      'variant',
      [...path, 'variant'],
    ),
    ...listOf(roles).flatMap((role, i) => named(role, rolesOf(file), 'role', [...path, 'roles', i])),
    ...listOf(without).flatMap((written, i) => noStep(String(written), ids, [...path, 'without', i])),
  ];
}
