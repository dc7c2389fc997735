import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type * as YamlModule from 'yaml';
import type { LineCounter, Node } from 'yaml';
import { flat, type Problems } from './problems.ts';
import type { Origin } from './resolved-config.ts';
import { isTree, type OriginAt, type Tree } from './tree-layer.ts';

/** A file's tree of plain values, and where each was written. */
export interface FileSource {
  readonly path: string;
  readonly tree: Tree;
  readonly originAt: OriginAt;
}

const MAX_BYTES = 262_144;
/** Nodes after aliases are followed: a small file that unfolds into a huge tree is an attack or an accident. */
const MAX_NODES = 10_000;
const MAX_DEPTH = 20;
/** Deeper brackets than any configuration has would exhaust the parser's stack. */
const MAX_NESTING = 100;

/** Reads one YAML (or JSON) file. What is wrong with it as a whole is a problem, and then there is no source. */
export async function readYamlSource(file: string, cwd: string, problems: Problems): Promise<FileSource | undefined> {
  const absolute = resolve(cwd, file);
  const inside = relative(cwd, absolute);
  const path = inside.startsWith('..') ? absolute : inside;
  try {
    const content = await readFile(absolute);
    if (content.length > MAX_BYTES) {
      problems.addSentence(`${path} has ${content.length} bytes; a configuration file has at most ${MAX_BYTES}`);
      return undefined;
    }
    return await parseYaml(content.toString('utf8'), path, problems);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    problems.addSentence(`${path} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : flat(message)}`);
    return undefined;
  }
}

/** The tree of YAML 1.2 text, without tags, several documents, duplicate keys or keys that are not text. */
export async function parseYaml(source: string, path: string, problems: Problems): Promise<FileSource | undefined> {
  if (nestingOf(source) > MAX_NESTING) {
    problems.addSentence(`${path} is nested or indented deeper than ${MAX_NESTING}`);
    return undefined;
  }
  const yaml = await import('yaml');
  const lineCounter = new yaml.LineCounter();
  const documents = yaml.parseAllDocuments(source, { lineCounter, version: '1.2', merge: false, logLevel: 'silent' });
  if (!Array.isArray(documents) || documents.length === 0)
    return { path, tree: {}, originAt: () => ({ source: 'file', path, line: 1 }) };
  const [document, ...others] = documents;
  const faults = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  for (const fault of faults) {
    const [summary = ''] = fault.message.split('\n');
    problems.addSentence(
      `${path}:${fault.linePos?.[0].line ?? 1} is not YAML that is taken here: ${flat(summary.replace(/:$/u, ''))}`,
    );
  }
  if (others.length > 0) problems.addSentence(`${path} holds ${documents.length} documents; expected one`);
  if (faults.length > 0 || others.length > 0 || document === undefined) return undefined;
  const reader = new TreeReader(yaml, document.contents, lineCounter);
  const { tree, fault } = reader.read();
  if (fault !== undefined) {
    problems.addSentence(`${path}:${fault.line} ${fault.text}`);
    return undefined;
  }
  return { path, tree, originAt: (keys): Origin => ({ source: 'file', path, line: reader.lineOf(keys) }) };
}

/** The deepest nesting of brackets and of indentation, counted without parsing; never too small. */
function nestingOf(source: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of source) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++open);
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
  }
  // Sequences and keys can nest on one line ("- - - a", "? ? a") and by one column of indentation a line.
  for (const [prefix] of source.matchAll(/^[ \t?:-]+/gmu)) deepest = Math.max(deepest, prefix.length);
  return deepest;
}

/** What is used of the parser, which is only loaded when there is a file. */
type Yaml = Pick<typeof YamlModule, 'isAlias' | 'isMap' | 'isScalar' | 'isSeq'>;

class Fault extends Error {
  readonly line: number;
  constructor(line: number, text: string) {
    super(text);
    this.line = line;
  }
}

/** Turns nodes into plain values that no key can harm, and remembers the line of each key. */
class TreeReader {
  readonly #yaml: Yaml;
  readonly #contents: unknown;
  readonly #lines: LineCounter;
  readonly #lineByKeys = new Map<string, number>();
  readonly #anchors = new Map<string, unknown>();
  #nodes = 0;

  constructor(yaml: Yaml, contents: unknown, lines: LineCounter) {
    this.#yaml = yaml;
    this.#contents = contents;
    this.#lines = lines;
  }

  read(): { tree: Tree; fault?: { line: number; text: string } } {
    try {
      const value = this.#value(this.#contents, []);
      if (value === null || value === undefined) return { tree: {} };
      if (isTree(value)) return { tree: value };
      return { tree: {}, fault: { line: 1, text: 'expected keys and values at the top' } };
    } catch (error) {
      if (error instanceof Fault) return { tree: {}, fault: { line: error.line, text: error.message } };
      throw error;
    }
  }

  /** The line of the key, or of the nearest one above it. */
  lineOf(keys: readonly string[]): number {
    for (let length = keys.length; length > 0; length--) {
      const line = this.#lineByKeys.get(JSON.stringify(keys.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }

  #value(node: unknown, keys: readonly string[]): unknown {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    if (node === null || node === undefined) return null;
    if (++this.#nodes > MAX_NODES || keys.length > MAX_DEPTH) {
      throw new Fault(this.#line(node as Node), `unfolds into more than ${MAX_NODES} values or ${MAX_DEPTH} levels`);
    }
    if (isAlias(node)) {
      const aimed = this.#anchors.get(node.source);
      if (aimed === undefined)
        throw new Fault(this.#line(node), `names an anchor that is not there: ${flat(node.source)}`);
      return this.#value(aimed, keys);
    }
    // In the order of the document, so an alias finds the last anchor of its name before it.
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (isScalar(node)) return typeof node.value === 'bigint' ? String(node.value) : node.value;
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...keys, String(index)]));
    if (isMap(node)) return this.#map(node.items as readonly { key: unknown; value: unknown }[], keys);
    throw new Fault(this.#line(node as Node), 'holds something that is neither a value, a list nor a section');
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], keys: readonly string[]): Tree {
    const tree = Object.create(null) as Record<string, unknown>;
    for (const { key, value } of pairs) {
      const name: unknown = this.#yaml.isScalar(key) ? key.value : undefined;
      if (typeof name !== 'string' && typeof name !== 'number')
        throw new Fault(this.#line(key as Node), 'has a key that is not text');
      const here = [...keys, String(name)];
      const place = JSON.stringify(here);
      if (!this.#lineByKeys.has(place)) this.#lineByKeys.set(place, this.#line(key as Node));
      tree[String(name)] = this.#value(value, here);
    }
    return tree;
  }

  #line(node: Node | undefined): number {
    const start = node?.range?.[0];
    return start === undefined ? 1 : this.#lines.linePos(start).line;
  }
}
