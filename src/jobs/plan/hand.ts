import { BOT } from '../../domain/plan.ts';
import type { HandWork, PipelineWork, Work } from '../../domain/step.ts';
import type { PlacedStep } from './sites.ts';
import { paramsAt, type Target, whereOf } from './where.ts';

/** A step as commands for a person: how to get to the host, and what to type there. What the bot itself does stays with the bot. */
export function handWork(target: Target, placed: PlacedStep, name: string, work: Work): Work {
  if (work.type === 'announce' || work.type === 'sign' || work.type === 'hand') return work;
  const site = placed.sites.find(({ host }) => host.name === name);
  if (work.type === 'pipeline') return { type: 'hand', text: pipelineText(work) };
  if (!site || name === BOT) return work;
  const { role, host } = site;
  const text = placed.kind.byHand?.(paramsAt(target, placed, role, host) as never, whereOf(target, role, host, placed.step)) ?? work.command;
  const port = host.port === 22 ? '' : `-p ${host.port} `;
  const lines = [`ssh ${port}${host.user}@${host.address}`, `cd ${role.dir}`, text];
  return { type: 'hand', text: lines.join('\n'), ...(work.serving ? { serving: work.serving } : {}) } satisfies HandWork;
}

function pipelineText({ order }: PipelineWork): string {
  if (order.via === 'url') return `Ask for the run at ${order.url} with ${JSON.stringify(order.body)}, and wait for its end.`;
  const inputs = Object.entries(order.inputs).map(([key, value]) => `${key}=${value}`);
  return `Run the workflow ${order.workflow} of ${order.repository} on ${order.ref}${inputs.length > 0 ? ` with ${inputs.join(', ')}` : ''}, and wait for its end.`;
}
