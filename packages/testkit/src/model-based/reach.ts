import type { Capabilities } from '@omniq/core/storage';
import type { Topic } from './topic.ts';

/** What is generated is what all sides can do. What one cannot is asked for apart, to be refused. */
export interface Reach extends Pick<
  Capabilities,
  'results' | 'then' | 'uniqueKeys' | 'orderKeys' | 'limits' | 'clock'
> {
  readonly without: ReadonlySet<Topic>;
}
