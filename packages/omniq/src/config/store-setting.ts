import { builtInOf, builtIns, schemeOf, type BuiltIn } from '../backends/built-in.ts';
import { isBackend, isPlugin } from '../backends/plugin-shape.ts';
import { camelCase } from './known-keys.ts';
import type { Medium } from './kinds.ts';
import { nearestName } from './nearest-name.ts';
import { flat, shown, type Problems } from './problems.ts';
import type { RawLeaf } from './raw-leaf.ts';
import type { StoreTarget, UrlTarget } from './settings.ts';
import { isTree, type Tree } from './tree-layer.ts';

/** A backend named by its type alone; where it is comes from another source or by default. */
export interface TypedTarget {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly bareNumber: 'ms' | 's';
}

const MAX_URL = 4_096;
const EXPECTED = "expected a URL such as 'sqlite:./jobs.db', 'postgres://user@host/database' or 'redis://host:6379'";

/** Where a store is, as one source says it; `undefined` after a problem. */
export function readStore(leaf: RawLeaf, medium: Medium, problems: Problems): StoreTarget | TypedTarget | undefined {
  const { raw } = leaf;
  const bareNumber = medium === 'code' ? 'ms' : 's';
  if (typeof raw === 'string') return new StoreReader(leaf, bareNumber, problems).read({ url: raw });
  if (medium === 'code' && isPlugin(raw))
    return { url: `${raw.schemes[0] ?? raw.name}:`, options: {}, bareNumber, plugin: raw };
  if (medium === 'code' && isBackend(raw)) return { backend: raw };
  if (isTree(raw)) return new StoreReader(leaf, bareNumber, problems).read(raw);
  problems.add(leaf.origin, leaf.written, `is ${shown(raw)}; ${EXPECTED}`);
  return undefined;
}

class StoreReader {
  readonly #leaf: RawLeaf;
  readonly #bareNumber: 'ms' | 's';
  readonly #problems: Problems;

  constructor(leaf: RawLeaf, bareNumber: 'ms' | 's', problems: Problems) {
    this.#leaf = leaf;
    this.#bareNumber = bareNumber;
    this.#problems = problems;
  }

  read(raw: Tree): UrlTarget | TypedTarget | undefined {
    const { url, type, baseDir, plugin, ...options } = Object.fromEntries(
      Object.entries(raw).map(([key, value]) => [camelCase(key), value]),
    );
    if (Object.hasOwn(options, '__proto__')) return this.#wrong('has an option __proto__, which is not taken');
    for (const [field, value] of Object.entries({ url, type, baseDir })) {
      const isText = typeof value === 'string' && value !== '' && value.length <= MAX_URL;
      if (value !== undefined && !isText) return this.#wrong(`has a ${field} that is ${shown(value)}; expected text`);
    }
    const place = { url, type, baseDir } as Readonly<Record<'url' | 'type' | 'baseDir', string | undefined>>;
    if (plugin === undefined) return this.#place(place, options);
    if (!isPlugin(plugin))
      return this.#wrong(`has a plugin that is ${shown(plugin)}; expected a plugin object, from code`);
    return { url: place.url ?? `${plugin.schemes[0] ?? plugin.name}:`, options, bareNumber: this.#bareNumber, plugin };
  }

  #place(
    { url, type, baseDir }: Readonly<Record<'url' | 'type' | 'baseDir', string | undefined>>,
    options: Tree,
  ): UrlTarget | TypedTarget | undefined {
    const typed = type === undefined ? undefined : backendOf(type);
    if (baseDir !== undefined)
      return url === undefined
        ? this.#folder(baseDir, type, options)
        : this.#wrong('has both a url and a baseDir; give one');
    if (url === undefined)
      return type === undefined ? this.#wrong(`names no backend; ${EXPECTED}`) : this.#typed(type, options);
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f]/u.test(url)) return this.#wrong('has a URL with control characters');
    const scheme = schemeOf(url);
    if (scheme === undefined) return this.#withoutScheme(url, type, options);
    const opened = builtInOf(scheme);
    if (
      type !== undefined &&
      (typed?.name ?? type) !== (opened?.name ?? scheme) &&
      (typed !== undefined || opened !== undefined)
    ) {
      return this.#disagree(type, scheme);
    }
    return this.#target(url, options);
  }

  /** A path or host beside a type, or one word that is a type. */
  #withoutScheme(url: string, type: string | undefined, options: Tree): UrlTarget | TypedTarget | undefined {
    if (type !== undefined) return this.#target(`${backendOf(type)?.schemes[0] ?? type}:${url}`, options);
    if (backendOf(url) !== undefined) return this.#typed(url, options);
    return this.#wrong(`is ${shown(url)}, which has no scheme; ${EXPECTED}`);
  }

  #typed(type: string, options: Tree): TypedTarget | undefined {
    const backend = backendOf(type);
    if (backend !== undefined) return { type: backend.name, options, bareNumber: this.#bareNumber };
    const meant = nearestName(
      type,
      builtIns.map(({ name }) => name),
    );
    const hint = meant === undefined ? 'for a backend of a third party give its URL' : `did you mean ${meant}?`;
    return this.#wrong(`has the type ${shown(type)}; expected ${builtIns.map(({ name }) => name).join(', ')}; ${hint}`);
  }

  #folder(baseDir: string, type: string | undefined, options: Tree): UrlTarget | undefined {
    const backend = type === undefined ? undefined : backendOf(type)?.name;
    if (backend === 'file') return this.#target(`file:${baseDir}`, options);
    if (backend === 'sqlite') return this.#target(`sqlite:${baseDir.replace(/[/\\]+$/u, '')}/omniq.db`, options);
    return this.#wrong('has a baseDir, which only the types file and sqlite take');
  }

  #target(url: string, options: Tree): UrlTarget {
    return { url, options, bareNumber: this.#bareNumber };
  }

  #disagree(type: string, scheme: string): undefined {
    const { origin } = this.#leaf;
    if (origin.source !== 'env')
      return this.#wrong(`has the type ${shown(type)} and a URL of ${flat(scheme)}:, which disagree`);
    const typeName = origin.name.replace(/_URL$/u, '_TYPE');
    this.#problems.addSentence(
      `${typeName} is ${shown(type)} and ${origin.name} is a URL of ${flat(scheme)}:, which disagree`,
    );
    return undefined;
  }

  #wrong(complaint: string): undefined {
    this.#problems.add(this.#leaf.origin, this.#leaf.written, complaint);
    return undefined;
  }
}

/** The built-in backend of this name or scheme. */
function backendOf(type: string): BuiltIn | undefined {
  const wanted = type.trim().toLowerCase();
  return builtIns.find(({ name }) => name === wanted) ?? builtInOf(wanted);
}
