import { OmniQError } from '@omniq/core';
import { CONTRACT, type BackendPlugin } from '@omniq/core/storage';
import { maskSecrets } from '../config/mask-secrets.ts';
import { nearestName } from '../config/nearest-name.ts';
import { builtInOf, builtIns, schemeOf } from './built-in.ts';
import { installCommand } from './install-command.ts';
import { loadFrom } from './load-package.ts';
import { isPlugin } from './plugin-shape.ts';

/** Where plugins come from. A URL never chooses code: only these and the built-in ones are ever imported. */
export interface PluginSources {
  /** Plugin objects, or names of packages and files that the application has. */
  readonly plugins?: readonly (string | BackendPlugin)[];
  /** The application's folder; default the current one. */
  readonly from?: string;
}

/**
 * The plugin that opens this URL: one of those given, else a built-in one.
 * @throws OmniQError `BACKEND_UNKNOWN`, `BACKEND_MISSING`, `CONTRACT_MISMATCH`
 */
export async function findPlugin(
  url: string,
  { plugins = [], from = process.cwd() }: PluginSources = {},
): Promise<BackendPlugin> {
  const scheme = schemeOf(url);
  const given = await Promise.all(
    plugins.map(async (plugin) =>
      typeof plugin === 'string' ? loadPlugin(plugin, from) : checkPlugin(plugin, plugin.name),
    ),
  );
  const fitting = given.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme));
  if (fitting !== undefined) return fitting;
  const builtIn = scheme === undefined ? undefined : builtInOf(scheme);
  if (builtIn !== undefined) return loadPlugin(`@omniq/storage-${builtIn.name}`, from, `${scheme}:`);
  throw unknownScheme(url, scheme, given);
}

/**
 * Imports a plugin: from the application's folder, else from ours.
 * @throws OmniQError `BACKEND_MISSING`, `CONTRACT_MISMATCH`
 */
async function loadPlugin(specifier: string, from: string, what: string = specifier): Promise<BackendPlugin> {
  let module: unknown;
  try {
    module = (await loadFrom(from, specifier)) ?? (await loadFrom(import.meta.dirname, specifier));
  } catch (cause) {
    throw new OmniQError(
      'BACKEND_MISSING',
      `The backend ${specifier} is there but does not load: ${describe(cause)}.`,
      { cause, package: specifier },
    );
  }
  if (module !== undefined) return checkPlugin((module as { default?: unknown }).default, specifier);
  const hint = specifier.startsWith('.')
    ? `There is no such file in ${from}.`
    : `Install it: ${installCommand(specifier, from, process.env['npm_config_user_agent'])}`;
  const message =
    what === specifier
      ? `The backend ${specifier} is not installed.`
      : `${what} URLs need the package ${specifier}, which is not installed.`;
  throw new OmniQError('BACKEND_MISSING', message, { hint, package: specifier });
}

/** @throws OmniQError `BACKEND_UNKNOWN` if it is no plugin, `CONTRACT_MISMATCH` if it is written for another contract. */
export function checkPlugin(plugin: unknown, from: string): BackendPlugin {
  if (!isPlugin(plugin)) {
    throw new OmniQError('BACKEND_UNKNOWN', `${from} has no backend as its default export.`, {
      hint: 'A plugin is `export default defineBackend({ name, schemes, contract, options, open })`.',
    });
  }
  if (plugin.contract === CONTRACT) return plugin;
  const older = plugin.contract < CONTRACT ? `a newer version of ${from}` : 'a newer version of @omniq/core';
  throw new OmniQError(
    'CONTRACT_MISMATCH',
    `The backend ${plugin.name} is written for version ${plugin.contract} of the storage contract, and this is version ${CONTRACT}.`,
    { hint: `Install ${older}.`, backend: plugin.name, given: plugin.contract, expected: CONTRACT },
  );
}

function unknownScheme(url: string, scheme: string | undefined, given: readonly BackendPlugin[]): OmniQError {
  const known = [...given.flatMap(({ schemes }) => schemes), ...builtIns.flatMap(({ schemes }) => schemes)];
  const meant = scheme === undefined ? undefined : nearestName(scheme, known);
  const what =
    scheme === undefined
      ? `'${maskSecrets(url).slice(0, 80)}' is not a URL with a scheme`
      : `No backend opens ${scheme}: URLs`;
  const question = meant === undefined ? '' : ` Did you mean ${meant}:?`;
  return new OmniQError('BACKEND_UNKNOWN', `${what}.${question} Known: ${known.map((each) => `${each}:`).join(' ')}.`, {
    hint: "For a backend of a third party, name its package: plugins: ['omniq-storage-…'] or OMNIQ_PLUGINS.",
    scheme,
  });
}

function describe(error: unknown): string {
  return maskSecrets(error instanceof Error ? error.message : String(error)).replace(/[.\s]+$/u, '');
}
