import { join } from 'node:path';
import { quote } from '../../../src/domain/sh.ts';
import { must } from './planner.ts';

const build = `import base64, hashlib, sys, zipfile
folder, package, version, module, *requires = sys.argv[1:]
name = package.replace('-', '_')
info = f'{name}-{version}.dist-info'
needs = ''.join(f'Requires-Dist: {need}\\n' for need in requires)
files = {
    f'{module}/__init__.py': f'version = "{version}"\\n',
    f'{module}/only_{version.replace(".", "_")}.py': '',
    f'{info}/METADATA': f'Metadata-Version: 2.1\\nName: {package}\\nVersion: {version}\\n{needs}',
    f'{info}/WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
    f'{info}/entry_points.txt': f'[console_scripts]\\n{package}-run = {module}:main\\n',
}
digest = lambda text: 'sha256=' + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()
record = ''.join(f'{path},{digest(text)},{len(text)}\\n' for path, text in files.items()) + f'{info}/RECORD,,\\n'
with zipfile.ZipFile(f'{folder}/{name}-{version}-py3-none-any.whl', 'w') as wheel:
    for path, text in [*files.items(), (f'{info}/RECORD', record)]: wheel.writestr(path, text)
`;

export interface WheelParts {
  readonly name?: string;
  readonly module?: string;
  readonly requires?: readonly string[];
}

/** Writes a tiny wheel by hand (of `trade-agent-sac` where nothing else is said): no index and no build tools are needed. */
export async function makeWheel(folder: string, version: string, parts: WheelParts = {}): Promise<string> {
  const { name = 'trade-agent-sac', module = 'sac_sample', requires = [] } = parts;
  await must(`python3 -c ${[build, folder, name, version, module, ...requires].map((part) => quote(part)).join(' ')}`);
  return join(folder, `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`);
}
