/** JSON as text: where each value stands, what is wrong with it, and the same text laid out. Numbers keep all their digits. */

export interface JsonNode {
  kind: 'object' | 'array' | 'text' | 'other';
  start: number;
  end: number;
  /** Of an object or array, in their order; the key of an array's member is its index. */
  members: { key: string; start: number; node: JsonNode }[];
}

export interface JsonProblem {
  message: string;
  at: number;
}

export interface Scanned {
  /** What could be read; it ends early where there is a problem. */
  root?: JsonNode;
  problem?: JsonProblem;
}

export interface Range {
  start: number;
  end: number;
}

const MAX_DEPTH = 500;
const WIDTH = 88;
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b/y;
const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them inside a text
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

class Stopped extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

class Scanner {
  at = 0;

  constructor(readonly text: string) {}

  /** Reads a value; `attach` gets its node before its members are read, so that it stays if the rest is wrong. */
  value(attach: (node: JsonNode) => void, depth: number): void {
    this.space();
    if (depth > MAX_DEPTH) throw new Stopped('This is nested too deep', this.at);
    const opening = this.text[this.at];
    const kind = opening === '{' ? 'object' : opening === '[' ? 'array' : opening === '"' ? 'text' : 'other';
    const node: JsonNode = { kind, start: this.at, end: this.at, members: [] };
    attach(node);
    try {
      if (kind === 'object') this.members(node, '}', depth);
      else if (kind === 'array') this.members(node, ']', depth);
      else if (kind === 'text') this.match(TEXT, 'A text is not closed, or has something that must be escaped');
      else this.match(WORD, this.at >= this.text.length ? 'A value is missing' : 'This is no value');
    } finally {
      node.end = this.at;
    }
  }

  space(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.text)?.[0].length ?? 0;
  }

  private match(pattern: RegExp, problem: string): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) throw new Stopped(problem, this.at);
    this.at += found.length;
    return found;
  }

  private members(node: JsonNode, closing: string, depth: number): void {
    this.at += 1;
    this.space();
    if (this.text[this.at] === closing) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      const start = this.at;
      const key = node.kind === 'object' ? this.key() : String(node.members.length);
      this.value((member) => node.members.push({ key, start, node: member }), depth + 1);
      this.space();
      const mark = this.text[this.at];
      if (mark !== ',' && mark !== closing) throw new Stopped(`A comma or ${closing} is missing`, this.at);
      this.at += 1;
      if (mark === closing) return;
    }
  }

  private key(): string {
    const key = JSON.parse(this.match(TEXT, 'A key in double quotes is missing')) as string;
    this.space();
    if (this.text[this.at] !== ':') throw new Stopped('A colon is missing', this.at);
    this.at += 1;
    return key;
  }
}

/** Where each value of a JSON text stands; also as much as can be read of a text that is none. */
export function scanJson(text: string): Scanned {
  const scanner = new Scanner(text);
  const found: Scanned = {};
  try {
    scanner.value((node) => {
      found.root = node;
    }, 0);
    scanner.space();
    if (scanner.at < text.length) throw new Stopped('Something follows the end', scanner.at);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    found.problem = { message: error.message, at: error.at };
  }
  return found;
}

/** The line and column of a place, from 1. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The steps of a locator such as `$.items[1].$map`; a backslash stands before what is part of a name. */
export function locatorSteps(locator: string): string[] {
  const steps: string[] = [];
  const step = /\.?((?:[^.[\]\\]|\\.)+)|\[([^\]]*)\]/gy;
  const path = locator.replace(/^\$(?=$|[.[])/, '');
  for (let found = step.exec(path); found; found = step.exec(path)) {
    steps.push(found[1] === undefined ? (found[2] ?? '').trim() : found[1].replace(/\\(.)/g, '$1'));
  }
  return steps;
}

/**
 * Where a locator's value stands in a JSON text, its key included; what is around it where the text goes less deep.
 * Undefined if there is no value at all.
 */
export function placeOf(text: string, locator: string): Range | undefined {
  let node = scanJson(text).root;
  if (!node) return undefined;
  let place: Range = { start: node.start, end: node.end };
  for (const step of locatorSteps(locator)) {
    // Of a key that stands there twice, the last one counts.
    const member: JsonNode['members'][number] | undefined = node.members.findLast((each) => each.key === step);
    if (!member) break;
    node = member.node;
    place = { start: member.start, end: node.end };
  }
  return place;
}

/** A JSON text with what fits on a line on one line, and everything else indented. Undefined if it is no JSON. */
export function formatJson(text: string): string | undefined {
  const { root, problem } = scanJson(text);
  return root && !problem ? laidOut(text, root, 0, 0) : undefined;
}

function laidOut(text: string, node: JsonNode, indent: number, before: number): string {
  const line = onOneLine(text, node, WIDTH - before);
  if (line !== undefined) return line;
  if (node.members.length === 0) return text.slice(node.start, node.end);
  const [open, close] = node.kind === 'object' ? '{}' : '[]';
  const inner = indent + 2;
  const members = node.members.map((each) => {
    const key = keyOf(node, each.key);
    return `${' '.repeat(inner)}${key}${laidOut(text, each.node, inner, inner + key.length)}`;
  });
  return `${open}\n${members.join(',\n')}\n${' '.repeat(indent)}${close}`;
}

/** A value on one line, or undefined if it is longer than it may be. */
function onOneLine(text: string, node: JsonNode, room: number): string | undefined {
  if (node.kind === 'text' || node.kind === 'other') {
    return node.end - node.start <= room ? text.slice(node.start, node.end) : undefined;
  }
  const parts: string[] = [];
  let left = room - 2;
  for (const each of node.members) {
    const key = keyOf(node, each.key);
    const value = onOneLine(text, each.node, left - key.length);
    if (value === undefined) return undefined;
    parts.push(key + value);
    left -= key.length + value.length + 2;
  }
  return node.kind === 'object' ? `{${parts.join(', ')}}` : `[${parts.join(', ')}]`;
}

const keyOf = (node: JsonNode, key: string) => (node.kind === 'object' ? `${JSON.stringify(key)}: ` : '');
