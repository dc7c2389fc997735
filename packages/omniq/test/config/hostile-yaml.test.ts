import { describe, expect, test } from 'vitest';
import { resolve, problemsOf } from './resolving.ts';

const laughs = ['a: &a ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]'];
for (let index = 1; index < 9; index++) {
  const [before, name] = ['abcdefghi'[index - 1], 'abcdefghi'[index]];
  laughs.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`);
}

describe('hostile files', () => {
  test.each<readonly [string, string, RegExp]>([
    ['a billion laughs', laughs.join('\n'), /^omniq\.yaml:\d+ unfolds into more than 10000 values or 20 levels$/u],
    [
      'an anchor inside itself',
      'worker: &a\n  kind: *a\n',
      /^omniq\.yaml:\d+ unfolds into more than 10000 values or 20 levels$/u,
    ],
    ['a list inside itself', 'worker: &a [*a]', /^omniq\.yaml:\d+ unfolds into more than 10000 values or 20 levels$/u],
    ['an anchor that is not there', 'worker: *nobody', /^omniq\.yaml:1 names an anchor that is not there: nobody$/u],
    [
      'a tag that runs code elsewhere',
      'a: 1\nworker: !!js/function "function(){}"',
      /^omniq\.yaml:2 is not YAML that is taken here: Unresolved tag: tag:yaml\.org,2002:js\/function/u,
    ],
    [
      'a tag of its own',
      'worker: !python/object:os.system {}',
      /^omniq\.yaml:1 is not YAML that is taken here: Unresolved tag/u,
    ],
    ['two documents', 'namespace: a\n---\nnamespace: b', /^omniq\.yaml holds 2 documents; expected one$/u],
    [
      'a key twice',
      'namespace: a\nnamespace: b',
      /^omniq\.yaml:2 is not YAML that is taken here: Map keys must be unique/u,
    ],
    ['a merge key', 'base: &b { lease: 1s }\nworker:\n  <<: *b', /`worker\.<<` is unknown$/u],
    ['brackets without end', '['.repeat(50_000), /^omniq\.yaml is nested or indented deeper than 100$/u],
    ['dashes without end', `${'- '.repeat(5_000)}a`, /^omniq\.yaml is nested or indented deeper than 100$/u],
    ['braces in braces', '{a: '.repeat(2_000), /^omniq\.yaml is nested or indented deeper than 100$/u],
    [
      'a huge file',
      `# ${'x'.repeat(300_000)}`,
      /^omniq\.yaml has 300002 bytes; a configuration file has at most 262144$/u,
    ],
    ['a list at the top', '- a\n- b', /^omniq\.yaml:1 expected keys and values at the top$/u],
    ['a word at the top', 'hello', /^omniq\.yaml:1 expected keys and values at the top$/u],
    ['a section as a key', '? { a: b }\n: c', /^omniq\.yaml:1 has a key that is not text$/u],
    ['__proto__ as a key', '__proto__: { namespace: x }', /^omniq\.yaml:1 `__proto__` is unknown$/u],
    [
      '__proto__ in a section',
      'worker: { __proto__: { kind: thread } }',
      /^omniq\.yaml:1 `worker\.__proto__` is unknown$/u,
    ],
    [
      'constructor as a section',
      'worker:\n  constructor:\n    prototype: { kind: thread }',
      /^omniq\.yaml:2 `worker\.constructor` is unknown$/u,
    ],
    [
      '__proto__ as a component',
      'logging:\n  components: { __proto__: DEBUG }',
      /^omniq\.yaml:2 `logging\.components` is a section; expected levels by component/u,
    ],
    [
      '__proto__ as an option of a store',
      'tasks: { url: "memory:", __proto__: { a: 1 } }',
      /^omniq\.yaml:1 `tasks` has an option __proto__, which is not taken$/u,
    ],
    ['garbage', 'a: b: c: }', /^omniq\.yaml:1 is not YAML that is taken here: /u],
  ])('%s', async (_name, yaml, message) => {
    const problems = await problemsOf({ yaml });
    expect(problems.filter((problem) => message.test(problem))).not.toEqual([]);
    expect(({} as Record<string, unknown>)['namespace']).toBeUndefined();
  });

  test('many aliases of a long list are refused in bounded work', async () => {
    const list = Array.from({ length: 500 }, () => 'x').join(',');
    const aliases = Array.from({ length: 5_000 }, () => '*a').join(',');
    const [problem] = await problemsOf({ yaml: `a: &a [${list}]\nb: [${aliases}]` });
    expect(problem).toMatch(/unfolds into more than 10000 values/u);
  });

  test('more problems than anybody reads are cut', async () => {
    const yaml = Array.from({ length: 1_000 }, (_, index) => `zzzzzzzzzz${index}: 1`).join('\n');
    const failure = (await resolve({ yaml }).catch((error: unknown) => error)) as Error;
    expect(failure.message).toMatch(/^The configuration has 1000 problems:/u);
    expect(failure.message).toMatch(/\.\.\. and 975 more$/u);
  });

  test.each([
    ['an empty file', ''],
    ['a comment', '# nothing yet'],
    ['keys without values', 'worker:\ntasks:\nlogging: ~\nenvironments:\n  production:\n'],
  ])('%s says nothing', async (_name, yaml) => {
    expect((await resolve({ yaml })).settings).toEqual((await resolve()).settings);
  });

  test('an alias that is meant is followed', async () => {
    const { settings } = await resolve({ yaml: 'worker: { lease: &long 2m, shutdown_timeout: *long }' });
    expect(settings.worker).toMatchObject({ lease: 120_000, shutdownTimeout: 120_000 });
  });

  test('JSON is YAML', async () => {
    expect((await resolve({ yaml: '{"worker": {"kind": "process"}}' })).settings.worker.kind).toBe('process');
  });

  test('hostile dictionaries from code are refused as well', async () => {
    const code = JSON.parse('{"__proto__": {"namespace": "x"}, "worker": {"__proto__": {"kind": "thread"}}}') as never;
    expect(await problemsOf({ code })).toEqual(['`__proto__` is unknown', '`worker.__proto__` is unknown']);
  });
});
