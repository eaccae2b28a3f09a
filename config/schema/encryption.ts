import * as z from 'zod';
import { brokenRule, name, shaped } from './fields.ts';

const text = (what: string) => z.string().min(1).describe(what);

/** Where the passphrase is read from on the machine that runs OpenTofu; never what it is. */
const passphraseSource = z
  .discriminatedUnion('source', [
    z.strictObject({
      source: z.literal('file').describe('A file.'),
      path: text('Its path; nobody but its owner may read it.'),
    }),
    z.strictObject({
      source: z.literal('command').describe('What a command prints, such as a password manager.'),
      run: z
        .array(text('One word.'))
        .min(1)
        .describe('The command and its arguments, each a word of its own.'),
    }),
    z.strictObject({
      source: z.literal('environment').describe('A variable of the environment.'),
      variable: shaped(/^[A-Za-z_]\w*$/, 'be the name of a variable', 'STATE_PASSPHRASE').describe(
        'Its name.',
      ),
    }),
    z.strictObject({
      source: z
        .literal('secret')
        .describe(
          'A Secret, for jobs in the cluster alone: what is kept only in the cluster that the state describes is lost with it.',
        ),
      namespace: name('dnsLabel').describe('Its namespace.'),
      name: name('dnsName').describe('Its name.'),
      key: text('The key in it.'),
    }),
  ])
  .describe('Where the passphrase is read from.');

const keyName = () =>
  shaped(
    /^[a-z]\w{0,30}$/,
    'begin with a letter and hold letters, digits and "_"',
    'state_2026',
  ).describe(
    'Name of the key. What was encrypted with it names it, so it never changes: a new key has a new name.',
  );

const key = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('passphrase').describe('A passphrase of at least 16 characters.'),
    name: keyName(),
    from: passphraseSource,
  }),
  z.strictObject({
    kind: z.literal('aws-kms').describe('A key of AWS KMS.'),
    name: keyName(),
    keyId: text('Id, ARN or alias of the key.'),
    region: text('Its region.'),
    profile: text('Profile of the AWS configuration of the operator; never the keys of the state.'),
  }),
]);

/** One key that encrypts states and plans. */
export type EncryptionKey = z.output<typeof key>;

/** Encryption of states and plans, before they leave the machine. */
export const encryption = z
  .strictObject({
    key: key.describe('What everything is encrypted with from now on.'),
    previous: z
      .discriminatedUnion('kind', [
        ...key.options,
        z.strictObject({
          kind: z.literal('none').describe('Nothing was encrypted until now.'),
        }),
      ])
      .optional()
      .describe(
        'What older states are still read with, until every stack was applied once. While it is none, encryption of states is not enforced. Without it only the key reads them.',
      ),
  })
  .superRefine(({ key, previous }, context) => {
    if (previous === undefined || previous.kind === 'none' || previous.name !== key.name) return;
    const remedy = 'give the new key a name of its own';
    context.addIssue(
      brokenRule('differ from the name of the key', remedy, previous.name, ['previous', 'name']),
    );
  })
  .describe('Encryption of states and plans. Without it they are stored as OpenTofu writes them.');
