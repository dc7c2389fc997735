import { defineBackend, type BackendPlugin } from '@omniq/core/storage';
import { memory } from '@omniq/storage-memory';

/** What a plugin was asked to open, and how often what it opened was closed. */
export interface Openings {
  readonly plugin: BackendPlugin;
  readonly opened: { readonly url: string; readonly options: Readonly<Record<string, unknown>> }[];
  closed: number;
}

/** A plugin of a third party: memory storage under schemes and options of its own. */
export function thirdParty(name: string, schemes: readonly string[], over: Partial<BackendPlugin> = {}): Openings {
  const openings: Openings = {
    opened: [],
    closed: 0,
    plugin: defineBackend({
      name,
      schemes,
      contract: memory.contract,
      options: {
        namespace: { type: 'string', about: 'Keeps installations apart.' },
        pool: { type: 'number', about: 'Connections at most.' },
        timeout: { type: 'duration', about: 'How long to wait.' },
        tls: { type: 'boolean', about: 'Whether to encrypt.' },
      },
      async open(url, options) {
        openings.opened.push({ url, options });
        const backend = await memory.open('memory:', {});
        const close = async (): Promise<void> => {
          openings.closed += 1;
          await backend.close();
        };
        return { ...backend, close };
      },
      ...over,
    }),
  };
  return openings;
}

/** The files of an installed package whose default export is a plugin. */
export function installed(name: string, scheme: string, contract = 1): Readonly<Record<string, string>> {
  const plugin = `{ name: '${name}', schemes: ['${scheme}'], contract: ${contract}, options: {}, open: async () => ({ records: {}, close: async () => {} }) }`;
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({
      name,
      type: 'module',
      exports: { '.': { import: './main.js' } },
    }),
    [`node_modules/${name}/main.js`]: `export default ${plugin};`,
  };
}
