import { nearest } from '../domain/nearest.ts';
import { checkFill } from './fill.ts';
import type { Kinds } from './kinds.ts';
import { didYouMean, type Mistake, shown } from './problem.ts';
import { fieldsOf, listOf, type Placed, stepsIn, stringsIn } from './values.ts';

/**
 * What no schema of a part can see: names that must be defined elsewhere in the file. They look at the file as written, right or
 * wrong, so that all mistakes are found at once.
 */
export function crossChecks(file: unknown, kinds: Kinds): Mistake[] {
  const steps = stepsIn(file);
  return [
    ...repeatedIds(steps),
    ...steps.flatMap((step) => places(step, file, kinds)),
    ...listOf(fieldsOf(file).runbook).flatMap((phase, i) => named(fieldsOf(phase).on, rolesOf(file), 'role', ['runbook', i, 'on'])),
    ...steps.flatMap((step) => stepNames(step, file)),
    ...proofs(file),
    ...policyNames(file),
    ...questions(file),
    ...sameHosts(file),
    ...fills(file, kinds),
  ];
}

const rolesOf = (file: unknown) => Object.keys(fieldsOf(fieldsOf(file).roles));
const groupsOf = (file: unknown) => Object.keys(fieldsOf(fieldsOf(file).files));

function named(name: unknown, all: readonly string[], what: string, path: readonly PropertyKey[]): Mistake[] {
  if (typeof name !== 'string' || all.includes(name)) return [];
  return [{ path, message: `There is no ${what} ${shown(name)}`, advice: didYouMean(nearest(name, all), all) }];
}

function repeatedIds(steps: readonly Placed[]): Mistake[] {
  const seen = new Set<string>();
  return steps.flatMap(({ fields, path }) => {
    const id = String(fields.id);
    if (fields.id === undefined || !seen.has(id)) return seen.add(id) && [];
    return [{ path: [...path, 'id'], message: `Two steps have the id ${shown(id)}`, advice: 'Give each its own' }];
  });
}

/** Where a step runs must fit its kind. */
function places({ fields, phase, path }: Placed, file: unknown, kinds: Kinds): Mistake[] {
  const kind = Object.keys(fields).find((key) => Object.hasOwn(kinds.steps, key));
  const place = kind === undefined ? undefined : kinds.steps[kind]?.place;
  if (place === 'host' && fields.on === undefined && phase.on === undefined) {
    return [{ path, message: `${kind} needs a role to run on`, advice: `Add on: to the step or its phase. ${didYouMean([], rolesOf(file))}` }];
  }
  if (place === 'bot' && fields.on !== undefined) {
    return [{ path: [...path, 'on'], message: `${kind} is done by the bot, on no host`, advice: 'Remove on:' }];
  }
  return named(fields.on, rolesOf(file), 'role', [...path, 'on']);
}

/** File groups and people that a step's params name: `git.restore: code`, `{ group: code }`, `sign: { by: lead }`. */
function stepNames({ fields, path }: Placed, file: unknown): Mistake[] {
  const restores = ['git.restore', 'backup.restore'].flatMap((kind) => {
    const group = fieldsOf(fields[kind]).group;
    return named(group ?? fields[kind], groupsOf(file), 'file group', group === undefined ? [...path, kind] : [...path, kind, 'group']);
  });
  const withoutBackups = fields['backup.restore'] !== undefined && fieldsOf(file).backups === undefined;
  return [
    ...restores,
    ...(withoutBackups
      ? [{ path: [...path, 'backup.restore'], message: 'The file does not say where backups lie', advice: 'Add backups: { dir: backups }' }]
      : []),
    ...alias(fieldsOf(fields.sign).by, file, [...path, 'sign', 'by']),
  ];
}

function proofs(file: unknown): Mistake[] {
  const proof = fieldsOf(fieldsOf(file).proof);
  const unproven = rolesOf(file).filter((role) => !(role in proof));
  return [
    ...unproven.map((role) => ({
      path: ['roles', role],
      at: 'key' as const,
      message: `Nothing proves that ${role} runs the release`,
      advice: `Add it under proof: ${role}: [{ commit: head }]`,
    })),
    ...Object.keys(proof).flatMap((role) => named(role, rolesOf(file), 'role', ['proof', role]).map((one) => ({ ...one, at: 'key' as const }))),
    ...Object.entries(proof).flatMap(([role, items]) =>
      listOf(items).flatMap((item, i) => named(fieldsOf(item).tree, [...groupsOf(file), 'all'], 'file group', ['proof', role, i, 'tree'])),
    ),
  ];
}

function policyNames(file: unknown): Mistake[] {
  const policy = fieldsOf(fieldsOf(file).policy);
  return [...alias(policy.request, file, ['policy', 'request']), ...alias(fieldsOf(policy.approve).by, file, ['policy', 'approve', 'by'])];
}

function alias(name: unknown, file: unknown, path: readonly PropertyKey[]): Mistake[] {
  if (typeof name === 'string' && /^[@#]/.test(name)) return [];
  return named(name, Object.keys(fieldsOf(fieldsOf(file).people)), 'name in people', path);
}

function questions(file: unknown): Mistake[] {
  return listOf(fieldsOf(file).ask).flatMap((question, i) => {
    const { choices, default: chosen } = fieldsOf(question);
    return choices === undefined ? [] : named(chosen, listOf(choices).map(String), 'choice', ['ask', i, 'default']);
  });
}

/** One name for two machines would make two hosts' facts one. */
function sameHosts(file: unknown): Mistake[] {
  const seen = new Map<string, string>();
  return Object.entries(fieldsOf(fieldsOf(file).roles)).flatMap(([role, value]) =>
    listOf(fieldsOf(value).hosts).flatMap((spec, i) => {
      const name = typeof spec === 'string' ? (spec.split(/[@:]/)[1] ?? spec) : String(fieldsOf(spec).name);
      const text = JSON.stringify(spec);
      const other = seen.get(name);
      seen.set(name, other ?? text);
      if (other === undefined || (other === text && i === 0)) return [];
      return [
        { path: ['roles', role, 'hosts', i], message: `There are two hosts ${shown(name)}`, advice: 'Give each machine one name, once a role' },
      ];
    }),
  );
}

/** `{{…}}` is filled in the params of steps, and nowhere else. */
function fills(file: unknown, kinds: Kinds): Mistake[] {
  return [...stringsIn(file)].flatMap(({ text, path }) => {
    if (!text.includes('{{')) return [];
    const inParams = path[0] === 'runbook' && path[2] === 'steps' && Object.hasOwn(kinds.steps, String(path[4]));
    const wrong = inParams
      ? checkFill(text)
      : { message: '{{…}} is not filled in here', advice: 'Use it in what a step does, or write the text itself' };
    return wrong ? [{ path, piece: '{{', ...wrong }] : [];
  });
}
