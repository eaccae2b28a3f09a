import type { Verb } from './verb.ts';

/** What the people who work on this project use. */
export const DEVELOP: readonly Verb[] = [
  { name: 'bench', usage: '', summary: 'measure synthesis beside plain CDKTF' },
  { name: 'bench-apply', usage: '', summary: 'measure plan and apply beside plain OpenTofu JSON' },
  {
    name: 'bench-gateway',
    usage: '',
    summary: 'measure tofu behind the gateway beside a bare one',
  },
  {
    name: 'schema',
    usage: '[--check]',
    summary: 'write the JSON Schemas that editors read',
    load: async () => (await import('../operations/schema/command.ts')).writeSchemas,
  },
  {
    name: 'requirements',
    usage: '[--check]',
    summary: 'write the table of requirements and the tests that prove them',
    load: async () => (await import('../operations/requirements/command.ts')).writeRequirements,
  },
];
