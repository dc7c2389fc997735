import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { withReference } from './config-reference.ts';

// Writes what is derived from the table of settings: run it after a change there, then the formatter.
const schema = join(import.meta.dirname, '../schema.json');
writeFileSync(schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);

const manual = join(import.meta.dirname, '../../../docs/configuration.md');
writeFileSync(manual, withReference(readFileSync(manual, 'utf8')));
