/** The evaluation of a formula as code to paste. */
import { formatJson } from '@/lib/jsonText';

/** For a shell; the token is in the environment. */
export function asCurl(url: string, body: string): string {
  return [
    `curl -sS ${shell(`${url}/formulas/evaluate`)} \\`,
    '  -H "Authorization: Bearer $DATALINKS_TOKEN" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d ${shell(formatJson(body) ?? body)}`,
  ].join('\n');
}

/** For Python, with nothing that must be installed. */
export function asPython(url: string, body: string): string {
  return `import json
import os
import urllib.request

body = json.loads(${python(formatJson(body) ?? body)})
request = urllib.request.Request(
    ${JSON.stringify(`${url}/formulas/evaluate`)},
    json.dumps(body).encode(),
    {"Authorization": f"Bearer {os.environ['DATALINKS_TOKEN']}", "Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer).get("value"))
`;
}

const shell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A text as Python writes it; raw, so that it reads as it is, unless it has the quotes themselves in it. */
const python = (text: string): string =>
  text.includes("'''") || text.endsWith("'") ? JSON.stringify(text) : `r'''${text}'''`;
