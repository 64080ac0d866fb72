import { type Sh, script, sh } from '../domain/sh.ts';
import type { Role } from '../domain/system.ts';
import { pythonOf } from './shell.ts';

/** pip asks nothing, looks for no newer pip, and says nothing of root. */
export const pipEnvironment = script(
  sh`PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore; export PIP_NO_INPUT PIP_DISABLE_PIP_VERSION_CHECK PIP_ROOT_USER_ACTION`,
);

/** Prints the installed version of a package, or nothing. */
export const readVersion = (role: Role, name: string): Sh => sh`${pythonOf(role)} -c ${versionCode} ${name}`;

const versionCode = `import importlib.metadata as m, sys
try: print(m.version(sys.argv[1]))
except m.PackageNotFoundError: pass`;

/** Prints four lines: version or `-`, `managed` where the system refuses pip (PEP 668), `writable` where packages may be written, and that directory. */
export const readInstalled = (role: Role, name: string): Sh => sh`${pythonOf(role)} -c ${installedCode} ${name}`;

const installedCode = `import importlib.metadata as m, os, sys, sysconfig
try: print(m.version(sys.argv[1]))
except m.PackageNotFoundError: print('-')
marker = os.path.join(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED')
print('managed' if sys.prefix == sys.base_prefix and os.path.exists(marker) else 'free')
site = sysconfig.get_path('purelib')
print('writable' if os.access(site, os.W_OK) else 'closed')
print(site)`;

/** Prints the absolute paths of all files of an installed package, each ended by NUL; nothing when it is not installed. */
export const installedFiles = (role: Role, name: string): Sh => sh`${pythonOf(role)} -c ${filesCode} ${name}`;

const filesCode = `import importlib.metadata as m, os, sys
try: found = m.files(sys.argv[1]) or []
except m.PackageNotFoundError: found = []
for f in found:
    p = os.path.abspath(f.locate())
    if os.path.isfile(p) or os.path.islink(p): sys.stdout.write(p + chr(0))`;
