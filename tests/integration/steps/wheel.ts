import { join } from 'node:path';
import { quote } from '../../../src/domain/sh.ts';
import { must } from './planner.ts';

const build = `import base64, hashlib, sys, zipfile
folder, version = sys.argv[1:]
name = 'trade_agent_sac'
info = f'{name}-{version}.dist-info'
files = {
    'sac_sample/__init__.py': f'version = "{version}"\\n',
    f'sac_sample/only_{version.replace(".", "_")}.py': '',
    f'{info}/METADATA': f'Metadata-Version: 2.1\\nName: trade-agent-sac\\nVersion: {version}\\n',
    f'{info}/WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
}
digest = lambda text: 'sha256=' + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()
record = ''.join(f'{path},{digest(text)},{len(text)}\\n' for path, text in files.items()) + f'{info}/RECORD,,\\n'
with zipfile.ZipFile(f'{folder}/{name}-{version}-py3-none-any.whl', 'w') as wheel:
    for path, text in [*files.items(), (f'{info}/RECORD', record)]: wheel.writestr(path, text)
`;

/** Writes a tiny wheel of `trade-agent-sac` by hand: no index and no build tools are needed. */
export async function makeWheel(folder: string, version: string): Promise<string> {
  await must(`python3 -c ${quote(build)} ${quote(folder)} ${quote(version)}`);
  return join(folder, `trade_agent_sac-${version}-py3-none-any.whl`);
}
