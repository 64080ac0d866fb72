import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import { approveAndProve, clone, docker, imageId, onEc2, refusal, told, type } from '../helpers/agentrader.ts';

const longMs = 600_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader'], watchFor: '1s' });
  await world.start();
});
afterAll(() => world?.stop());

/** Every container but the pins, as `NAME IMAGE-ID STATE RESTART`. */
const containers = (): Promise<string> =>
  onEc2(
    world,
    `docker ps -aq --no-trunc | xargs docker inspect --format '{{if index .Config.Labels "rollback-bot.pin"}}{{else}}{{.Name}} {{.Image}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}{{end}}' | grep . | sed 's:^/::' | sort`,
  );
const health = (): Promise<string> => onEc2(world, 'curl -s -w " %{http_code}" http://localhost:8000/health | tr -d "\\n"');

/** Git, compose file and the bot's way to the repository are gone; calling the answer brings them back. */
async function loseEverything(): Promise<() => Promise<void>> {
  const { agentrader } = world.repositories;
  await rename(agentrader, `${agentrader}.away`);
  await onEc2(world, `mkdir ~/away && mv ${clone}/.git ${clone}/docker ~/away/`);
  return async () => {
    await rename(`${agentrader}.away`, agentrader);
    await onEc2(world, `mv ~/away/.git ~/away/docker ${clone}/ && rmdir ~/away`);
  };
}

describe('an emergency at aGENtrader', () => {
  let good: string;

  it('is refused while nothing is last known good, with what to type', async () => {
    const said = await refusal(world, 'agentrader emergency');
    expect(said).toContain('No release of aGENtrader was proven yet');
    expect(said).toContain('/rollback agentrader emergency &lt;version&gt;');
  });

  it('runs the recorded image without git, compose file and repository: one instance, healthy', { timeout: longMs }, async () => {
    const normal = await type(world, 'agentrader v0.1.0');
    await approveAndProve(normal);
    await normal.says(/Recorded as last known good/);
    good = await imageId(world, 'agentrader:v0.1.0');
    await onEc2(world, `cd ${clone} && git checkout -q main && cd docker && VERSION=v0.2.0 docker-compose up -d --no-build`); // a deploy that fails
    const giveBack = await loseEverything();
    try {
      const emergency = await type(world, 'agentrader emergency trading stands still');
      const card = await emergency.until('approve', 180_000);
      expect(card.text).toContain('runs the last known good image directly');
      expect(card.text).toContain('Symptoms: trading stands still');
      const ms = await approveAndProve(emergency);
      console.log(`emergency: proven ${ms} ms after approval\n${told(world, emergency)}`);
      expect((await containers()).split('\n')).toEqual([
        expect.stringMatching(/^agentrader sha256:\S+ exited no$/),
        `agentrader_emergency ${good} running no`,
      ]);
      expect(await docker(world, 'inspect --format "{{.HostConfig.Binds}}" agentrader_emergency')).toContain(`${clone}/config:/app/config`);
      expect(await docker(world, `exec agentrader_emergency sh -c 'echo "$EXCHANGE_API_KEY"'`)).toMatch(/^lab-/);
      expect(await health()).toContain('"version":"v0.1.0"} 200');
      expect(emergency.card().text).toContain('v0.1.0 proven on 1 of 1 host');
    } finally {
      await giveBack();
    }
  });

  it('a name that is taken is said on the card; what had it is set aside, and one instance runs', { timeout: longMs }, async () => {
    const again = await type(world, 'agentrader emergency');
    const card = await again.until('approve', 180_000);
    expect(card.text).toContain('the name agentrader_emergency is taken by a container of agentrader:v0.1.0');
    console.log(card.text);
    await approveAndProve(again);
    expect((await containers()).split('\n').slice(1)).toEqual([
      `agentrader_emergency ${good} running no`,
      `agentrader_emergency_before_agentrader-3 ${good} exited no`,
    ]);
    expect(await health()).toContain('200');
  });

  it('its undo gives the name and the container back', { timeout: longMs }, async () => {
    const undo = await type(world, 'undo agentrader-3');
    await approveAndProve(undo, /agentrader-3 is put back/);
    console.log(told(world, undo));
    expect((await containers()).split('\n')[1]).toBe(`agentrader_emergency ${good} running no`);
    expect(await containers()).not.toContain('before_agentrader');
  });

  it('the way back to normal: git and compose again, the emergency container is taken down and named, one instance proven', {
    timeout: longMs,
  }, async () => {
    const back = await type(world, 'agentrader v0.1.0');
    const card = await back.until('approve', 180_000);
    expect(card.text.split('\n')[2]).toBe('ec2-1: v0.2.0 / v0.1.0');
    expect(card.text).toContain('an emergency container agentrader_emergency runs (agentrader:v0.1.0); it is taken down and can be put back');
    console.log(card.text);
    await approveAndProve(back);
    expect((await containers()).split('\n')).toEqual([`agentrader ${good} running unless-stopped`, `agentrader_emergency ${good} exited no`]);
    expect(await health()).toContain('"version":"v0.1.0"} 200');
  });
});
