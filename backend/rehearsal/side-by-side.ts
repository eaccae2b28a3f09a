const GAP = '   ';

/** Two texts beside each other, each wrapped to its width. */
export function sideBySide(
  left: readonly string[],
  right: readonly string[],
  width: number,
): string[] {
  const [one, other] = [left, right].map((lines) => lines.flatMap((line) => wrapped(line, width)));
  const count = Math.max(one?.length ?? 0, other?.length ?? 0);
  return Array.from({ length: count }, (_, index) =>
    `${(one?.[index] ?? '').padEnd(width)}${GAP}${other?.[index] ?? ''}`.trimEnd(),
  );
}

/** Words go to the next line where they would be cut; a longer word stands by itself. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
