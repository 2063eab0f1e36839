/**
 * What may become HTML where the server's policy asks for trusted types: text without markup, and nothing else.
 * Mantine writes its style sheets that way; they have none.
 */
interface Policies {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => unknown;
}

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;

export function refuseMarkup(text: string): string {
  if (text.includes('<')) throw new TypeError('Text with markup may not become HTML.');
  return text;
}

policies?.createPolicy('default', { createHTML: refuseMarkup });
