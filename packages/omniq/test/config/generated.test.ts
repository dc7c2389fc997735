import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { withReference } from '../../tools/config-reference.ts';

// After a change of the table: node packages/omniq/tools/generate-config.ts, then the formatter.
describe('what tools/generate-config.ts makes from the table of settings', () => {
  test('schema.json is fresh', () => {
    const file = readFileSync(join(import.meta.dirname, '../../schema.json'), 'utf8');
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  test('docs/configuration.md is fresh', () => {
    const file = readFileSync(join(import.meta.dirname, '../../../../docs/configuration.md'), 'utf8');
    expect(file).toBe(withReference(file));
  });

  test('editors are told what is taken, what it means and what holds without it', () => {
    expect(configJsonSchema()).toMatchObject({
      additionalProperties: false,
      properties: {
        worker: {
          additionalProperties: false,
          properties: {
            kind: {
              type: 'string',
              enum: ['async', 'thread', 'process', 'fiber'],
              description: 'Where handlers run that do not say. Default: async.',
            },
            lease: { type: ['number', 'string'] },
          },
        },
        environments: { type: 'object', additionalProperties: { properties: { namespace: { type: 'string' } } } },
      },
    });
    expect(JSON.stringify(configJsonSchema())).not.toContain('"logger"');
  });
});
