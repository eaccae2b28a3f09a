import * as z from 'zod';
import { rbeEligibilitySchema } from './rbe-target-eligibility.ts';
import { settingsSchema } from './settings.ts';

/** The files that are generated from schemas, for editors, each with the schema it comes from. */
export const SCHEMA_FILES = [
  { file: 'config/settings.schema.json', title: 'Settings of Flywheel', schema: settingsSchema },
  {
    file: 'config/rbe-target-eligibility.schema.json',
    title: 'Targets that may be built remotely',
    schema: rbeEligibilitySchema,
  },
] as const;

/**
 * The JSON Schema of a file as a person writes it: what has a default may be left out.
 *
 * Draft 7 is the newest that the YAML language server reads in full.
 */
export function jsonSchemaText(title: string, schema: z.ZodType): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title, ...rest }, undefined, 2)}\n`;
}
