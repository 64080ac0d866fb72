import { which } from './command.mjs';
import { engineAnswers } from './engine.mjs';
import { SetupError } from './say.mjs';

/**
 * What the lab needs from the machine. `any`: one of these programs is enough. `on`: only on these kinds of machine.
 * apt: the first of these packages that the machine's lists know. Fedora's and macOS's names are for the list people get.
 */
const NEEDS = {
  git: { any: ['git'], apt: ['git'], dnf: 'git', brew: 'git' },
  ssh: { any: ['ssh-keygen'], apt: ['openssh-client'], dnf: 'openssh-clients', brew: 'openssh' },
  sshd: { any: ['sshd'], apt: ['openssh-server'], dnf: 'openssh-server', brew: 'openssh' },
  busybox: { any: ['busybox'], apt: ['busybox-static', 'busybox'], dnf: 'busybox', on: ['debian', 'fedora'] },
  redis: { any: ['redis-server'], apt: ['redis-server'], dnf: 'redis', brew: 'redis' },
  docker: { any: ['docker'], apt: ['docker-cli', 'docker.io'], dnf: 'moby-engine', brew: '--cask docker' },
  engine: { any: ['dockerd'], apt: ['docker.io'], dnf: 'moby-engine', on: ['debian', 'fedora', 'other'], unless: engineAnswers },
  debootstrap: { any: ['debootstrap'], apt: ['debootstrap'], on: ['debian'] },
  faketime: { any: ['faketime'], apt: ['faketime'], dnf: 'libfaketime', on: ['debian', 'fedora', 'other'] },
  python: { any: ['python3'], apt: ['python3'], dnf: 'python3', brew: 'python' },
  chromium: {
    any: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'Google Chrome'],
    apt: ['chromium', 'chromium-browser'],
    dnf: 'chromium',
    brew: '--cask chromium',
  },
};

/** The needs of `names` that this machine does not meet: [{ name, any, apt, … }]. */
export async function missing(names, machine) {
  const lacking = [];
  for (const name of names) {
    const need = NEEDS[name];
    if (need.on && !need.on.includes(machine.kind)) continue;
    if (need.any.some(which) || chromiumByName(name)) continue;
    if (need.unless && (await need.unless())) continue;
    lacking.push({ name, ...need });
  }
  return lacking;
}

/** The error for machines where set-up installs nothing by itself: the one command to type. */
export function installAdvice(lacking, machine) {
  const what = lacking.map(({ any }) => any[0]).join(', ');
  return new SetupError(`These programs are missing on ${machine.name}: ${what}.`, ADVICE[machine.kind](lacking, machine));
}

const ADVICE = {
  debian: (lacking) =>
    `Run this, then try again (as root, it is done for you if you say yes):\n  sudo apt-get update && sudo apt-get install -y ${unique(lacking, ({ apt }) => apt[0])}`,
  fedora: (lacking) => `Run this, then try again:\n  sudo dnf install -y ${unique(lacking, ({ dnf }) => dnf)}`,
  mac: macAdvice,
  other: (lacking) => `Install them with your system's package manager (Debian calls them ${unique(lacking, ({ apt }) => apt[0])}), then try again.`,
};

function macAdvice(lacking) {
  const lines = lacking.filter(({ brew }) => brew).map(({ brew }) => `  brew install ${brew}`);
  const desktop = lacking.some(({ name }) => name === 'docker')
    ? '\nStart Docker Desktop once it is installed, and wait until it says that it runs.'
    : '';
  return `Run this (https://brew.sh), then try again:\n${[...new Set(lines)].join('\n')}${desktop}`;
}

function unique(lacking, pick) {
  return [...new Set(lacking.map(pick).filter(Boolean))].join(' ');
}

/** A browser that is not on PATH can be named. */
function chromiumByName(name) {
  return (
    name === 'chromium' &&
    (process.env.CHROMIUM !== undefined || which('../../Applications/Google Chrome.app/Contents/MacOS/Google Chrome') !== undefined)
  );
}
