export const MASK = '***';

// A password may hold an @ of its own: everything up to the last one before the path is user information.
// The scheme is bounded, or a long word would be scanned once for each of its letters.
const userInfo = /([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/?#'"]*)@/giu;
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
