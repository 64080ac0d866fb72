import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from './git.ts';
import type { SampleHostName } from './hosts.ts';
import type { Repositories } from './repositories.ts';

/** A local file or directory's contents (`dir/.`) that must be on the host before its script runs. */
export interface HostFile {
  readonly local: string;
  readonly path: string;
}

export interface StartValues {
  /** One line of authorized_keys, for the user `pipeline` of the production hosts. */
  readonly pipelinePublicKey: string;
}

type Kind = 'dev' | 'prod' | 'ec2';
const kinds: Readonly<Record<SampleHostName, Kind>> = { 'dev-1': 'dev', 'prod-1': 'prod', 'prod-2': 'prod', 'ec2-1': 'ec2' };
const scripts: Readonly<Record<Kind, readonly string[]>> = { dev: ['wheels', 'dev'], prod: ['wheels', 'prod'], ec2: ['ec2'] };
const healthUrls: Readonly<Record<Kind, string | undefined>> = {
  dev: undefined,
  prod: 'http://localhost:8080/health',
  ec2: 'http://localhost:8000/health',
};

/** Hosts of one kind are provisioned alike and can share an image. */
export const kindOf = (host: SampleHostName): Kind => kinds[host];

const library = join(import.meta.dirname, 'stable-baselines3');

/** What {@link provisionScript} finds on the host: the repository as a bare one below /srv/git, and the source of the library that sac needs. */
export function filesFor(host: SampleHostName, repositories: Repositories): readonly HostFile[] {
  return kinds[host] === 'ec2'
    ? [{ local: `${repositories.agentrader}/.`, path: '/srv/git/aGENtrader.git' }]
    : [
        { local: `${repositories['trade-agent']}/.`, path: '/srv/git/trade-agent.git' },
        { local: `${library}/.`, path: '/srv/src/stable-baselines3' },
      ];
}

/** Shell text run as root once per image, after {@link filesFor}: may be run again. Takes about 10 s. */
export function provisionScript(host: SampleHostName): string {
  return ['set -eu', 'chown -R root:root /srv/git', ...scripts[kinds[host]].map(read)].join('\n');
}

/** Shell text run as root at each start of a provisioned host; ends when v0.2.0 runs and fails its health check. */
export function startScript(host: SampleHostName, values: StartValues): string {
  const kind = kinds[host];
  const health = healthUrls[kind];
  if (health === undefined) return 'true';
  const start = [`PIPELINE_PUBLIC_KEY=${single(values.pipelinePublicKey)}`, `HEALTH_URL=${health}`, read(`start-${kind}`)];
  return [...start, read('wait-for-failing')].join('\n');
}

/** Changes whenever a provisioned image of this host would: with its script, the library, and the commits of its repository. */
export async function provisionKey(host: SampleHostName, repositories: Repositories): Promise<string> {
  const repository = kinds[host] === 'ec2' ? repositories.agentrader : repositories['trade-agent'];
  const refs = await git(repository, ['for-each-ref', '--format=%(objectname) %(refname)']);
  const hash = createHash('sha256').update(provisionScript(host)).update(refs);
  for (const file of ['setup.py', 'stable_baselines3/__init__.py', 'stable_baselines3/sac.py']) hash.update(readFileSync(join(library, file)));
  return hash.digest('hex');
}

const read = (name: string): string => readFileSync(join(import.meta.dirname, 'hosts', `${name}.sh`), 'utf8');

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
