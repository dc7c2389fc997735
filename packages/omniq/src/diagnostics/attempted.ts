import { isOmniQError, OmniQError } from '@omniq/core';
import { maskSecrets } from '../config/mask-secrets.ts';
import type { Finding } from './finding.ts';

/** A backend that does not answer at all must not hold up the other checks. */
const DEADLINE_MS = 10_000;

/** What `look` finds, or what it throws as a finding; a silence of 10 s is one too. */
export async function attempted(check: string, look: () => Promise<Finding>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new OmniQError('STORE_UNREACHABLE', `No answer in ${DEADLINE_MS} ms.`)),
      DEADLINE_MS,
    );
  });
  try {
    return await Promise.race([look(), silence]);
  } catch (error) {
    const detail = maskSecrets(error instanceof Error ? error.message : String(error));
    return { check, status: 'failed', detail, ...(isOmniQError(error) ? { code: error.code } : {}) };
  } finally {
    clearTimeout(timer);
  }
}
