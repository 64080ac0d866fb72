import type { World } from '../../lab/world.ts';
import { wholeOf } from './rollback.ts';

/** What the owner's document removes, list by list; `sac_replay.py`, its test and its page came with v0.2.0. */
const lists: Readonly<Record<string, readonly string[]>> = {
  'dev-1': [
    'src/rl/sac/{sac_agent.py,sac_features.py,__init__.py,sac_replay.py}',
    'docs/agents/{sac_agent,sac_agent_detailed_plan,sac_agent_summary,sac_agent_acceptance_tests,sac_configuration}.md',
    'docs/agents/{sac_file_tree_structure,sac_agent_makefile_tasks,sac_agent_dag,sac_agent_rollback_plan,sac_replay_buffer}.md',
    'configs/sac_config.json',
    'tests/rl/sac/test_sac_{agent,features,integration,environment,acceptance,replay}.py',
    'scripts/{train_sac,evaluate_sac,backtest_sac,save_model,load_model,export_model}.py',
    'models/sac_*.pkl',
    'reports/sac_*.html',
  ].map((list) => `/srv/trade-agent/${list}`),
  production: [
    '/opt/trade-agent/sac/{sac_agent.py,sac_features.py,sac_replay.py,__init__.py}',
    '/etc/trade-agent/sac_config.json',
    '/var/log/trade-agent/sac/*.log',
    '/var/lib/trade-agent/sac/{models,reports}/*',
  ],
};

/** Where they lie, with all that lies beside them. */
const places: Readonly<Record<string, readonly string[]>> = {
  'dev-1': ['/srv/trade-agent'],
  production: ['/opt/trade-agent', '/etc/trade-agent', '/var/log/trade-agent', '/var/lib/trade-agent', '/etc/systemd/system'],
};

const of = <T>(all: Readonly<Record<string, T>>, host: string): T => all[host] ?? (all.production as T);

/** The files that the document's lists mean on a host now, sorted; answered by the host's bash, not by the product. */
export async function listed(world: World, host: string): Promise<string[]> {
  const { stdout } = await world.hosts.exec(host, `bash -c 'shopt -s nullglob; LC_ALL=C; ls -d ${of(lists, host).join(' ')}'`);
  return stdout.trim().split('\n').sort();
}

/** What a host has there, as lines that begin with the path or with a checksum and the path. A log that is written to is named without its content. */
export async function stock(world: World, host: string): Promise<string[]> {
  const lines = (await wholeOf(world, host, of(places, host))).split('\n');
  return lines.filter((line) => line !== '' && !/^[0-9a-f]{64} .*\.log$/.test(line));
}

/** The lines about other things than these files; directories, which become empty, and what pip writes are looked at elsewhere. */
export const beside = (lines: readonly string[], files: readonly string[]): string[] =>
  lines.filter((line) => !/ d \d+ /.test(line) && !line.includes('/.venv/') && !files.includes(pathOf(line)));

/** The path of a line of {@link stock}. */
export const pathOf = (line: string): string => (/^[0-9a-f]{64} /.test(line) ? line.slice(66) : line.slice(0, line.search(/ [fdl] \d+ /)));
