import type { AfterWork, AnnouncementRule, BackupRules, ComposeRules, DrillRules, Halt, Policy, Role, System } from '../domain/system.ts';
import type { Kinds } from './kinds.ts';
import type { ByKinds, HaltRead } from './read.ts';
import type { AnnouncementLine, SystemFile } from './schema.ts';
import { given, mapped } from './values.ts';
import { personOf, phasesOf, variantsOf } from './variants.ts';

/** All parts of a system file, each read and without mistakes. */
export interface Parts {
  readonly file: SystemFile;
  readonly books: Omit<ByKinds, 'mistakes'>;
  readonly announcements: readonly AnnouncementLine[];
  readonly path: string;
  readonly digest: string;
}

/** The System that the rest of the bot knows: names looked up, defaults filled in. */
export function buildSystem({ file, books, announcements, path, digest }: Parts, kinds: Kinds): System {
  const normal = { runbook: phasesOf(file.runbook, books.normal, file, kinds), proof: books.normal.proof };
  return given({
    name: file.system,
    title: file.title,
    channel: file.channel,
    repository: file.repository,
    release: given(file.release),
    roles: mapped(file.roles, roleOf),
    people: file.people,
    policy: policyOf(file),
    affectedMs: file.affected,
    ask: file.ask.map((question) => given(question)),
    files: mapped(file.files, (group, name) => ({ ...group, name })),
    backups: file.backups && backupsOf(file.backups),
    github: file.github,
    ...normal,
    variants: variantsOf(file, books.variants, normal, kinds),
    scenarios: mapped(file.scenarios, (scenario) => given(scenario)),
    halt: books.halt && haltOf(books.halt, file),
    resources: file.resources.map((resource) => ({ ...resource, who: personOf(resource.who, file) })),
    cannotUndo: file.cannot_undo,
    drill: file.drill && drillOf(file.drill),
    announcements: announcements.map((rule) => ruleOf(rule, file)),
    afterwards: file.afterwards.map(afterWorkOf),
    file: path,
    digest,
  });
}

function roleOf({ compose, ...role }: SystemFile['roles'][string], name: string): Role {
  return given({ ...role, name, compose: compose && composeOf(compose) });
}

function composeOf({ file, service, env_file, env_example }: NonNullable<SystemFile['roles'][string]['compose']>): ComposeRules {
  return given({ file, service, envFile: env_file, envExample: env_example });
}

function policyOf(file: SystemFile): Policy {
  const { request, approve, override, skip, stop, put_back, unlock } = file.policy;
  const { by, count, requester, stands, remind, escalate } = approve;
  const someone = (name: string | undefined) => (name === undefined ? undefined : personOf(name, file));
  const asks = personOf(request ?? file.channel, file);
  return {
    request: asks,
    putBack: someone(put_back) ?? asks,
    unlock: personOf(unlock ?? by, file),
    approve: given({
      by: personOf(by, file),
      count,
      requester,
      standsMs: stands,
      remindMs: remind,
      escalate: given({ afterMs: escalate.after, to: someone(escalate.to) }),
      override: someone(override),
      skip: someone(skip),
      stop: someone(stop),
    }),
  };
}

function backupsOf({ dir, manifest, stale_after, record }: NonNullable<SystemFile['backups']>): BackupRules {
  return { dir, manifest, staleAfterMs: stale_after, record };
}

function haltOf({ halt, back }: HaltRead, file: SystemFile): Halt {
  const { name, on, by, warn } = halt.fields;
  return {
    name,
    backName: back.fields.name,
    on,
    by: personOf(by ?? file.policy.approve.by, file),
    step: { kind: halt.kind, params: halt.params },
    back: { kind: back.kind, params: back.params },
    warn,
  };
}

const drillOf = ({ every, to, run }: NonNullable<SystemFile['drill']>): DrillRules => given({ everyMs: every, to, run });

function afterWorkOf(work: SystemFile['afterwards'][number]): AfterWork {
  if (typeof work === 'string') return { what: work };
  const [[what, withinMs] = ['', 0]] = Object.entries(work);
  return { what, withinMs };
}

function ruleOf({ audience, to, template, within, every, affected_over }: AnnouncementLine, file: SystemFile): AnnouncementRule {
  return { audience, to: personOf(to, file), template, when: whenOf(within, every, affected_over) };
}

function whenOf(withinMs: number | undefined, everyMs: number | undefined, affectedOverMs: number | undefined): AnnouncementRule['when'] {
  if (everyMs !== undefined) return { everyMs };
  return affectedOverMs === undefined ? { withinMs: withinMs ?? 0 } : { affectedOverMs };
}
