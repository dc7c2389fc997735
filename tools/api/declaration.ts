const comment = /\/\*[^]*?\*\/|(?<![:'"`])\/\/.*/g;
const opening = '([{';
const closing = ')]}';

/** Where an exported name comes from: a relative file, another package, or this file itself. */
export interface Export {
  /** As outsiders see it. */
  readonly name: string;
  /** As its own file calls it. */
  readonly local: string;
  readonly from?: string;
}

/** What a declaration file exports by lists, by declarations and by default. Refuses `export *`. */
export function exportsOf(text: string): readonly Export[] {
  const plain = text.replaceAll(comment, '');
  if (/^export \* /m.test(plain)) throw new Error('`export *` hides what is exported; name each export');
  const lists = [...plain.matchAll(/^export (?:type )?\{([^}]*)\}(?: from ['"]([^'"]+)['"])?/gm)];
  const listed = lists.flatMap(([, names = '', from]) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((entry) => {
        const [local = entry, name = local] = entry.split(' as ');
        return { name, local, ...(from === undefined ? {} : { from }) };
      }),
  );
  const declared = plain.matchAll(/^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/gm);
  const own = new Set([...declared].map(([, name = '']) => name));
  const fallback = /^export default (\w+);/m.exec(plain)?.[1];
  return [
    ...listed,
    ...[...own].map((name) => ({ name, local: name })),
    ...(fallback === undefined ? [] : [{ name: 'default', local: fallback }]),
  ];
}

/** The text of a declaration, with all its overloads, without comments and private parts. */
export function declarationOf(text: string, name: string): string | undefined {
  const plain = text.replaceAll(comment, '');
  const start = new RegExp(
    `^(?:export )?(?:declare )?((?:abstract )?(const|function|class|interface|type) ${name}\\b)`,
    'gm',
  );
  const found = [...plain.matchAll(start)].map((match) => {
    const [whole, head = '', kind = ''] = match;
    return plain.slice(match.index + whole.length - head.length, endOf(plain, match.index + whole.length, kind));
  });
  return found.length === 0 ? undefined : found.map(tidy).join('\n');
}

/** Classes and interfaces end with their brace, all others with a semicolon. */
function endOf(text: string, from: number, kind: string): number {
  const isBody = kind === 'class' || kind === 'interface';
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === "'" || character === '"') at = text.indexOf(character, at + 1);
    else if (opening.includes(character)) depth += 1;
    else if (closing.includes(character)) {
      depth -= 1;
      // A type argument in the heading is followed by more of the line.
      if (depth === 0 && isBody && character === '}' && (text[at + 1] ?? '\n') === '\n') return at + 1;
    } else if (depth === 0 && !isBody && character === ';') return at + 1;
  }
  return text.length;
}

function tidy(declaration: string): string {
  return declaration
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*(#private|private\b.*);$/.test(line))
    .join('\n');
}
