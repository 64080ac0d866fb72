import { describe, expect, it } from 'vitest';
import { mentionsIn } from '../../../../lab/workspace/mentions.ts';

const none = { here: false, channel: false, everyone: false, users: [], groups: [] };
const section = (text: string, extra: object = {}) => ({ type: 'section', text: { type: 'mrkdwn', text, ...extra } });

describe('whom a message pages', () => {
  it.each<[string, string, object]>([
    ['<!here>', 'look <!here>', { here: true }],
    ['<!channel> with a label', '<!channel|@channel>', { channel: true }],
    ['<!everyone>', '<!everyone>', { everyone: true }],
    ['a person, once', '<@U0ADAOKAF> and <@U0ADAOKAF|ada>', { users: ['U0ADAOKAF'] }],
    ['a group', '<!subteam^S0SACLEADS|@sac-leads>', { groups: ['S0SACLEADS'] }],
    ['nobody, when escaped', 'v1 &lt;!here&gt; @here', {}],
  ])('%s', (_name, text, expected) => {
    expect(mentionsIn(text, [])).toEqual({ ...none, ...expected });
  });

  it('takes a bare @here in mrkdwn that is not verbatim, as Slack does', () => {
    expect(mentionsIn('', [section('release @here')]).here).toBe(true);
    expect(mentionsIn('', [section('release @here', { verbatim: true })]).here).toBe(false);
    expect(mentionsIn('', [section('mail ops@here.example')]).here).toBe(false);
  });

  it('takes a bare @here in the text only when names are parsed', () => {
    expect(mentionsIn('@here', []).here).toBe(false);
    expect(mentionsIn('@here', [], true).here).toBe(true);
  });

  it('pages nobody by plain_text', () => {
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: '<!here> @channel' } }];
    expect(mentionsIn('', blocks)).toEqual(none);
  });

  it('sees fields, context and rich_text', () => {
    const runs = [
      { type: 'broadcast', range: 'channel' },
      { type: 'user', user_id: 'U1' },
      { type: 'usergroup', usergroup_id: 'S1' },
    ];
    const rich = { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: runs }] };
    const context = { type: 'context', elements: [{ type: 'mrkdwn', text: '<@U2>' }] };
    const found = mentionsIn('', [rich, context, { type: 'section', fields: [{ type: 'mrkdwn', text: '<@U3>' }] }]);
    expect(found).toEqual({ ...none, channel: true, users: ['U2', 'U3', 'U1'], groups: ['S1'] });
  });
});
