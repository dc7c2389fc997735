import { namesIn, removeFile, type Disk } from './disk.ts';
import { fileOf, resultNamed, type ResultName } from './result-name.ts';

/** The files of results, each folder listed once as long as this object is used. */
export class ResultFiles {
  readonly #disk: Disk;
  readonly #shards = new Map<string, readonly string[]>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** All of a task, of every lease and version. */
  of(shard: string, task: string): readonly ResultName[] {
    const names = this.#list(shard).filter((file) => file.startsWith(`${task}.`));
    return names.flatMap((file) => resultNamed(file) ?? []);
  }

  /** The one of a lease that counts. */
  newest(shard: string, task: string, lease: number): ResultName | undefined {
    return this.of(shard, task)
      .filter((name) => name.lease === lease)
      .sort((a, b) => b.version - a.version)[0];
  }

  path(shard: string, name: ResultName): string {
    return this.#disk.path('results', shard, fileOf(name));
  }

  remove(shard: string, name: ResultName): boolean {
    return removeFile(this.path(shard, name));
  }

  /** What was listed may have changed. */
  forget(shard: string): void {
    this.#shards.delete(shard);
  }

  #list(shard: string): readonly string[] {
    const known = this.#shards.get(shard);
    if (known !== undefined) return known;
    const names = namesIn(this.#disk.path('results', shard));
    this.#shards.set(shard, names);
    return names;
  }
}
