import { clock } from './clock.ts';
import { script, type Script } from './script.ts';

/** Answers the server's clock, in epoch ms. A key names the node of a Cluster that keeps the namespace. */
export const time: Script = script('time', {
  keys: ['tasks'],
  needs: [clock],
  lua: `return math.floor(store_micros() / 1000)`,
});
