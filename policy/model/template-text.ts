// Strings in the JSON of a stack are templates of OpenTofu: `${…}` and `%{…}` are evaluated, `$${` and `%%{` are the escapes.

/** The text that OpenTofu makes of a string in which every template is escaped. */
export function literalText(text: string): string {
  if (!text.includes('{')) return text;
  return text.replaceAll('$${', '${').replaceAll('%%{', '%{');
}

/** A template that OpenTofu would evaluate: an expression, or a directive. */
export interface LiveTemplate {
  readonly mark: '${' | '%{';
  /** What stands between the braces; the rest of the text where they never close. */
  readonly expression: string;
}

/** Every template in the text that OpenTofu would evaluate. */
export function liveTemplates(text: string): LiveTemplate[] {
  if (!text.includes('${') && !text.includes('%{')) return [];
  return [...text.matchAll(/\$\$\{|%%\{|\$\{|%\{/g)]
    .filter(([mark]) => mark.length === 2)
    .map(({ 0: mark, index }) => ({
      mark: mark === '${' ? '${' : '%{',
      expression: upToBrace(text.slice(index + 2)),
    }));
}

function upToBrace(text: string): string {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    if (depth < 0) return text.slice(0, index);
  }
  return text;
}
