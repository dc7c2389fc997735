import { nearestName } from './nearest-name.ts';
import { flat, type Problems } from './problems.ts';
import type { Layer, RawLeaf, Said } from './raw-leaf.ts';
import type { Origin } from './resolved-config.ts';
import { settings } from './setting-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The word in `OMNIQ_<word>_STORAGE_TYPE` and `_URL`, by store. */
const storeWords = {
  storage: '',
  tasks: 'TASK_',
  results: 'RESULT_',
  events: 'EVENT_',
  schedules: 'SCHEDULE_',
  outbox: 'OUTBOX_',
} as const;

/** A variable, the setting it is for, and one sentence. */
export interface Variable {
  readonly name: string;
  /** Dotted key; `null`: steers where configuration comes from. */
  readonly key: string | null;
  readonly about: string;
}

export const objectStoreNames = ['OMNIQ_OBJECT_STORE_URI', 'OMNIQ_OBSTORE_URI'] as const;

/** Every variable that is read. */
export const variables: readonly Variable[] = [
  { name: 'OMNIQ_CONFIG', key: null, about: 'Configuration files, apart by commas; the later wins.' },
  { name: 'OMNIQ_ENV', key: null, about: 'Which of `environments` is laid over the rest; without it `NODE_ENV` says.' },
  ...Object.entries(storeWords).flatMap(([key, word]) => [
    {
      name: `OMNIQ_${word}STORAGE_TYPE`,
      key,
      about: 'The backend: memory, file, sqlite, postgres, redis, nats, s3, azure or gcs.',
    },
    { name: `OMNIQ_${word}STORAGE_URL`, key, about: 'Its URL; may go without the scheme where the type is given.' },
  ]),
  {
    name: objectStoreNames[0],
    key: 'storage',
    about: 'The URL behind every store of type file that has none of its own.',
  },
  { name: objectStoreNames[1], key: 'storage', about: `An older name of ${objectStoreNames[0]}.` },
  ...[...settings].flatMap(([key, { env = [], about }]) =>
    env.map((name, index) => ({ name, key, about: index === 0 ? about : `An older name of ${env[0]}.` })),
  ),
];

const knownNames: ReadonlySet<string> = new Set(variables.map(({ name }) => name));

/** What the environment says; `objectStore` is the place of stores of type `file`. */
export interface EnvironmentLayer extends Layer {
  readonly objectStore: Said<string> | undefined;
}

/** Reads every known variable; an empty one counts as not set. */
export function environmentLayer(env: Environment, problems: Problems): EnvironmentLayer {
  const leaves: RawLeaf[] = [];
  for (const [key, { env: names = [] }] of settings) {
    const said = oneOf(names, env, problems);
    if (said !== undefined) leaves.push({ key, written: key, raw: said.value, origin: said.origin });
  }
  for (const [key, word] of Object.entries(storeWords)) {
    const type = oneOf([`OMNIQ_${word}STORAGE_TYPE`], env, problems);
    const url = oneOf([`OMNIQ_${word}STORAGE_URL`], env, problems);
    const origin = url?.origin ?? type?.origin;
    if (origin === undefined) continue;
    const raw = { ...(url && { url: url.value }), ...(type && { type: type.value.toLowerCase() }) };
    leaves.push({ key, written: key, raw, origin });
  }
  return { medium: 'env', leaves, objectStore: oneOf(objectStoreNames, env, problems) };
}

/** The value of the one variable of these that is set. */
function oneOf(names: readonly string[], env: Environment, problems: Problems): Said<string> | undefined {
  let found: Said<string> | undefined;
  for (const name of names) {
    const value = env[name]?.trim();
    if (value === undefined || value === '') continue;
    const origin: Origin = { source: 'env', name };
    if (found === undefined) found = { value, origin };
    else if (found.value !== value)
      problems.add(origin, name, `and ${names[0]} say different things; keep ${names[0]}`);
  }
  return found;
}

/** One sentence for each variable that looks like ours and is not: most likely a typing error. */
export function unknownVariables(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('OMNIQ_') && !name.startsWith('OMNIQ_TEST_') && !knownNames.has(name))
    .map((name) => {
      const meant = nearestName(
        name.slice('OMNIQ_'.length),
        [...knownNames].map((known) => known.slice('OMNIQ_'.length)),
      );
      return `${flat(name)} is not a variable of OmniQ and is ignored${meant === undefined ? '' : `; did you mean OMNIQ_${meant}?`}`;
    })
    .toSorted();
}
