import type { Capabilities } from '@omniq/core/storage';
import type { SharedLog } from './shared-log.ts';

/** What a task store over this log can do: the machine's part is the same for all. */
export function capabilitiesOf({ capabilities: { durable, shared } }: SharedLog): Capabilities {
  return {
    durable,
    shared,
    order: 'strict',
    clock: false,
    watch: true,
    results: true,
    then: true,
    transactions: false,
    uniqueKeys: true,
    orderKeys: false,
    limits: false,
  };
}
