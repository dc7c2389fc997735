import type { ConfiguredBackend } from './configured-backends.ts';

/** Options that name no place and hold no secret, and what they are: `synchronous=full (default)`. */
export function describeDurability({ plugin, options, rawUrl }: ConfiguredBackend): readonly string[] {
  const inUrl = new URLSearchParams(rawUrl.split('?', 2)[1] ?? '');
  return Object.entries(plugin?.options ?? {}).flatMap(([name, option]) => {
    if (/secret|password|token|key|credential/iu.test(name)) return [];
    const given = options[name];
    if (typeof given === 'object' && given !== null) return [`${name}: given from code`];
    const said = given ?? inUrl.get(name);
    if (said !== undefined && said !== null) return [`${name}=${String(said as string | number | boolean)}`];
    return option.default === undefined ? [] : [`${name}=${option.default} (default)`];
  });
}
