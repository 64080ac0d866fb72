/** Text that is safe to stand in mrkdwn: values were escaped, markup is ours. Made by {@link escaped} and {@link md}. */
export type Mrkdwn = string & { readonly __mrkdwn: unique symbol };

// Slack formats by these signs and offers no way to escape them (docs.slack.dev/messaging/formatting-message-text), so look-alikes stand in.
const lookAlikes: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ' };

/**
 * Any text as one line of mrkdwn that says what it says and does nothing: no mention, no link, no formatting, no emoji, no
 * second line that could pass for one of ours. For values, never for our own words.
 */
export function escaped(text: string | number): Mrkdwn {
  return entities(withoutPaging(unformatted(plain(String(text))))) as Mrkdwn;
}

/** Any text as one line for plain_text, which Slack never interprets: no control or direction signs, no runs of blanks. */
export function plain(text: string): string {
  return withoutControls(text.replace(/[\s\u2028\u2029]+/gu, ' ')).trim();
}

/** The characters Slack asks to escape. */
export const entities = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `@here` and its kind, so that not even a client that reads names in plain text pages anyone. */
export const withoutPaging = (text: string): string => text.replace(/@(?=here|channel|everyone|group)/gi, '＠');

/** Without terminal colours, control signs, and signs that turn the direction of reading or cannot be seen. Line ends and tabs stay. */
export const withoutControls = (text: string): string =>
  text
    .replace(colours, '')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(unseen, '');

/** Signs that nobody sees: controls and formats of Unicode, but for line ends and tabs. */
export const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey is what is looked for
const colours = /\u001b(\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)?)/gu;

function unformatted(text: string): string {
  return text
    .replace(/[*~`]/g, (sign) => lookAlikes[sign] ?? sign)
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, (run) => 'ˍ'.repeat(run.length))
    .replace(/:(?=[\w+'-]*[a-z+][\w+'-]*:)/gi, '∶')
    .replace(/^>/, '›');
}

/** A template tag for our own words. It takes mrkdwn and numbers only, so that a value that was not escaped does not compile. */
export function md(parts: TemplateStringsArray, ...values: (Mrkdwn | number)[]): Mrkdwn {
  return parts.reduce((text, part, i) => text + String(values[i - 1] ?? '') + part) as Mrkdwn;
}

/** Mrkdwn joined; absent and empty parts are left out. */
export const joined = (parts: readonly (Mrkdwn | undefined)[], by = ' '): Mrkdwn => parts.filter((part) => part).join(by) as Mrkdwn;

/** A word in bold: only for our own words and escaped values. */
export const bold = (text: Mrkdwn): Mrkdwn => `*${text}*` as Mrkdwn;

/** A value in the code font, on one line. */
export const code = (text: string): Mrkdwn => `\`${entities(withoutPaging(plain(text).replaceAll('`', 'ˋ'))) || ' '}\`` as Mrkdwn;

/** A link to a web address; the label alone where the address is none. */
export function link(url: string, label: string): Mrkdwn {
  const isWeb = /^https?:\/\/[^\s<>|]+$/i.test(url) && url.length <= 2000;
  return (isWeb ? `<${url.replaceAll('&', '&amp;')}|${escaped(label)}>` : escaped(label)) as Mrkdwn;
}

/** What a screen reader should say of mrkdwn: without the marks of formatting, dates as their fallback. Mentions stay. */
export const spoken = (text: Mrkdwn): string => text.replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1').replace(/[*`]/g, '');
