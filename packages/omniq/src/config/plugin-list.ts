import type { BackendPlugin } from '@omniq/core/storage';
import * as z from 'zod/mini';
import { isPlugin } from '../backends/plugin-shape.ts';
import type { Kind } from './kinds.ts';

/** A package name with an optional path in it, or a file of the application; never a URL that carries code. */
const specifier = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*(?:\/[\w.~/-]+)?$|^\.{1,2}\/[^\0]+$/u;

/** Plugins by name, or from code as objects. */
export function pluginList(): Kind<readonly (string | BackendPlugin)[]> {
  const name = z.string().check(z.maxLength(256), z.regex(specifier));
  return {
    schema: z.array(z.union([name, z.custom<BackendPlugin>(isPlugin)])).check(z.maxLength(50)),
    expects: "a list of package names such as 'omniq-storage-mysql' or files such as './storage/mysql.ts'",
    prepare: (raw) => (typeof raw === 'string' ? raw.split(',').map((part) => part.trim()) : raw),
  };
}
