import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SampleLab, startSamples } from '../../../lab/samples/start.ts';
import type { ContainerSeen, Reading } from '../../../src/domain/host.ts';
import type { AnyStepKind, Planned, ShellWork, Where } from '../../../src/domain/step.ts';
import type { RunbookStep } from '../../../src/domain/system.ts';
import { container } from '../../../src/proofs/container.ts';
import { http } from '../../../src/proofs/http.ts';
import { pinImages } from '../../../src/steps/image-pins.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { must, perform, planned, proven, shell, whereOf, workOf } from './planner.ts';
import { gitEnv } from './repository.ts';

let samples: SampleLab;
let commits: Readonly<Record<string, string>>;
let image: string;

const dir = '/home/ubuntu/aGENtrader';
const as =
  (user: string) =>
  (text: string): Promise<Reading> =>
    samples.lab.exec('ec2-1', `export HOME=/home/${user}; ${text}`, { user, timeoutMs: 300_000 });
const runs = as('ubuntu');
const root = as('root');
const docker = (text: string) => must(`docker ${text}`, runs).then((said) => said.trim());

beforeAll(async () => {
  samples = await startSamples(['ec2-1']);
  const commitOf = async (ref: string) => (await must(`git -C ${samples.repositories.agentrader} rev-parse ${ref}^{commit}`, gitEnv)).trim();
  commits = { 'v0.1.0': await commitOf('v0.1.0'), 'v0.2.0': await commitOf('v0.2.0') };
  await must(`cd ${dir} && git checkout -q v0.1.0 && cd docker && VERSION=v0.1.0 docker-compose build -q && git checkout -q main`, runs);
  image = await docker('image inspect --format {{.Id}} agentrader:v0.1.0');
  await must('mkdir ~/away && docker save -o ~/images.tar agentrader-base:lab agentrader:v0.1.0 agentrader:v0.2.0', runs);
}, 600_000);
afterAll(() => samples?.stop(), 60_000);

const step = (id: string, kind: string, params: unknown = {}): RunbookStep => ({ id, name: kind, kind, params, on: 'ec2' });
const emergency = { name: 'agentrader_emergency', mounts: ['logs:/app/logs', 'config:/app/config'], env_file: '.env', ports: ['8000:8000'] };

interface Given {
  readonly version?: 'v0.1.0' | 'v0.2.0';
  readonly recorded?: string;
  readonly rollback?: string;
  readonly keep?: number;
  readonly steps?: readonly RunbookStep[];
}

function place(key: string, { version = 'v0.1.0', recorded, rollback = 'agentrader-7', keep = 2, steps = [] }: Given = {}): Where {
  const where = whereOf({
    dir,
    keep: `/home/ubuntu/keep/${rollback}/${key}`,
    target: { commit: commits[version] ?? '', version, tag: version },
    role: {
      name: 'ec2',
      python: 'python3',
      compose: { file: 'docker/docker-compose.yml', service: 'agentrader', envFile: '.env', envExample: '.env.example' },
    },
    system: {
      name: 'agentrader',
      title: 'aGENtrader',
      release: { tags: 'v*', commits: 10, image: 'agentrader', keep, dependencies: [] },
      runbook: [{ name: 'p', estimateMs: 1, testsFromTarget: false, steps }],
    },
    ...(recorded !== undefined && { recorded: { image: { reference: `agentrader:${version}`, id: recorded } } }),
  });
  return { ...where, rollback };
}

const inEmergency: readonly RunbookStep[] = [step('1', 'containers.stop'), step('2', 'container.run', emergency)];
const kindOf = (key: string) => stepKinds[key] as AnyStepKind;
const plan = (key: string, params: unknown, where: Where): Promise<Planned> => planned(kindOf(key), params, where, runs);
const whatOf = (made: Planned) => (made.problems ?? []).map((one) => one.what).join('\n');

/** Plans a step, which must find no problem, and does it, which must end well. */
async function does(key: string, params: unknown, where: Where): Promise<{ made: Planned; work: ShellWork; output: string }> {
  const made = await plan(key, params, where);
  expect({ key, problems: made.problems ?? [] }).toEqual({ key, problems: [] });
  const work = workOf(made);
  const done = await perform(work, runs);
  expect({ key, ...done }).toMatchObject({ key, exitCode: 0 });
  return { made, work, output: done.output };
}

const undo = async (work: ShellWork) => {
  const done = await shell(work.restore ?? 'echo there is no way back; exit 9', runs);
  expect(done).toMatchObject({ exitCode: 0 });
  return done.stdout;
};

const state = () =>
  docker(
    `ps -aq --no-trunc | xargs -r docker inspect --format '{{.Name}} {{.Config.Image}} {{.Image}} {{.State.Running}} {{.HostConfig.RestartPolicy}}' | sort; docker images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | sort`,
  );
const idOf = (name: string) => docker(`inspect --format {{.Id}} ${name}`);

async function containers(): Promise<ContainerSeen[]> {
  const format =
    '{"id":{{json .Id}},"name":{{json .Name}},"image":{{json .Config.Image}},"imageId":{{json .Image}},"running":{{json .State.Running}},"labels":{{json .Config.Labels}},"env":{{json .Config.Env}}}';
  const lines = (await docker(`ps -aq | xargs -r docker inspect --format '${format}'`)).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const seen = JSON.parse(line) as Omit<ContainerSeen, 'env'> & { env: string[] };
    const env = Object.fromEntries(seen.env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
    return { ...seen, name: seen.name.slice(1), env };
  });
}

const proof = { container: 'agentrader', label: 'version', env: 'AGENTRADER_VERSION' };
const judge = async (where: Where, name?: string) =>
  container.judge({ ...proof, ...(name !== undefined && { name }) }, { readings: [], containers: await containers() }, where);

/** As the host was provisioned: v0.2.0 by compose, and nothing else. */
afterEach(async () => {
  await must('systemctl start docker.socket docker', root);
  await must(
    `[ ! -d ~/away/.git ] || { rm -rf ${dir}/.git ${dir}/docker; mv ~/away/.git ~/away/docker ${dir}/; }; rm -rf ~/keep; cd ${dir} && git checkout -q -f main
    docker ps -aq | xargs -r docker rm -f; docker images -q agentrader | sort -u | xargs -r docker rmi -f; docker load -q -i ~/images.tar; cd docker && VERSION=v0.2.0 docker-compose up -d --no-build`,
    runs,
  );
}, 300_000);

describe('an emergency', () => {
  it('stops and runs last known good without git, compose file and tag, proves it, and puts everything back', { timeout: 300_000 }, async () => {
    await must(`mv ${dir}/.git ${dir}/docker ~/away/ && docker tag agentrader:v0.2.0 agentrader:v0.1.0`, runs);
    await docker('update --restart=always agentrader');
    const before = await state();
    const id = await idOf('agentrader');
    const given = (key: string) => place(key, { recorded: image, steps: inEmergency });
    const checked = await plan('check', ['state', 'release', 'disk', 'tools', 'access', 'backups'], given('check'));
    expect(checked.problems).toEqual([]);

    const stop = await does('containers.stop', {}, given('stop'));
    expect(stop.work).toMatchObject({ from: 'agentrader (agentrader:v0.2.0, restart always)', to: 'agentrader stopped', serving: 'stopped' });
    await must('systemctl restart docker', root);
    expect(await docker('ps -q')).toBe('');

    const run = await does('container.run', emergency, given('run'));
    expect(run.work.from).toBe('no container agentrader_emergency');
    expect(run.work.serving).toBe('running');
    expect(await judge(given('proof'), emergency.name)).toMatchObject({ ok: true, version: 'v0.1.0' });
    expect(await judge(given('proof'))).toMatchObject({ ok: false, found: expect.stringContaining('as agentrader_emergency') });
    expect(await proven(http, { http: 'http://localhost:8000/health', version: 'version' }, given('proof'), runs)).toMatchObject({ ok: true });
    await does('watch', { container: 'agentrader', for: '1s' }, given('watch'));
    expect(await docker(`inspect --format '{{range .Mounts}}{{.Source}}:{{.Destination}} {{end}}' ${emergency.name}`)).toContain(
      `${dir}/logs:/app/logs`,
    );

    expect(await undo(run.work)).toContain('logs are kept');
    expect(await undo(stop.work)).toContain('agentrader is as it was: running, restart always');
    expect(await state()).toBe(before);
    expect(await idOf('agentrader')).toBe(id);
  });

  it('sets a container aside that has the name, and gives it back running', { timeout: 300_000 }, async () => {
    await docker('run -d --name agentrader_emergency --restart=always --stop-timeout 1 agentrader-base:lab sleep 100000');
    const before = await state();
    const id = await idOf('agentrader_emergency');
    const stop = await does('containers.stop', {}, place('stop', { steps: inEmergency }));
    const made = await plan('container.run', emergency, place('run', { steps: inEmergency }));
    expect(made.warnings?.join()).toContain('the name agentrader_emergency is taken by a container of agentrader-base:lab');
    const { work } = await does('container.run', emergency, place('run', { steps: inEmergency }));
    expect(work.to).toContain('agentrader_emergency_before_agentrader-7, stopped');
    expect(await docker('ps --format {{.Names}}')).toBe('agentrader_emergency');
    expect(await perform(work, runs)).toMatchObject({ stage: 'verify', exitCode: 0 }); // tried again: its own container is no drift
    await undo(work);
    await undo(stop.work);
    expect(await state()).toBe(before);
    expect(await idOf('agentrader_emergency')).toBe(id);
  });

  it('says before anything is changed what stands in the way', { timeout: 300_000 }, async () => {
    const given = place('run', { steps: inEmergency });
    await must('docker run -d --name squatter -p 9000:9000 --stop-timeout 1 agentrader-base:lab sleep 100000', runs);
    await must('python3 -m http.server 9001 >/dev/null 2>&1 & echo $! > ~/program', runs);
    const wrong = {
      ...emergency,
      mounts: ['nowhere:/x'],
      env_file: 'no.env',
      ports: ['9000:9000', '9001:9001', '8000:8000'],
      image: 'agentrader:v9',
    };
    const what = whatOf(await plan('container.run', wrong, given));
    await must('kill $(cat ~/program)', runs);
    expect(what).toContain('the image agentrader:v9 is not on prod-1; there are: agentrader:v0.1.0, agentrader:v0.2.0');
    expect(what).toContain(`${dir}/nowhere is missing`);
    expect(what).toContain(`${dir}/no.env is missing`);
    expect(what).toContain('port 9000 on prod-1 is taken by the container squatter');
    expect(what).toContain('port 9001 on prod-1 is taken by a program outside Docker (python3)');
    expect(what).not.toContain('port 8000');
    const alone = await plan('container.run', emergency, place('run'));
    expect(whatOf(alone)).toContain('agentrader runs already');
    const done = await perform(workOf(alone), runs);
    expect(done).toMatchObject({ stage: 'command', exitCode: 1 });
    expect(done.output).toContain('nothing was changed');
    expect(await docker('ps --format {{.Names}} | sort | tr "\\n" " "')).toBe('agentrader squatter');
  });

  it('stops all of the host only where the file says so, and not what was started since', { timeout: 300_000 }, async () => {
    await docker('run -d --name other --stop-timeout 1 agentrader-base:lab sleep 100000');
    await docker('run -d --rm --name fleeting --stop-timeout 1 agentrader-base:lab sleep 100000');
    const own = await plan('containers.stop', {}, place('own'));
    expect(workOf(own).from).toBe('agentrader (agentrader:v0.2.0, restart unless-stopped)');
    const made = await plan('containers.stop', { all: true }, place('all'));
    expect(workOf(made).from).toContain('fleeting (agentrader-base:lab, restart no), other (agentrader-base:lab, restart no)');
    expect(made.warnings?.join()).toContain("these are not aGENtrader's: fleeting, other");
    expect(workOf(made).cannotUndo).toContain('fleeting');
    await docker('run -d --name newcomer --stop-timeout 1 agentrader-base:lab sleep 100000');
    const refused = await perform(workOf(made), runs);
    expect(refused).toMatchObject({ stage: 'guard', exitCode: 1 });
    expect(refused.output).toContain('newcomer');
    await docker('rm -f newcomer');
    expect(await perform(workOf(made), runs)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await docker('ps -q')).toBe('');
    expect(await undo(workOf(made))).toContain('fleeting was started with --rm');
    expect(await docker('ps --format {{.Names}} | sort | tr "\\n" " "')).toBe('agentrader other');
  });
});

describe('the way back to normal', () => {
  it('takes the emergency container down, proves compose’s own, and can bring that very container back', { timeout: 300_000 }, async () => {
    await does('containers.stop', {}, place('stop', { steps: inEmergency }));
    await does('container.run', emergency, place('run', { steps: inEmergency }));
    const before = await state();
    const id = await idOf(emergency.name);
    const given = (key: string) => place(key, { rollback: 'agentrader-8' });
    const checkout = await does('git.checkout', 'v0.1.0', given('checkout'));
    const down = await does('compose.down', {}, given('down'));
    expect(down.made.warnings).toEqual([
      'an emergency container agentrader_emergency runs (agentrader:v0.1.0); it is taken down and can be put back',
    ]);
    expect(down.work.from).toBe('agentrader:v0.1.0 up as agentrader_emergency, agentrader:v0.2.0 stopped');
    const up = await does('compose.up', {}, given('up'));
    expect(await judge(given('proof'))).toMatchObject({ ok: true, version: 'v0.1.0' });
    expect(await docker('ps --format {{.Names}}')).toBe('agentrader');
    for (const { work } of [up, down, checkout]) await undo(work);
    expect(await state()).toBe(before);
    expect(await idOf(emergency.name)).toBe(id);
    expect(await judge(place('proof'), emergency.name)).toMatchObject({ ok: true });
  });

  it('does not start a second instance beside the emergency container', { timeout: 300_000 }, async () => {
    await does('containers.stop', {}, place('stop', { steps: inEmergency }));
    await does('container.run', emergency, place('run', { steps: inEmergency }));
    const work = workOf(await plan('compose.up', {}, place('up', { rollback: 'agentrader-8' })));
    const done = await perform(work, runs);
    expect(done).toMatchObject({ stage: 'command', exitCode: 1 });
    expect(done.output).toContain('agentrader_emergency');
    expect(await docker('ps --format {{.Names}}')).toBe('agentrader_emergency');
  });
});

describe('kept images', () => {
  const fill = async (tag: string) => {
    await must(
      `printf 'FROM agentrader-base:lab\\nLABEL version=${tag} n=${tag}\\nCMD ["sleep","1"]\\n' | docker build -q -t agentrader:${tag} -`,
      runs,
    );
    return docker(`image inspect --format {{.Id}} agentrader:${tag}`);
  };
  const pin = async (version: string, keep: number) => {
    const where = place('pin', { keep, recorded: `sha256:${'0'.repeat(64)}` }); // recorded once, gone since
    const done = await perform(pinImages({ ...where, target: { ...where.target, version } }), runs);
    expect(done).toMatchObject({ exitCode: 0 });
    return done.output;
  };
  const pins = () => docker(`ps -a --filter label=rollback-bot.pin --format '{{.Names}} {{.Status}}' | sort`);

  it('survive a prune while they are pinned; the newest few stay, and pins are nobody’s instance', { timeout: 300_000 }, async () => {
    for (const tag of ['p1', 'p2', 'p3']) {
      await fill(tag);
      await pin(tag, 2);
    }
    expect(await pins()).toBe('rollback-bot-pin_agentrader_p2 Created\nrollback-bot-pin_agentrader_p3 Created');
    await pin('p2', 2);
    expect(await pin('gone', 2)).toContain('agentrader:gone is not here');
    expect((await pins()).split('\n')).toHaveLength(2);
    await docker('image prune -af');
    expect(await docker(`images agentrader --format {{.Tag}} | sort | tr '\\n' ' '`)).toBe('p2 p3 v0.2.0');
    expect(workOf(await plan('compose.down', {}, place('down'))).from).toBe('agentrader:v0.2.0 up');
    expect(workOf(await plan('containers.stop', { all: true }, place('stop'))).to).toBe('agentrader stopped');
  });

  it('are used again by their id when the tag has moved, and the tag goes back', { timeout: 300_000 }, async () => {
    await pin('v0.1.0', 2);
    const other = await fill('other');
    await docker('tag agentrader:other agentrader:v0.1.0');
    const { work, output } = await does('compose.build', {}, place('build', { recorded: image }));
    expect(work.from).toBe(`agentrader:v0.1.0 is ${other.slice(7, 19)}`);
    expect(work.to).toBe(`agentrader:v0.1.0 is ${image.slice(7, 19)}`);
    expect(output).toContain('nothing is built');
    expect(await docker('image inspect --format {{.Id}} agentrader:v0.1.0')).toBe(image);
    await undo(work);
    expect(await docker('image inspect --format {{.Id}} agentrader:v0.1.0')).toBe(other);
    expect(await undo(work)).not.toBe('');
  });

  it('that are gone are built again, and the plan says what that means', { timeout: 300_000 }, async () => {
    await docker('rmi agentrader:v0.1.0');
    await must(`cd ${dir} && git checkout -q v0.1.0`, runs);
    const made = await plan('compose.build', {}, place('build', { recorded: image }));
    expect(made.warnings).toEqual(["v0.1.0's image is no longer on prod-1: it is built again; a rebuild is not the image that worked"]);
    const { work } = await does('compose.build', {}, place('build', { recorded: image }));
    expect(await docker('inspect --format "{{index .Config.Labels \\"version\\"}}" agentrader:v0.1.0')).toBe('v0.1.0');
    const again = await plan('compose.build', {}, place('again', { recorded: image }));
    expect(again.warnings?.join()).toContain('the one with its label');
    expect(workOf(again).from).toBe(workOf(again).to);
    await pin('v0.1.0', 2);
    expect(await undo(work)).toContain('was proven and is kept');
    await docker('rm rollback-bot-pin_agentrader_v0.1.0');
    await undo(work);
    expect((await shell('docker image inspect agentrader:v0.1.0', runs)).exitCode).not.toBe(0);
  });
});

describe('checks and logs on the host', () => {
  it('an engine that is down is one clear problem, before anything is changed', { timeout: 300_000 }, async () => {
    await must('systemctl stop docker.socket docker', root);
    const steps = [step('5', 'compose.down')];
    const checked = await plan('check', ['state', 'disk', 'tools', 'access'], place('check', { steps }));
    expect(checked.problems).toEqual([
      { what: expect.stringContaining('state: the Docker engine does not answer'), advice: 'start it: sudo systemctl start docker' },
    ]);
    for (const [key, params] of [
      ['containers.stop', {}],
      ['container.run', emergency],
      ['compose.down', {}],
    ] as const)
      expect(whatOf(await plan(key, params, place(key)))).toContain('the Docker engine does not answer');
    expect(await perform(workOf(await plan('containers.stop', {}, place('stop'))), runs)).toMatchObject({ exitCode: 1 });
  });

  it('names variables that the target needs, and never their values', { timeout: 300_000 }, async () => {
    expect(whatOf(await plan('check', ['variables'], place('old')))).toBe('');
    const made = await plan('check', ['variables'], place('new', { version: 'v0.2.0' }));
    expect(whatOf(made)).toBe('variables: .env lacks what v0.2.0 needs: EXCHANGE_API_V2_KEY (missing)');
    const done = await perform(workOf(made), runs);
    expect(done.exitCode).toBe(1);
    expect(done.output).not.toContain('lab-5f1c');
    await must(`cp -p ${dir}/.env ~/env && printf 'export EXCHANGE_API_V2_KEY=""\\n' >> ${dir}/.env`, runs);
    const empty = whatOf(await plan('check', ['variables'], place('new', { version: 'v0.2.0' })));
    await must(`mv ~/env ${dir}/.env`, runs);
    expect(empty).toContain('EXCHANGE_API_V2_KEY (empty)');
  });

  it('prints the logs that tell why a command failed, and keeps its status', { timeout: 300_000 }, async () => {
    const given = { command: 'echo no; exit 7', logs: { containers: 'agentrader', files: ['logs/*.log'] } };
    const done = await perform(workOf(await plan('run', given, place('run'))), runs);
    expect(done.exitCode).toBe(7);
    expect(done.output).toMatch(/^no\n--- last lines of agentrader \(agentrader:v0\.2\.0, running\):\n[\s\S]*EXCHANGE_API_V2_KEY is not set/);
    expect(done.output).toContain('--- last lines of ./logs/agentrader.log:');
    const well = await perform(workOf(await plan('run', { ...given, command: 'echo yes' }, place('run'))), runs);
    expect(well).toMatchObject({ exitCode: 0, output: 'yes\n' });
  });
});
