import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Problem, Where } from '../domain/step.ts';
import type { Role } from '../domain/system.ts';
import { problem, pythonOf } from './shell.ts';

/** pip asks nothing, looks for no newer pip, and says nothing of root. */
export const pipEnvironment = script(
  sh`PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore; export PIP_NO_INPUT PIP_DISABLE_PIP_VERSION_CHECK PIP_ROOT_USER_ACTION`,
);

/** A Python package's name as pip takes it. */
export const packageName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** One name for `Trade_Agent.SAC` and `trade-agent-sac`, as PEP 503 has it. */
export const canonicalName = (name: string): string => name.replaceAll(/[-_.]+/g, '-').toLowerCase();

/** Runs a program of this directory with the role's interpreter. */
export const python = (role: Role, code: string, ...args: string[]): Sh => sh`${pythonOf(role)} -c ${code} ${raw(sh`${args}`)}`;

/** What lies in the directory itself, `build/lib` or an egg-info, is not installed. */
const ownPath = `import sys
sys.path[:] = [entry for entry in sys.path if entry]`;

/** In a venv that sees the system's packages, those are not pip's to change. */
const isLocal = `import importlib.metadata as m, os
def local(dist):
    at = os.path.realpath(str(dist.locate_file('')))
    return sys.prefix == sys.base_prefix or at.startswith(os.path.realpath(sys.prefix) + os.sep)`;

/** Prints the installed version of a package, or nothing. */
export const readVersion = (role: Role, name: string): Sh => python(role, versionCode, name);

const versionCode = `${ownPath}
import importlib.metadata as m
try: print(m.version(sys.argv[1]))
except m.PackageNotFoundError: pass`;

/** Prints `a 1.0, b not installed` for the names, in their order. */
export const readVersions = (role: Role, names: readonly string[]): Sh => python(role, versionsCode, ...names);

const versionsCode = `${ownPath}
import importlib.metadata as m
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return 'not installed'
print(', '.join(name + ' ' + version(name) for name in sys.argv[1:]))`;

/**
 * Prints five lines: version or `-`, `managed` where the system refuses pip (PEP 668), `writable` where packages may be written, that directory, and
 * `inside` where the package is the interpreter's own and not one that its venv sees of the system's.
 */
export const readInstalled = (role: Role, name: string): Sh => python(role, installedCode, name);

const installedCode = `${ownPath}
${isLocal}
import sysconfig
try: dist = m.distribution(sys.argv[1])
except m.PackageNotFoundError: dist = None
print(dist.version if dist else '-')
marker = os.path.join(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED')
print('managed' if sys.prefix == sys.base_prefix and os.path.exists(marker) else 'free')
site = sysconfig.get_path('purelib')
print('writable' if os.access(site, os.W_OK) else 'closed')
print(site)
print('inside' if dist and local(dist) else 'outside')`;

/** What {@link readInstalled} printed. */
export interface Installed {
  readonly version?: string;
  readonly managed: boolean;
  readonly writable: boolean;
  readonly site: string;
  readonly inside: boolean;
}

/** Reads what {@link readInstalled} printed; undefined when it did not. */
export function parseInstalled(text: string): Installed | undefined {
  const [version, managed, writable, site, inside] = text.split('\n');
  if (site === undefined) return undefined;
  return {
    ...(version !== '-' && version !== undefined && { version }),
    managed: managed === 'managed',
    writable: writable === 'writable',
    site,
    inside: inside === 'inside',
  };
}

/** Why pip cannot change anything with the role's interpreter. */
export function interpreterProblems(seen: Installed | undefined, why: string, where: Where): Problem[] {
  const interpreter = pythonOf(where.role);
  if (seen === undefined)
    return [problem(`the interpreter ${interpreter} does not answer: ${why}`, "set the role's python to the interpreter of the venv")];
  if (seen.managed)
    return [
      problem(`${interpreter} belongs to the system's packages, which refuses pip`, "make a venv and set the role's python to its interpreter"),
    ];
  return seen.writable
    ? []
    : [problem(`${where.host.user} may not write to ${seen.site}`, `give ${where.host.user} the venv, or use a user that owns it`)];
}

/** Prints the absolute paths of all files of installed packages, compiled ones and directories of their own too, each ended by NUL. */
export const installedFiles = (role: Role, names: readonly string[]): Sh => python(role, filesCode, ...names);

const filesCode = `${ownPath}
${isLocal}
import importlib.util, sysconfig
sites = [os.path.abspath(sysconfig.get_path(kind)) + os.sep for kind in ('purelib', 'platlib')]
found = set()
for name in sys.argv[1:]:
    try: dist = m.distribution(name)
    except m.PackageNotFoundError: continue
    for file in dist.files or [] if local(dist) else []:
        path = os.path.abspath(str(file.locate()))
        compiled = [importlib.util.cache_from_source(path)] if path.endswith('.py') else []
        for one in [path] + compiled:
            if not (os.path.isfile(one) or os.path.islink(one)): continue
            found.add(one)
            while any(os.path.dirname(one).startswith(site) for site in sites):
                one = os.path.dirname(one)
                found.add(one)
sys.stdout.write(''.join(path + chr(0) for path in sorted(found)))`;

/** Prints every installed package that is not one of the names, with its version, a line each. */
export const otherPackages = (role: Role, names: readonly string[]): Sh => python(role, othersCode, ...names);

const othersCode = `${ownPath}
import importlib.metadata as m, re
canonical = lambda name: re.sub('[-_.]+', '-', name).lower()
mine = {canonical(name) for name in sys.argv[1:]}
names = ((d.metadata['Name'], d.version) for d in m.distributions())
print('\\n'.join(sorted({canonical(name) + ' ' + version for name, version in names if name and canonical(name) not in mine})))`;

/** Prints the names and versions of installed packages that need this one, a line each. */
export const dependents = (role: Role, name: string): Sh => python(role, dependentsCode, name);

const dependentsCode = `${ownPath}
import importlib.metadata as m, re
canonical = lambda name: re.sub('[-_.]+', '-', name).lower()
wanted = canonical(sys.argv[1])
for d in m.distributions():
    plain = [text for text in d.requires or [] if 'extra' not in text.partition(';')[2]]
    if any(canonical(re.match('[A-Za-z0-9._-]+', text).group()) == wanted for text in plain): print(d.metadata['Name'], d.version)`;
