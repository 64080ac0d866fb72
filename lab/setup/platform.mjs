import { readFileSync } from 'node:fs';

/** What kind of machine this is: { kind: 'debian' | 'fedora' | 'mac' | 'other', name, root, terminal }. Ubuntu and its like count as debian. */
export function platform() {
  const root = process.getuid?.() === 0;
  const terminal = Boolean(process.stdin.isTTY);
  if (process.platform === 'darwin') return { kind: 'mac', name: 'macOS', root, terminal };
  const release = osRelease();
  return { kind: linuxKind(release), name: release.PRETTY_NAME ?? process.platform, root, terminal };
}

function linuxKind({ ID = '', ID_LIKE = '' }) {
  const families = `${ID} ${ID_LIKE}`.split(' ');
  if (families.includes('debian')) return 'debian';
  return families.some((family) => ['fedora', 'rhel', 'centos'].includes(family)) ? 'fedora' : 'other';
}

function osRelease() {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    return Object.fromEntries(lines.filter((line) => line.includes('=')).map(entry));
  } catch {
    return {};
  }
}

function entry(line) {
  const [name, ...rest] = line.split('=');
  return [name, rest.join('=').replace(/^"|"$/g, '')];
}
