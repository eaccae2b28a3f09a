import * as z from 'zod';
import { RULE_IDS } from '../../values/rule-id.ts';
import { containerResources, name, shaped, whole } from './fields.ts';
import { publicName } from './public-name.ts';

const gitlabId = () => shaped(/^\d+$/, 'be a number in quotes', "'12345678'");

/** The dashboard that watches the runners. */
export const dashboard = z
  .strictObject({
    host: publicName().optional().describe('Public name. Without it runners.<domain>.'),
    replicas: whole(1, 10)
      .default(1)
      .describe('Replicas. Challenges of passkeys live in memory, so more need sticky sessions.'),
    resources: containerResources({ cpu: ['50m', '500m'], memory: ['64Mi', '256Mi'] }).describe(
      'Resources of each.',
    ),
    gitlabGroupId: gitlabId()
      .optional()
      .describe('GitLab group whose runners are shown. Without it none.'),
    gitlabProjectId: gitlabId()
      .optional()
      .describe('GitLab project in which changes are proposed. Without it none are.'),
    logLevel: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('How much it logs.'),
  })
  .prefault({})
  .describe('The dashboard that watches the runners.');

/** What the rules over the result let pass, and why. */
export const waivers = z
  .array(
    z
      .strictObject({
        rule: z.enum(RULE_IDS).describe('The rule, as a finding names it.'),
        resource: z
          .string()
          .min(1)
          .describe('The resource, as a finding names it; `*` stands for any text.'),
        reason: z.string().min(20).describe('Why this is right here. It stands in the report.'),
      })
      .describe('A finding that is let pass.'),
  )
  .default([])
  .describe('Findings that are let pass, each with its reason.');

/** What holds for every image. */
export const images = z
  .strictObject({
    requireDigests: z
      .boolean()
      .default(false)
      .describe('An image without a known digest is an error instead of a warning.'),
    pullSecret: name('dnsLabel')
      .optional()
      .describe(
        'Secret with registry credentials, in every namespace. Without it images are pulled anonymously.',
      ),
  })
  .prefault({})
  .describe('What holds for every image.');

/** Where charts come from. */
export const charts = z
  .strictObject({
    mirror: shaped(
      /^(oci:\/\/[^\s@]+|(?!.*\.\.)[A-Za-z0-9._][A-Za-z0-9._/-]*)$/,
      'be an oci:// address without credentials, or a folder of the project',
      'oci://registry.example.org/charts',
    )
      .optional()
      .describe(
        'An oci:// address or a folder of the project, in place of every chart repository. Without it charts come from their own.',
      ),
  })
  .prefault({})
  .describe('Where charts come from.');

/** What outlives a destroy. */
export const protection = z
  .strictObject({
    data: z
      .boolean()
      .default(true)
      .describe(
        'Volumes, databases, and the namespaces with the Secrets that people put into them, outlive destroy; the next apply finds them.',
      ),
  })
  .prefault({})
  .describe('What outlives a destroy.');
