import { mutantsOf, type Mutant } from './mutant.ts';

const source = (name: string): string => `packages/storage-file/src/${name}.ts`;
const test = (name: string): string => `packages/storage-file/test/${name}.test.ts`;
const [log, damage, sleepers, faults] = ['log-conformance', 'damage', 'sleepers', 'faults'].map(test) as [
  string,
  string,
  string,
  string,
];

/** Breaks of the file storage. */
export const fileMutants: readonly Mutant[] = [
  ...mutantsOf(source('disk'), [
    [
      'file: an entry is written under its number',
      `    const temp = await this.writeTemp(parts);
    try {
      return this.link(temp, target);
    } finally {
      removeFile(temp);
    }`,
      `    if (fs.existsSync(target)) return false;
    makeFolder(dirname(target));
    const file = fs.openSync(target, 'w');
    for (const part of parts) await writeAll(file, [part]);
    fs.closeSync(file);
    return true;`,
      log,
      test('kills'),
    ],
    ['file: data is not flushed', 'await flushed(fs.fdatasync, file);', ';', faults],
    ['file: folders are not flushed', "if (this.durability === 'none' ||", 'if (true ||', faults],
    [
      'file: a file that failed stays in tmp',
      '      removeFile(path);\n      throw error;',
      '      throw error;',
      faults,
    ],
    [
      'file: a write that was cut short is taken for whole',
      'fs.writevSync(file, [...parts]) === size',
      'fs.writevSync(file, [...parts]) > 0',
      test('full-disk'),
    ],
  ]),
  ...mutantsOf(source('frame'), [
    ['file: checksums are not compared', '=== sumOf(view, [content])', '>= 0', damage],
    ['file: the number is not compared', '=== BigInt(number) ? null', '>= 0n ? null', damage],
  ]),
  ...mutantsOf(source('file-log'), [
    ['file: an entry behind a trim is acknowledged', 'if (at >= now.floor) return true;', 'return true;', sleepers],
    [
      'file: an entry behind a cut is acknowledged',
      'if (entryPath(this.#disk, now, at) !== path) throw',
      'if (at < 0) throw',
      sleepers,
    ],
    ['file: a ghost is left in the log', '    removeFile(path);\n    return false;', '    return false;', sleepers],
    [
      'file: a reader does not look at the marks again',
      ' || this.#marks.current() !== view) continue;',
      ') continue;',
      sleepers,
    ],
    ['file: who has read beyond a cut goes on', 'if (cut <= this.#told) throw', 'if (cut < 0) throw', damage],
    ['file: entries land beyond the end', 'if (at <= this.#marks.current().floor) return;', 'return;', log],
    ['file: a new folder is not flushed', ", this.#disk.path('log'));", ');', faults],
    ['file: the folder before is not flushed', '? [before, folder] : [folder]', '? [folder] : [folder]', faults],
    [
      'file: a bad entry is passed over',
      'else if (entries.length > 0) break;',
      'else if (position > 1) continue;',
      damage,
    ],
    ['file: a bad entry is the end', 'else return this.#heal(view, position, bytes);', 'else break;', damage],
    ['file: a hole is passed over', 'if (hole === null) break;', 'break;', damage],
  ]),
  ...mutantsOf(source('heal-log'), [
    ['file: a snapshot saves nothing', 'if (snapshot >= position) {', 'if (snapshot < 0) {', damage],
    [
      'file: what follows a bad entry is left where it is',
      'if (each < position) continue;',
      'if (each > 0) continue;',
      damage,
    ],
    [
      'file: every finder cuts',
      'if (!(await marks.cut(view, position, fault))) return null;',
      'await marks.cut(view, position, fault);',
      damage,
    ],
  ]),
  ...mutantsOf(source('marks'), [
    ['file: a cut below the floor counts', 'if (this.current() !== view) return false;', '', sleepers],
    ['file: a floor falls', 'Math.max(highest, floorIn(name)), this.#view.floor)', 'floorIn(name), 1)', sleepers],
    [
      'file: later cuts count for nothing',
      '.findLastIndex((cut) => cut <= position)',
      '.findIndex((cut) => cut <= position)',
      damage,
    ],
  ]),
  ...mutantsOf(source('snapshots'), [
    [
      'file: a damaged snapshot is loaded',
      "typeof content === 'string' ? null : content",
      "typeof content === 'string' ? file : content",
      damage,
    ],
    [
      'file: a damaged snapshot stays',
      'if (contentOf(path, position) !== null) return false;',
      'return false;',
      damage,
    ],
    [
      'file: a snapshot of what was cut off counts',
      'withGeneration(digitsOf(position), generationOf(view, position))',
      'digitsOf(position)',
      sleepers,
    ],
    [
      'file: the last whole snapshot is pruned',
      '(kept.size > 0 || contentOf(path, position) !== null)',
      'true',
      damage,
    ],
  ]),
  ...mutantsOf(source('trim-log'), [
    ['file: a trim takes one more', '(numberOf(name) ?? floor) < floor', '(numberOf(name) ?? floor) <= floor', log],
  ]),
  ...mutantsOf(source('open-folder'), [
    ['file: links are not tried', 'await probe(disk);', '', faults],
    [
      'file: a link that replaces will do',
      '    if (disk.link(temp, target)) throw refused(disk, undefined);\n  } catch',
      '    disk.link(temp, target);\n  } catch',
      faults,
    ],
    ['file: young files in tmp are swept', '> ABANDONED_MS', '>= 0', sleepers],
    ['file: old files in tmp stay', '> ABANDONED_MS', '> ABANDONED_MS * 1e6', sleepers],
  ]),
  ...mutantsOf(source('record-folder'), [
    [
      'file: a record is cleared that was made anew',
      '    if (names.some((name) => tokenName.test(name))) return;\n',
      '',
      test('records'),
    ],
    [
      'file: a lost change is acknowledged',
      '        removeFile(path);\n        return null;',
      '        return tag;',
      test('records'),
    ],
    [
      'file: deleted records leave their folder',
      'if (removeFile(join(this.#path, gone))) this.#clear();',
      '',
      test('records'),
    ],
    ['file: old values stay', 'if (old !== null) removeFile', 'if (old === tag) removeFile', test('records')],
    [
      'file: values of killed writers stay',
      'if (path !== newest && now - made > ABANDONED_MS)',
      'if (made < 0)',
      test('records'),
    ],
    ['file: values of living writers go', 'now - made > ABANDONED_MS', 'now - made > -1e9', test('records')],
  ]),
  ...mutantsOf(source('key-name'), [
    [
      'file: names keep capital letters',
      'const plain = /^[a-z0-9-]*$/;',
      'const plain = /^[A-Za-z0-9-]*$/;',
      test('names'),
    ],
    [
      'file: names keep dots and slashes',
      'const plain = /^[a-z0-9-]*$/;',
      'const plain = /^[a-z0-9./-]*$/;',
      test('names'),
    ],
    ['file: escapes are not escaped', 'const plain = /^[a-z0-9-]*$/;', 'const plain = /^[a-z0-9_-]*$/;', test('names')],
    [
      'file: long keys are cut',
      ': `h-${createHash',
      ': true ? `k-${encoded.slice(0, 180)}` : `h-${createHash',
      test('names'),
    ],
  ]),
  ...mutantsOf(source('result-store'), [
    [
      'file: an old version of a result comes back',
      'for (const name of older) files.remove(shard, name);\n      if',
      'if',
      test('results'),
    ],
    ['file: a sweep takes what is not due', '!isOver(newest, now)', 'false', test('results')],
    ['file: expiring results are marked late', 'if (mark !== null) this.#marks.set(mark);', '', test('results')],
    [
      'file: marks that are swept stay away',
      '!this.#marks.has(mark)) this.#marks.set(mark)',
      'false) return []',
      test('results'),
    ],
  ]),
  ...mutantsOf(source('event-files'), [
    ['file: an event follows a line that was cut short', '`\\n${events.map', '`${events.map', test('events')],
    ['file: an event counts twice', ' || ids.has(event.id)', '', test('events'), test('conformance')],
    [
      'file: a write of events that was cut short is taken for whole',
      '=== bytes.length) return;',
      '> 0) return;',
      test('events'),
    ],
  ]),
  ...mutantsOf(source('event-store'), [
    ['file: trimmed events come back', 'comesAfter(filed, floor)', 'true', test('events'), test('conformance')],
    ['file: files of trimmed events stay', 'if (each < hour) this.#files.remove(each);', '', test('events')],
    ['file: every file is read', 'each >= first && each <= hourOf(end)', 'each >= 0', test('events')],
  ]),
];
