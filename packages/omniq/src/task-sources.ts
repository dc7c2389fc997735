import { isAbsolute, normalize, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineTask, isTaskDefinition, OmniQError, type Handler, type TaskDefinition } from '@omniq/core';

/** A plain function as a task's code. */
export type PlainFunction = Handler<never, unknown>;

/** What a worker can be given: definitions, modules by path, or functions by name. */
export type TaskSources =
  | readonly (TaskDefinition<never> | string)[]
  | Readonly<Record<string, TaskDefinition<never> | PlainFunction>>;

/** The definitions behind the sources. Modules are imported from `cwd`; only what is listed is ever imported. */
export async function loadTasks(sources: TaskSources, cwd: string): Promise<readonly TaskDefinition<never>[]> {
  if (!Array.isArray(sources)) return Object.entries(sources).map(([name, task]) => named(name, task as PlainFunction));
  const loaded = await Promise.all(
    (sources as readonly (TaskDefinition<never> | string)[]).map((source) =>
      typeof source === 'string' ? loadModule(source, cwd) : Promise.resolve([source]),
    ),
  );
  return loaded.flat();
}

/** `'./tasks.ts#resize'` as stored: the path from the working folder, so that producers and workers agree. */
export function referenceName(reference: string, cwd: string): string {
  const at = reference.lastIndexOf('#');
  if (at < 0) return reference;
  return `${modulePath(reference.slice(0, at), cwd)}#${reference.slice(at + 1)}`;
}

async function loadModule(path: string, cwd: string): Promise<readonly TaskDefinition<never>[]> {
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(resolve(cwd, path)).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new OmniQError('INVALID_OPTION', `The task module ${path} could not be loaded.`, {
      hint: `Paths are taken from ${cwd}.`,
      cause,
    });
  }
  const found = Object.entries(module).flatMap(([name, value]) => exported(`${modulePath(path, cwd)}#${name}`, value));
  if (found.length > 0) return found;
  throw new OmniQError('INVALID_OPTION', `The task module ${path} exports neither a task nor a function.`, {
    hint: 'Export what defineTask returns, or plain functions.',
  });
}

/** A definition goes by its own name and by its reference. */
function exported(reference: string, value: unknown): TaskDefinition<never>[] {
  if (isTaskDefinition(value)) return value.run === undefined ? [] : [value, { ...value, name: reference }];
  return typeof value === 'function' ? [named(reference, value as PlainFunction)] : [];
}

function named(name: string, task: TaskDefinition<never> | PlainFunction): TaskDefinition<never> {
  if (isTaskDefinition(task)) return task;
  return defineTask({ name, run: task as Handler<unknown, unknown> }) as TaskDefinition<never>;
}

function modulePath(path: string, cwd: string): string {
  const plain = isAbsolute(path) ? relative(cwd, path) : normalize(path);
  return plain.split(sep).join('/');
}
