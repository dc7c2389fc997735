/** Appends to the log of a folder until it is killed: `node appender.ts <folder> <name> <acknowledged file>`. */
import fs from 'node:fs';
import { openFileLog } from '../../src/index.ts';
import { entryOf } from './entry-of.ts';

const [folder = '', name = '', acknowledged = ''] = process.argv.slice(2);

const log = await openFileLog(folder);
const told = fs.openSync(acknowledged, 'a');
let head = 0;
for (let n = 0; ; n += 1) {
  const id = `${name}-${n}`;
  for (let position = null; position === null;) {
    position = await log.append(entryOf(id), head + 1);
    if (position === null) head = (await log.read(head, 1_000)).at(-1)?.position ?? head;
    else head = position;
  }
  // In the system's hands at once, so that the end of this process takes none of it back.
  fs.writeSync(told, `${head} ${id}\n`);
  if (n === 0) process.send?.('ready');
}
