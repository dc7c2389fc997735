import { Engine, envelopeCodec, Outbox, silent, systemAmbient, type Logger, type TaskDefaults } from '@omniq/core';
import { createCodec, encrypt, type Codec, type KeyRing } from '@omniq/core/codec';
import { chooseStores } from './chosen-stores.ts';
import type { OmniQConfig, StoreConfig } from './config/omniq-config.ts';
import type { ConfigSources, ResolvedConfig } from './config/resolved-config.ts';
import type { Settings } from './config/settings.ts';
import { OmniQ } from './omniq.ts';

/**
 * Opens a task queue. Takes a URL for everything, a configuration, or nothing: then `omniq.yaml` and `OMNIQ_*` say, and
 * without them everything is in memory.
 * @throws OmniQError `INVALID_CONFIG`, `BACKEND_UNKNOWN`, `BACKEND_MISSING`, `CONTRACT_MISMATCH`, `UNSUPPORTED`, `STORE_*`
 */
export async function createOmniQ(config: OmniQConfig | StoreConfig = {}): Promise<OmniQ> {
  return openOmniQ(await resolve({ code: config }));
}

/** Opens a task queue from a configuration that was resolved before, with its origins. */
export async function openOmniQ({ settings, warnings }: ResolvedConfig, cwd: string = process.cwd()): Promise<OmniQ> {
  const { logger, closeLogger } = await loggerOf(settings);
  for (const warning of warnings) logger.warn({}, warning);
  const chosen = await chooseStores(settings, systemAmbient, cwd);
  const close = async (): Promise<void> => {
    await chosen.close();
    await closeLogger();
  };
  const common = { ambient: systemAmbient, logger, eventLevel: settings.events.level };
  const outbox = chosen.outbox && new Engine({ ...common, stores: chosen.outbox, codec: envelopeCodec, defaults: {} });
  const engine = new Engine({
    ...common,
    stores: chosen.stores,
    codec: codecOf(settings),
    defaults: settings.defaults as TaskDefaults,
    ...(outbox === null ? {} : { outbox: new Outbox(outbox) }),
  });
  try {
    await Promise.all([engine.start(), outbox?.start()]);
  } catch (error) {
    await close();
    throw error;
  }
  const { queues, concurrency, lease, poll, prefetch, shutdownTimeout } = settings.worker;
  const workDefaults = { queues, concurrency, lease, poll, prefetch, shutdownTimeout };
  return new OmniQ({ engine, outbox, retention: settings.retention, workDefaults, cwd, close });
}

/** Configuration is read with zod and yaml, which are only loaded when a queue is opened. */
async function resolve(sources: ConfigSources): Promise<ResolvedConfig> {
  const { resolveConfig } = await import('./config/resolve-config.ts');
  return resolveConfig(sources);
}

async function loggerOf({ logger, logging }: Settings): Promise<{ logger: Logger; closeLogger: () => Promise<void> }> {
  if (logger !== undefined) return { logger, closeLogger: async () => {} };
  if (logging.disabled) return { logger: silent, closeLogger: async () => {} };
  const { createLogger } = await import('./logging/create-logger.ts');
  const own = await createLogger(logging);
  return { logger: own, closeLogger: () => own.close() };
}

function codecOf({ codec, limits }: Settings): Codec {
  return createCodec({
    maxBytes: limits.payload,
    maxNodes: limits.payloadNodes,
    maxDepth: limits.payloadDepth,
    ...(codec.signingKeys === undefined ? {} : { keys: ringOf(codec.signingKeys) }),
    transforms: [
      ...(codec.transforms ?? []),
      ...(codec.encryptionKeys === undefined ? [] : [encrypt({ keys: ringOf(codec.encryptionKeys) })]),
    ],
  });
}

/** The first key writes, all of them read. */
function ringOf(keys: NonNullable<Settings['codec']['signingKeys']>): KeyRing {
  return { current: keys[0]?.id ?? '', keys: Object.fromEntries(keys.map(({ id, secret }) => [id, secret])) };
}
