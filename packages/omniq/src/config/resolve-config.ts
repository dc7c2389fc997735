import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBackend, isPlugin } from '../backends/plugin-shape.ts';
import { checkLayer, type CheckedLayer } from './checked-layer.ts';
import { environmentLayer, unknownVariables, type Environment } from './environment-layer.ts';
import { mergeSettings } from './merged-settings.ts';
import { mergeStores } from './merged-stores.ts';
import type { OmniQConfig, StoreConfig } from './omniq-config.ts';
import { flat, Problems, shown } from './problems.ts';
import type { ConfigSources, ResolvedConfig } from './resolved-config.ts';
import { isTree, leavesOf, type OriginAt, type Tree } from './tree-layer.ts';
import { forgetful, unknownEnvironment, unusedObjectStore } from './warnings.ts';
import { readYamlSource, type FileSource } from './yaml-source.ts';

/** A tree from a file or from code; it may hold sections for environments. */
interface TreeSource {
  readonly medium: 'code' | 'file';
  readonly tree: Tree;
  readonly originAt: OriginAt;
}

/**
 * Reads, checks and merges all sources.
 * @throws OmniQError `INVALID_CONFIG` with everything that is wrong in any of them.
 */
export async function resolveConfig(sources: ConfigSources = {}): Promise<ResolvedConfig> {
  const cwd = sources.cwd ?? process.cwd();
  const env = sources.env === false ? {} : (sources.env ?? process.env);
  const problems = new Problems();
  const environment = nonEmpty(env['OMNIQ_ENV']) ?? nonEmpty(env['NODE_ENV']) ?? null;
  const files = await readFiles(sources, env, cwd, problems);
  const told = new Set<string>();
  const layersOf = (source: TreeSource): readonly CheckedLayer[] => treeLayers(source, environment, told, problems);
  const variables = environmentLayer(env, problems);
  const weakestFirst = [
    ...files.flatMap((file) => layersOf({ medium: 'file', ...file })),
    checkLayer(variables, problems),
    ...codeTrees(sources.code, problems).flatMap((tree) =>
      layersOf({ medium: 'code', tree, originAt: () => ({ source: 'code' }) }),
    ),
    ...codeTrees(sources.flags, problems).flatMap((tree) =>
      layersOf({ medium: 'code', tree, originAt: () => ({ source: 'flag' }) }),
    ),
  ];
  const layers = weakestFirst.toReversed();
  const stores = mergeStores(layers, variables.objectStore, problems);
  problems.throwIfAny();
  const warnings = [
    ...unknownVariables(env),
    ...unusedObjectStore(variables.objectStore, stores),
    ...unknownEnvironment(nonEmpty(env['OMNIQ_ENV']), told),
    ...forgetful(stores),
  ];
  return { ...mergeSettings(layers, stores), environment, files: files.map(({ path }) => path), warnings };
}

/** The files to read, in order: those given, those `OMNIQ_CONFIG` names, or the one beside the application. */
async function readFiles(
  sources: ConfigSources,
  env: Environment,
  cwd: string,
  problems: Problems,
): Promise<readonly FileSource[]> {
  if (sources.files === false) return [];
  const named =
    sources.files ??
    nonEmpty(env['OMNIQ_CONFIG'])
      ?.split(',')
      .map((file) => file.trim());
  const paths = named ?? (await besides(cwd, problems));
  const read = await Promise.all(
    paths.filter((path) => path !== '').map((path) => readYamlSource(path, cwd, problems)),
  );
  return read.filter((source) => source !== undefined);
}

async function besides(cwd: string, problems: Problems): Promise<readonly string[]> {
  const names = ['omniq.yaml', 'omniq.yml'];
  const there = await Promise.all(
    names.map((name) =>
      stat(join(cwd, name)).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  const found = names.filter((_name, index) => there[index]);
  if (found.length > 1)
    problems.addSentence('omniq.yaml and omniq.yml are both there; keep one, or name them in OMNIQ_CONFIG');
  return found.slice(0, 1);
}

/** The tree itself, then the section of the environment laid over it. All sections are checked, whichever is chosen. */
function treeLayers(
  source: TreeSource,
  environment: string | null,
  told: Set<string>,
  problems: Problems,
): readonly CheckedLayer[] {
  const { environments, ...rest } = source.tree;
  const check = (tree: Tree, root: readonly string[]): CheckedLayer =>
    checkLayer({ medium: source.medium, leaves: leavesOf(tree, source.originAt, problems, root) }, problems);
  const base = check(rest, []);
  if (environments === undefined || environments === null) return [base];
  if (!isTree(environments)) {
    problems.add(
      source.originAt(['environments']),
      'environments',
      `is ${shown(environments)}; expected a section for each environment`,
    );
    return [base];
  }
  const chosen: CheckedLayer[] = [];
  for (const [name, tree] of Object.entries(environments)) {
    told.add(name);
    if (tree === null || tree === undefined) continue;
    if (!isTree(tree))
      problems.add(
        source.originAt(['environments', name]),
        `environments.${flat(name)}`,
        `is ${shown(tree)}; expected a section`,
      );
    else {
      const layer = check(tree, ['environments', name]);
      if (name === environment) chosen.push(layer);
    }
  }
  return [base, ...chosen];
}

/** What code gives, as trees: a store alone stands for `storage`. */
function codeTrees(code: ConfigSources['code'], problems: Problems): readonly Tree[] {
  if (code === undefined || code === null) return [];
  if (Array.isArray(code)) return (code as readonly OmniQConfig[]).flatMap((each) => codeTrees(each, problems));
  const given = code as OmniQConfig | StoreConfig;
  if (typeof given === 'string' || isPlugin(given) || isBackend(given)) return [{ storage: given }];
  if (typeof given === 'object')
    return ['url', 'plugin'].some((key) => Object.hasOwn(given, key)) ? [{ storage: given }] : [{ ...given }];
  problems.addSentence(`The configuration from code is ${shown(given)}; expected an object or the URL of a store`);
  return [];
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
