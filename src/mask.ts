/** Shorter values would hide ordinary words. */
const shortest = 6;

/** A function that puts dots in the place of these values, wherever they stand in a text; also as base64 and URL-encoded. */
export function masker(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= shortest) as string[];
  const forms = [
    ...new Set(known.flatMap((secret) => [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)])),
  ].sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, '•••'), text);
}
