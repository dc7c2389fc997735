import type { PublishedPackage } from '../published.ts';

/** A program that opens every door of every package and puts a task through each backend. */
export function useOfPacked(packages: readonly PublishedPackage[]): string {
  const doors = packages.flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((door) => !door.endsWith('.json'))
      .map((door) => `${manifest.name}${door.slice(1)}`),
  );
  return `
${doors.map((door, index) => `import * as door${index} from '${door}';`).join('\n')}
import { createOmniQ, defineTask } from '@omniq/omniq';

// Named, for the compiler leaves out what is imported and not used.
if ([${doors.map((_, index) => `door${index}`).join(', ')}].includes(undefined as never)) throw new Error('a door is shut');
const double = defineTask({ name: 'double', run: (n: number): number => n * 2 });
for (const tasks of ['memory:', 'sqlite:./packed.db']) {
  const omniq = await createOmniQ({ tasks });
  const worker = await omniq.work({ tasks: [double] });
  const handle = await omniq.enqueue(double, 21);
  const result: number = await handle.result({ timeout: '20s' });
  if (result !== 42) throw new Error(tasks + ' answered ' + result);
  await worker.stop();
  await omniq.close();
}
console.log('used');
`;
}

/** The way of those who write CommonJS. */
export const USE_FROM_COMMONJS = `
const { createOmniQ } = require('@omniq/omniq');
createOmniQ({ tasks: 'memory:' }).then((omniq) => omniq.close()).then(() => console.log('used'));
`;

/** As strict as any user's, and with nothing of the workspace's own settings. */
export const TSCONFIG: string = JSON.stringify({
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: ['node'],
  },
  files: ['use.ts'],
});
