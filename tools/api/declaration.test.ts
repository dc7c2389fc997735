import { expect, test } from 'vitest';
import { declarationOf, exportsOf } from './declaration.ts';

const text = `/** A door; with a semicolon and a { brace. */
import type { Other } from './other.ts';
export { one, type Two as Deux, } from './numbers.ts';
export type { Three } from '@omniq/core';
export { local as renamed };
/** Opens. */
export declare function open(url: 'a;}' | string): Promise<void>;
export declare function open(url: URL, options: {
    readonly wait: number; // ms
}): Promise<void>;
export declare class Queue<T> extends Base<{ a: T }> {
    #private;
    private secret;
    readonly at: { x: number; };
    get(): T;
}
export interface Page { readonly next: string }
export interface PageQuery extends Page { readonly limit: number }
export type State = 'a' | 'b';
export declare const table: {
    readonly a: 1;
};
declare const local = 1;
declare const _default: Plugin;
export default _default;
`;

test('every way to export is found', () => {
  expect(exportsOf(text)).toEqual([
    { name: 'one', local: 'one', from: './numbers.ts' },
    { name: 'Deux', local: 'Two', from: './numbers.ts' },
    { name: 'Three', local: 'Three', from: '@omniq/core' },
    { name: 'renamed', local: 'local' },
    ...['open', 'Queue', 'Page', 'PageQuery', 'State', 'table'].map((name) => ({ name, local: name })),
    { name: 'default', local: '_default' },
  ]);
});

test('a star export is refused', () => {
  expect(() => exportsOf("export * from './numbers.ts';")).toThrow('name each export');
});

test.each([
  ['State', "type State = 'a' | 'b';"],
  ['Page', 'interface Page { readonly next: string }'],
  ['table', 'const table: {\n    readonly a: 1;\n};'],
  ['local', 'const local = 1;'],
  ['Queue', 'class Queue<T> extends Base<{ a: T }> {\n    readonly at: { x: number; };\n    get(): T;\n}'],
  [
    'open',
    "function open(url: 'a;}' | string): Promise<void>;\nfunction open(url: URL, options: {\n    readonly wait: number;\n}): Promise<void>;",
  ],
])('the declaration of %s is whole, without comments and private parts', (name, declaration) => {
  expect(declarationOf(text, name)).toBe(declaration);
});

test('a name without a declaration has none', () => {
  expect(declarationOf(text, 'Pag')).toBeUndefined();
});
