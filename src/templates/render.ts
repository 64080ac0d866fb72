import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { TemplateName } from '../domain/system.ts';
import type { Mrkdwn } from './escape.ts';
import type { Fields } from './notices/fields.ts';

// Handlebars' own escaping is for HTML and would spoil mrkdwn; the type of the fields sees to it that every value was escaped.
const options = { strict: true, noEscape: true, knownHelpersOnly: true };

const compile = (name: TemplateName) => Handlebars.compile<Fields>(readFileSync(new URL(`./${name}.hbs`, import.meta.url), 'utf8'), options);

const templates: Readonly<Record<TemplateName, HandlebarsTemplateDelegate<Fields>>> = {
  initial: compile('initial'),
  progress: compile('progress'),
  completion: compile('completion'),
  failed: compile('failed'),
  'put-back': compile('put-back'),
};

/** A template filled in: its subject (the first line) and the lines below. Throws where a template names a field that does not exist. */
export function render(name: TemplateName, fields: Fields): { subject: Mrkdwn; lines: Mrkdwn[] } {
  const [subject = '', ...lines] = templates[name](fields).trimEnd().split('\n') as Mrkdwn[];
  return { subject: subject.replace(/^Subject: /, '') as Mrkdwn, lines };
}
