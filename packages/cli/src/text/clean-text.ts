// Control characters drive terminals, line separators forge lines, bidirectional marks turn text around.
// oxlint-disable-next-line no-control-regex
const unshowable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\p{Bidi_Control}|\p{Cs}/gu;

/** Stored text on one line, safe in a terminal: what would act there is shown as `\u001b`. */
export function cleanText(text: string): string {
  return text.replaceAll(unshowable, escaped);
}

/** The same for text of several lines, whose line ends stay. */
export function cleanLines(text: string): string {
  return text
    .split(/\r?\n/u)
    .map((line) => cleanText(line.replaceAll('\t', '    ')))
    .join('\n');
}

/** The text cut to so many characters, with an ellipsis for the rest. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function escaped(character: string): string {
  return String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0');
}
