export const MASK = '***';

// A password may hold an @ of its own: everything up to the last one before the path is user information.
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)([^\s/?#'"]*)@/giu;
const secretParameter =
  /([?&;](?:[\w.-]*(?:password|passwd|secret|token|signature|credential|apikey|api_key|key)|sig|sv)=)[^&;#\s'"]*/giu;
const accountKey = /\b((?:AccountKey|SharedAccessSignature|Password|Pwd)=)[^;\s'"]*/giu;

/** The text with the passwords and keys of every URL and connection string in it masked. */
export function maskSecrets(text: string): string {
  return text
    .replaceAll(userInfo, (_all, scheme: string, user: string) => `${scheme}${maskUser(user)}@`)
    .replaceAll(secretParameter, `$1${MASK}`)
    .replaceAll(accountKey, `$1${MASK}`);
}

/** The user's name stays: it tells which account was meant. */
function maskUser(user: string): string {
  const colon = user.indexOf(':');
  return colon < 0 ? user : `${user.slice(0, colon)}:${MASK}`;
}

const secretName =
  /(?:password|passwd|passphrase|pwd|secret|token|credential|authorization|cookie|apikey|api_key|accesskey|access_key|accountkey|privatekey|private_key|connectionstring)/iu;

/** A copy that can be shown: values of keys that name secrets are masked, and those inside URLs. */
export function maskDeep(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskSecrets(value);
  if (typeof value !== 'object' || value === null || depth > 8) return value;
  if (value instanceof Uint8Array) return MASK;
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    secretName.test(key) ? MASK : maskDeep(item, depth + 1),
  ]);
  return Object.fromEntries(entries);
}
