/** An error as the system makes them. */
export function failing(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made to fail`), { code });
}
