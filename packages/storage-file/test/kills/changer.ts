/** Changes one record until it is killed: `node changer.ts <folder> <name> <acknowledged file>`. */
import fs from 'node:fs';
import { FileRecordStore, openFolder } from '../../src/index.ts';

const [folder = '', name = '', acknowledged = ''] = process.argv.slice(2);

const records = new FileRecordStore(await openFolder(folder));
const told = fs.openSync(acknowledged, 'a');
for (let n = 0, done = 0; ; n += 1) {
  const record = await records.get('shared');
  const before = record?.tag ?? null;
  const isDeleted = before !== null && n % 5 === 4;
  const after = isDeleted
    ? await records.delete('shared', before)
    : await records.put('shared', Buffer.from(name), before);
  if (after === null || after === false) continue;
  fs.writeSync(told, `${before ?? ''} ${after === true ? '' : after}\n`);
  done += 1;
  if (done === 1) process.send?.('ready');
}
