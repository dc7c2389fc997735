import * as z from 'zod/mini';
import { builtIns } from '../backends/built-in.ts';
import { storeKeys } from './known-keys.ts';
import { showSetting } from './show-config.ts';
import { settings } from './setting-table.ts';

interface Fields {
  [key: string]: z.ZodMiniType | Fields;
}

const storeAbout: Readonly<Record<string, string>> = {
  storage: 'Where everything is kept that is not named one by one.',
  tasks: 'Where tasks are kept.',
  results: 'Where results are kept; where the tasks are unless named.',
  events: 'Where events are kept, and from which level on.',
  schedules: 'Where schedules are kept; where the tasks are unless named.',
  outbox: 'Where tasks wait that transactions enqueue, if the task store takes part in none.',
};

/** The JSON Schema (2020-12) of `omniq.yaml`, for editors. Made from the table that checks the configuration. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const fields: Fields = {};
  for (const key of storeKeys) if (key !== 'events') fields[key] = store(key);
  for (const [key, setting] of settings) {
    if (setting.codeOnly === true) continue;
    const shown = setting.default === undefined ? setting.implied : showSetting(setting, setting.default);
    const description = `${setting.about}${shown === undefined ? '' : ` Default: ${shown}.`}`;
    put(fields, key.split('.'), described(setting.kind.schema, description));
  }
  fields['events'] = described(
    z.union([z.string(), object({ ...storeFields(), ...(fields['events'] as Fields) }, true)]),
    storeAbout['events'] ?? '',
  );
  const plain = object(fields);
  const whole = object({
    ...fields,
    environments: described(
      z.record(z.string(), plain),
      'Laid over the rest where OMNIQ_ENV, else NODE_ENV, has this name.',
    ),
  });
  const schema = z.toJSONSchema(whole, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' });
  return { title: 'OmniQ configuration', ...(withoutCodeOnly(schema) as object) };
}

/** What only code can give is an alternative that takes anything: a file has it not. */
function withoutCodeOnly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutCodeOnly);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    const kept =
      key === 'anyOf' && Array.isArray(value) ? value.filter((each: object) => Object.keys(each).length > 0) : value;
    return [key, withoutCodeOnly(kept)];
  });
  const fields = Object.fromEntries(entries);
  const only: unknown = Array.isArray(fields['anyOf']) && fields['anyOf'].length === 1 ? fields['anyOf'][0] : undefined;
  const { anyOf: _single, ...others } = fields;
  return only === undefined ? fields : { ...others, ...(only as object) };
}

function storeFields(): Fields {
  return {
    url: described(z.string(), `Such as ${builtIns.map(({ example }) => example).join(', ')}.`),
    type: described(z.string(), `One of ${builtIns.map(({ name }) => name).join(', ')}; must agree with the URL.`),
    baseDir: described(z.string(), 'The folder of the types file and sqlite.'),
  };
}

function store(key: string): z.ZodMiniType {
  return described(z.union([z.string(), object(storeFields(), true)]), storeAbout[key] ?? '');
}

function object(fields: Fields, open = false): z.ZodMiniType {
  const shape = Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, z.optional(isSchema(field) ? field : object(field))]),
  );
  return open ? z.looseObject(shape) : z.strictObject(shape);
}

function isSchema(field: z.ZodMiniType | Fields): field is z.ZodMiniType {
  return '_zod' in field;
}

/** A copy with a description: settings share schemas, and a description belongs to one of them. */
function described(schema: z.ZodMiniType, description: string): z.ZodMiniType {
  const copy = z.clone(schema, undefined, { parent: true });
  z.globalRegistry.add(copy, { description });
  return copy;
}

function put(fields: Fields, [first = '', ...rest]: readonly string[], schema: z.ZodMiniType): void {
  if (rest.length === 0) {
    fields[first] = schema;
    return;
  }
  const section = (fields[first] ?? {}) as Fields;
  fields[first] = section;
  put(section, rest, schema);
}
