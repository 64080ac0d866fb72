import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wordsOf } from '../../lab/workspace/driver.ts';
import type { Json, Message } from '../../lab/workspace/model.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { beside, listed, pathOf, stock } from '../helpers/removal.ts';
import {
  ask,
  completed,
  eventsOf,
  type Followed,
  incident,
  listing,
  nextCard,
  opened,
  PEOPLE,
  planTexts,
  released,
  toldPrivately,
} from '../helpers/rollback.ts';
import { prods, sacState } from '../helpers/sac.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  await world.start();
});
afterAll(() => world?.stop());

const longMs = 600_000;
const hosts = ['dev-1', ...prods];
const unit = 'sac-agent-service';
const tree = '/srv/trade-agent';
const logDir = '/var/log/trade-agent/sac';

/** Runs sh text on a host, as root where nobody else is named; throws with all it said when it fails. */
async function on(host: string, command: string, user = 'root'): Promise<string> {
  const { exitCode, stdout, stderr } = await world.hosts.exec(host, command, { user, timeoutMs: 120_000 });
  if (exitCode !== 0) throw new Error(`${host}: ${command}\nended with ${exitCode}:\n${stdout}${stderr}`);
  return stdout.trim();
}

/** The same of every named host, side by side. */
async function ofEach<T>(names: readonly string[], look: (host: string) => Promise<T>): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(names.map(async (host): Promise<[string, T]> => [host, await look(host)])));
}

const stocks = () => ofEach(hosts, (host) => stock(world, host));
const activity = () => ofEach(prods, (host) => on(host, `systemctl is-active ${unit} || true`));
const invocations = () => ofEach(prods, (host) => on(host, `systemctl show -p InvocationID -p MainPID ${unit}`));
/** When the unit last stopped or started, in milliseconds since 1970, by the clock that this machine has too. */
const changedAt = async (host: string, which: 'Inactive' | 'Active'): Promise<number> =>
  Number(await on(host, `date -d "$(systemctl show -p ${which}EnterTimestamp --timestamp=us --value ${unit})" +%s%3N`));

const both = (state: string): Record<string, string> => ({ 'prod-1': state, 'prod-2': state });
/** Card and thread as people read them. */
const told = (rollback: Followed): string => [rollback.card(), ...world.workspace.replies(incident, rollback.ts)].map(wordsOf).join('\n\n');

/** Waits for a card that can be approved; one that says why not is thrown at once. */
async function ready(rollback: Followed): Promise<Message> {
  const card = await rollback.says(/Waiting for|cannot be done yet/);
  if (!rollback.buttons().includes('approve')) throw new Error(card.text);
  return card;
}

/** Approves, and waits for the end; answers the milliseconds that it took. */
async function approved(rollback: Followed): Promise<number> {
  await ready(rollback);
  const approvedAt = performance.now();
  await rollback.click(PEOPLE.approver, 'approve');
  await completed(rollback);
  return Math.round(performance.now() - approvedAt);
}

const finished = async (id: string): Promise<string[]> =>
  (await eventsOf(world, id)).flatMap((event) => (event.type === 'step-finished' ? [event.run] : []));

describe('removal', () => {
  let before: Record<string, string[]>;
  let state: Record<string, string>;
  let files: Record<string, string[]>;
  let logs: Record<string, string>;
  let removal: Followed;

  /** The beginning of a log, as it was. */
  const logBeginning = (host: string, bytes: string) =>
    on(host, `head -c ${bytes} ${logDir}/agent.log | sha256sum; stat -c '%a %U:%G' ${logDir}/agent.log`);

  it('refuses, before anything is changed, where a link would lead out of the listed directories', { timeout: longMs }, async () => {
    await on('dev-1', `mv ${tree}/reports /srv/elsewhere && ln -s /srv/elsewhere ${tree}/reports`);
    await on('prod-2', `mv ${logDir} /var/log/elsewhere && ln -s /var/log/elsewhere ${logDir}`);
    const found = await stocks();
    const refused = await ask(world, 'sac remove');
    const { text } = await refused.says(/cannot be done yet/);
    console.log(text);
    expect(text).toContain('2 problems found, nothing was changed');
    expect(text).toContain(`dev-1 step 7: the files of`);
    expect(text).toContain(`${tree}/reports is a symbolic link, or lies behind one: it leads to /srv/elsewhere, and is never followed`);
    expect(text).toContain(`prod-2 step 5: the files of`);
    expect(text).toContain(`${logDir} is a symbolic link`);
    expect(refused.buttons()).not.toContain('approve');
    expect(await stocks()).toEqual(found);
    expect(await activity()).toEqual(both('active'));
    await on('dev-1', `rm ${tree}/reports && mv /srv/elsewhere ${tree}/reports`);
    await on('prod-2', `rm ${logDir} && mv /var/log/elsewhere ${logDir}`);
  });

  it('shows in its plan, host by host, exactly what the lists match there', { timeout: longMs }, async () => {
    await on(
      'dev-1',
      `ln -s /etc/hostname models/sac_link.pkl && echo kept >models/notes.txt && cd ${tree} && chmod 4750 models/sac_policy.pkl`.replace(
        'ln',
        `cd ${tree} && ln`,
      ),
      'deploy',
    );
    await on('prod-1', `echo kept >${logDir}/audit.txt && install -m 600 /dev/null /var/lib/trade-agent/sac/models/of_root.bin`);
    await on('prod-2', `echo kept >/opt/trade-agent/sac/notes.md`);
    [before, state] = [await stocks(), await sacState(world)];
    files = await ofEach(hosts, (host) => listed(world, host));
    const bytes = await ofEach(prods, (host) => on(host, `stat -c %s ${logDir}/agent.log`));
    logs = await ofEach(prods, async (host) => `${bytes[host]} ${await logBeginning(host, bytes[host] ?? '')}`);
    removal = await ask(world, 'sac remove the agent is withdrawn');
    const { text } = await ready(removal);
    console.log(text);
    const plan = await planTexts(world, removal, PEOPLE.requester);
    for (const [host, step] of [
      ['dev-1', '*7 Development files* · dev-1'],
      ['prod-1', '*5 Production files* · prod-1'],
      ['prod-2', '*5 Production files* · prod-2'],
    ] as const) {
      const from = plan.findIndex((part) => part.startsWith(step));
      const until = plan.findIndex((part, i) => i > from && part.startsWith('Afterwards:'));
      const shown = plan
        .slice(from, until)
        .join('\n')
        .split('\n')
        .flatMap((line) => /^(\/.*) \((?!directory )/.exec(line)?.[1] ?? []);
      expect(shown.sort(), host).toEqual(files[host]);
    }
    expect(files['dev-1']).toContain(`${tree}/models/sac_link.pkl`);
    expect(await stocks()).toEqual(before);
  });

  it('a link that is planted after the plan stops it on that host, which keeps all its files', { timeout: longMs }, async () => {
    await on('prod-2', `ln -s /etc/passwd ${logDir}/planted.log`);
    const planted = await stock(world, 'prod-2');
    await removal.click(PEOPLE.approver, 'approve');
    const { text } = await removal.until('retry');
    console.log(text);
    expect(text).toContain('5 Production files on prod-2');
    await world.workspace.waitFor(() => told(removal).includes('what is to be removed changed since the plan was made'), 'why');
    expect(await stock(world, 'prod-2')).toEqual(planted);
    expect(await on('prod-2', 'wc -l </etc/passwd')).not.toBe('0');
  });

  it('without it goes on: each listed file is gone, everything else is there', { timeout: longMs }, async () => {
    await on('prod-2', `rm ${logDir}/planted.log`);
    await removal.click(PEOPLE.requester, 'retry');
    await world.workspace.waitFor(() => !removal.buttons().includes('retry'), 'the retry to begin', 60_000);
    await completed(removal);
    console.log(told(removal));
    const after = await stocks();
    expect(await ofEach(hosts, (host) => listed(world, host))).toEqual({ 'dev-1': [''], 'prod-1': [''], 'prod-2': [''] });
    for (const host of hosts) {
      expect(beside(after[host] ?? [], []), host).toEqual(beside(before[host] ?? [], files[host] ?? []));
      const was = new Set(before[host]);
      expect(
        after[host]?.filter((line) => !was.has(line) && !line.includes('/.venv/')),
        host,
      ).toEqual([]);
    }
    for (const part of [`${tree}/models/notes.txt`]) expect(after['dev-1']?.map(pathOf)).toContain(part);
    expect(after['prod-1']?.map(pathOf)).toContain(`${logDir}/audit.txt`);
    expect(after['prod-2']?.map(pathOf)).toContain('/opt/trade-agent/sac/notes.md');
    expect(await on('dev-1', `${tree}/.venv/bin/python -m pip list --format=freeze`)).not.toContain('trade-agent-sac');
    expect(await on('dev-1', 'cat /etc/hostname')).not.toBe('');
    expect(await activity()).toEqual(both('inactive'));
  });

  it('what it removed is kept for its time', async () => {
    for (const host of hosts) {
      const kept = await on(
        host,
        `find /home/deploy/.rollback-bot/kept/${removal.id} -path '*/files/*' ! -type d | sed 's:^.*/files/:/:' | LC_ALL=C sort`,
      );
      for (const file of files[host] ?? []) expect(kept.split('\n')).toContain(file);
      const until = Number(await on(host, `cat /home/deploy/.rollback-bot/kept/${removal.id}/*/until`));
      expect(until - Date.now() / 1000).toBeGreaterThan(13.9 * 86_400);
    }
  });

  it('undo brings all back with owner and mode, and the agent trades again', { timeout: longMs }, async () => {
    const undo = await nextCard(world, () => world.workspace.command(PEOPLE.requester, incident, `/rollback undo ${removal.id}`));
    await ready(undo);
    console.log(undo.card().text);
    const ms = await approved(undo);
    console.log(`put back ${ms} ms after the approval\n${told(undo)}`);
    expect(await stocks()).toEqual(before);
    expect(await sacState(world)).toEqual(state);
    for (const host of prods) {
      const bytes = logs[host]?.split(' ')[0] ?? '';
      expect(`${bytes} ${await logBeginning(host, bytes)}`).toBe(logs[host]);
    }
    await on('dev-1', `cd ${tree} && rm models/sac_link.pkl models/notes.txt && chmod 644 models/sac_policy.pkl`, 'deploy');
    await on('prod-1', `rm ${logDir}/audit.txt /var/lib/trade-agent/sac/models/of_root.bin`);
    await on('prod-2', 'rm /opt/trade-agent/sac/notes.md');
  });
});

describe('halt', () => {
  let rollback: Followed;

  it('is refused to somebody who is not in the incident channel', async () => {
    rollback = await ask(world, 'sac v0.1.0 orders rejected');
    await ready(rollback);
    const running = await invocations();
    await expect(rollback.click(PEOPLE.outsider, 'halt')).rejects.toThrow('not a member of #inc-trading');
    const view = await opened(world, rollback, PEOPLE.requester, 'plan');
    await world.workspace.close(view.id, PEOPLE.requester);
    await world.workspace.sockets.deliver('interactive', forged('halt', PEOPLE.outsider));
    await world.workspace.waitFor(() => toldPrivately(world, PEOPLE.requester).includes('Stop trading is for #inc-trading'), 'the refusal');
    expect(rollback.buttons()).toContain('halt');
    expect(await invocations()).toEqual(running);
  });

  /** The last click as if somebody else had sent it with another button; what is answered goes to whose click it was. */
  function forged(action: string, user: string): Json {
    const click = world.workspace.sockets.envelopes.findLast(({ payload }) => payload.type === 'block_actions')?.payload ?? {};
    const [button] = click.actions as Json[];
    return { ...click, user: { ...(click.user as Json), id: user }, actions: [{ ...button, action_id: action }] };
  }

  it('stops trading on all production hosts within five seconds, before anybody approved', async () => {
    const clickedAt = Date.now();
    await rollback.click(PEOPLE.requester, 'halt');
    await rollback.until('halt-back');
    await world.workspace.waitFor(() => rollback.card().text.includes('Trading is stopped on prod-1, prod-2'), 'the card to say it', 30_000);
    console.log(`halted ${Date.now() - clickedAt} ms after the click by the card:\n${rollback.card().text}`);
    for (const host of prods) {
      const ms = (await changedAt(host, 'Inactive')) - clickedAt;
      console.log(`${host}: stopped ${ms} ms after the click`);
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(5000);
    }
    expect(await activity()).toEqual(both('inactive'));
    expect(rollback.card().text).toContain('Open positions stay open');
    expect(rollback.buttons()).toContain('approve');
  });

  it('its button resumes trading', async () => {
    await rollback.click(PEOPLE.oncall, 'halt-back');
    await world.workspace.waitFor(() => rollback.card().text.includes('Resume trading was done on prod-1, prod-2'), 'the card to say it', 60_000);
    expect(await activity()).toEqual(both('active'));
    expect(rollback.buttons()).toContain('halt');
  });
});

/** Chooses another scenario on the card of a request, and waits for the plan of it. */
async function choose(rollback: Followed, scenario: string): Promise<string> {
  const view = await opened(world, rollback, PEOPLE.requester, 'change');
  await world.workspace.submit(view.id, PEOPLE.requester, { scenario });
  await rollback.says(new RegExp(`Scenario: ${scenario}`));
  return (await ready(rollback)).text;
}

describe('the scenario that is chosen', () => {
  let rollback: Followed;
  let untouched: Record<string, string[]>;

  it('data corruption is a recovery, testing failure leaves production out', { timeout: longMs }, async () => {
    rollback = await ask(world, 'sac v0.1.0 tests fail');
    await ready(rollback);
    const corruption = await choose(rollback, 'data corruption');
    console.log(corruption);
    expect(corruption).toMatch(/recovery: .*v0\.1\.0/);
    const failure = await choose(rollback, 'testing failure');
    console.log(failure);
    expect(failure).toContain('left out: steps 1, 11.1, 11.2, 11.3, 11.4, 12, 12.4');
    expect(failure).toContain('1 host read');
  });

  it('runs on dev alone, while trading stays stopped as it was', { timeout: longMs }, async () => {
    await rollback.click(PEOPLE.requester, 'halt');
    await rollback.until('halt-back');
    await world.workspace.waitFor(() => rollback.card().text.includes('Trading is stopped on prod-1, prod-2'), 'the card to say it', 60_000);
    untouched = await ofEach(prods, (host) => stock(world, host));
    const ms = await approved(rollback);
    console.log(`testing failure: proven ${ms} ms after the approval\n${told(rollback)}`);
    const runs = await finished(rollback.id);
    expect(runs).toEqual(expect.arrayContaining(['4@dev-1', '8.1@dev-1', '8.2@dev-1', '8.3@dev-1', '8.4@dev-1', '10@dev-1']));
    expect(runs.filter((run) => run.includes('prod'))).toEqual([]);
    expect(world.pipeline.runs).toEqual([]);
    expect(await listing(world, 'dev-1', `${tree}/src/rl/sac`, '*/__pycache__/*')).toBe(
      await released(world, 'dev-1', '/srv/git/trade-agent.git', 'v0.1.0', 'src/rl/sac'),
    );
    expect(await ofEach(prods, (host) => stock(world, host))).toEqual(untouched);
  });

  it('its card still says that trading is stopped, and its button resumes it', async () => {
    expect(await activity()).toEqual(both('inactive'));
    expect(rollback.card().text).toContain('Trading is stopped on prod-1, prod-2');
    await rollback.click(PEOPLE.requester, 'halt-back');
    await world.workspace.waitFor(() => rollback.card().text.includes('Resume trading was done on prod-1, prod-2'), 'the card to say it', 60_000);
    expect(await activity()).toEqual(both('active'));
  });
});

describe('a rollback that is approved while trading is stopped', () => {
  it('runs whole, starts what it deployed, and offers no resuming afterwards', { timeout: longMs }, async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('halt', 60_000);
    const clickedAt = Date.now();
    await rollback.click(PEOPLE.requester, 'halt');
    await world.workspace.waitFor(() => rollback.card().text.includes('Trading is stopped on prod-1, prod-2'), 'the card to say it', 60_000);
    for (const host of prods)
      console.log(`${host}: stopped ${(await changedAt(host, 'Inactive')) - clickedAt} ms after a click while the hosts were read`);
    const ms = await approved(rollback);
    await rollback.says(/Recorded as last known good/);
    console.log(`whole: proven ${ms} ms after the approval\n${rollback.card().text}`);
    expect(await activity()).toEqual(both('active'));
    expect(rollback.card().text).not.toContain('Trading is stopped');
    expect(rollback.buttons()).not.toContain('halt-back');
  });
});

describe('recovery', () => {
  const backup = `${tree}/backups/v0.1.0`;
  const python = `${tree}/.venv/bin/python`;
  let recovery: Followed;
  let broken: Record<string, string>;

  /** What the document's recovery promises: data as in the backup, an environment that works, and data integrity. */
  async function expectRecovered(): Promise<void> {
    expect(await on('dev-1', `ls ${tree}/models`)).toBe('sac_policy.pkl');
    await on(
      'dev-1',
      `cmp ${tree}/models/sac_policy.pkl ${backup}/models/sac_policy.pkl && cmp ${tree}/configs/sac_config.json ${backup}/configs/sac_config.json`,
    );
    expect(await on('dev-1', `${python} ${tree}/scripts/validate_data_integrity.py`, 'deploy')).toContain('data integrity passed: 1 models');
    expect(await on('dev-1', `${python} -c 'import stable_baselines3'`)).toBe('');
    expect(await on('dev-1', `cd ${tree} && git diff --stat v0.1.0 -- src/rl/sac configs`, 'deploy')).toBe('');
    expect(await activity()).toEqual(both('active'));
  }

  it('is of the last known good release, and says what it will mend and set aside', { timeout: longMs }, async () => {
    await on(
      'dev-1',
      `cd ${tree} && rm models/sac_policy.pkl && echo garbage >models/sac_initial.pkl && echo '{' >configs/sac_config.json`,
      'deploy',
    );
    await on(
      'dev-1',
      `cd ${tree} && echo 'import nothing' >>src/rl/sac/sac_agent.py && ${python} -m pip -q uninstall -y stable_baselines3`,
      'deploy',
    );
    await on('prod-2', `systemctl stop ${unit}`);
    broken = await sacState(world);
    recovery = await ask(world, 'sac recover models unreadable');
    const { text } = await ready(recovery);
    console.log(text);
    for (const part of ['recovery: v0.1.0 again', 'models unreadable', 'set aside and kept: models/sac_initial.pkl']) expect(text).toContain(part);
    const plan = (await planTexts(world, recovery, PEOPLE.requester)).join('\n');
    expect(plan).toMatch(/models\/sac_policy\.pkl absent.* → models\/sac_policy\.pkl sha256 [0-9a-f]{12}/);
    expect(plan).toMatch(/stable-baselines3 not installed → stable-baselines3 2\.3\.2/);
    expect(await sacState(world)).toEqual(broken);
  });

  it('brings environment, models, configuration and service back, and proves it', { timeout: longMs }, async () => {
    const started = await invocations();
    const ms = await approved(recovery);
    console.log(`recover: proven ${ms} ms after the approval\n${told(recovery)}`);
    await expectRecovered();
    const again = await invocations();
    for (const host of prods) expect(again[host]).not.toBe(started[host]);
  });

  it('its undo brings back on dev what was there, broken as it was', { timeout: longMs }, async () => {
    const undo = await nextCard(world, () => world.workspace.command(PEOPLE.requester, incident, `/rollback undo ${recovery.id}`));
    await ready(undo);
    console.log(undo.card().text);
    await approved(undo);
    expect((await sacState(world))['dev-1']).toBe(broken['dev-1']);
  });

  it('is what runs when somebody chooses data corruption', { timeout: longMs }, async () => {
    const rollback = await ask(world, 'sac v0.1.0 nonsense in the models');
    await rollback.says(/Waiting for|cannot be done yet/);
    console.log(rollback.card().text);
    await ready(rollback);
    const text = await choose(rollback, 'data corruption');
    console.log(text);
    await approved(rollback);
    expect(await finished(rollback.id)).toEqual(
      expect.arrayContaining(['1.1@dev-1', '2.1@dev-1', '2.2@dev-1', '2.3@dev-1', '3.1@prod-1', '3.4@prod-2']),
    );
    await expectRecovered();
  });
});
