import { parseArgs } from 'node:util';
import { jsonSchemaText, SCHEMA_FILES } from '../../config/json-schema.ts';
import type { ExitCode } from '../../console/exit-code.ts';
import { reportStale, writeStale } from '../../console/generated-file.ts';
import type { Printer } from '../../console/printer.ts';

/**
 * Writes the JSON Schemas that editors read, or says with `--check` whether they are what the program would write.
 *
 * @returns 0 when they are up to date now, 2 when `--check` finds one that is not
 */
export function writeSchemas(args: readonly string[], printer: Printer): ExitCode {
  const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean' } } });
  const files = SCHEMA_FILES.map(({ file, title, schema }) => ({
    file,
    text: jsonSchemaText(title, schema),
  }));
  return values.check === true
    ? reportStale(files, 'just schema', printer)
    : writeStale(files, printer);
}
