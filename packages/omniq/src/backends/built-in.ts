/** A backend of this project. */
export interface BuiltIn {
  readonly name: string;
  readonly schemes: readonly string[];
  /** A URL as it usually looks, for messages. */
  readonly example: string;
}

/** Schemes that need no plugin to be named: each is opened by `@omniq/storage-<name>`. */
export const builtIns: readonly BuiltIn[] = [
  { name: 'memory', schemes: ['memory'], example: 'memory:' },
  { name: 'file', schemes: ['file'], example: 'file:./omniq_data' },
  { name: 'sqlite', schemes: ['sqlite'], example: 'sqlite:./jobs.db' },
  { name: 'postgres', schemes: ['postgres', 'postgresql'], example: 'postgres://user@localhost:5432/database' },
  { name: 'redis', schemes: ['redis', 'rediss'], example: 'redis://localhost:6379' },
  { name: 'nats', schemes: ['nats'], example: 'nats://localhost:4222' },
  { name: 's3', schemes: ['s3'], example: 's3://bucket/prefix' },
  { name: 'azure', schemes: ['azure'], example: 'azure://container/prefix' },
  { name: 'gcs', schemes: ['gs', 'gcs'], example: 'gs://bucket/prefix' },
];

/** The scheme of a URL in lower case, without its colon. One letter is a Windows drive, not a scheme. */
export function schemeOf(url: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):/iu.exec(url)?.[1]?.toLowerCase();
}

/** The built-in backend that opens this scheme. */
export function builtInOf(scheme: string): BuiltIn | undefined {
  return builtIns.find((backend) => backend.schemes.includes(scheme));
}
