import { at } from '../model/json.ts';
import { type LiveTemplate, liveTemplates } from '../model/template-text.ts';
import type { JudgedStack } from '../policy-input.ts';
import type { Rule } from '../rule.ts';

/** Names that are always there for an expression of OpenTofu. */
const ALWAYS = new Set(['count', 'each', 'path', 'self', 'terraform']);

/** Text that OpenTofu would evaluate although nobody meant it to: a script's `${HOME}` becomes an error, or something else. */
export const literalTemplate: Rule = {
  id: 'literal-template',
  severity: 'error',
  meaning:
    'Every live template refers to something of its own stack; in any other text it is escaped.',
  readTexts({ input }) {
    const byName = new Map(input.stacks.map((stack) => [stack.name, stack]));
    return (found) => {
      const { stack, address, written } = found;
      if (written === undefined || !(written.includes('${') || written.includes('%{')))
        return undefined;
      const own = byName.get(stack);
      const lost = liveTemplates(written).find(
        (template) => own === undefined || !refersTo(own, template),
      );
      if (lost === undefined) return undefined;
      return {
        resource: address,
        problem: `${found.path} holds ${lost.mark}${lost.expression.slice(0, 60)}}, which refers to nothing of this stack`,
        remedy: 'escape it as $${ or %%{, or refer to a resource of the stack',
      };
    };
  },
};

/** True when every name in the expression is something of the stack. */
function refersTo(stack: JudgedStack, { mark, expression }: LiveTemplate): boolean {
  if (mark === '%{') return false;
  const names = [...withoutTexts(expression).matchAll(/(?<![\w.-])[A-Za-z_][\w-]*(?:\.[\w-]+)+/g)];
  return names.length > 0 && names.every(([name]) => isKnown(stack, name));
}

function withoutTexts(expression: string): string {
  return expression.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

function isKnown({ json }: JudgedStack, name: string): boolean {
  const [first = '', second = '', third = ''] = name.split('.');
  if (ALWAYS.has(first)) return true;
  switch (first) {
    case 'var':
      return at(json, 'variable', second) !== undefined;
    case 'local':
      return at(json, 'locals', second) !== undefined;
    case 'data':
      return at(json, 'data', second, third) !== undefined;
    case 'module':
      return at(json, 'module', second) !== undefined;
    default:
      return at(json, 'resource', first, second) !== undefined;
  }
}

/** A token of the synthesizer that was never resolved means that some text was cut or changed before it was written. */
export const unresolvedToken: Rule = {
  id: 'unresolved-token',
  severity: 'error',
  meaning: 'No text holds a token of CDK for Terraform.',
  readTexts: () => (found) => {
    const { written } = found;
    if (written === undefined || !(written.includes('TfToken[') || written.includes('TFTOKEN['))) {
      return undefined;
    }
    return {
      resource: found.address,
      problem: `${found.path} holds an unresolved token: ${written.slice(0, 60)}`,
      remedy:
        'do not cut, change or compare a value that is known only when it is applied; use Fn and Op of cdktf',
    };
  },
};

/** Arguments that OpenTofu reads as paths of the machine that applies. */
const PATH_ARGUMENTS = new Set([
  'chart',
  'client_certificate',
  'client_key',
  'cluster_ca_certificate',
  'config_path',
  'config_paths',
  'filename',
  'keyring',
  'path',
  'registry_config_path',
  'repository_cache',
  'repository_config_path',
  'source',
  'source_dir',
  'source_file',
  'working_dir',
  'workspace_dir',
]);

/** Blocks and resources whose arguments OpenTofu itself reads, and no program in the cluster. */
const READ_BY_TOFU =
  /: (terraform|provider|data|module|locals|helm_release|local_file|terraform_data|null_resource|aws_s3_object)\b/;

/** A path of this machine makes the result differ from machine to machine, and fails on every other. */
export const absolutePath: Rule = {
  id: 'absolute-path',
  severity: 'error',
  meaning: 'No path of the machine that synthesizes stands in the result.',
  readTexts: () => (found) => {
    const { address, key, written } = found;
    if (written === undefined || !(isLocalPath(address, key, written) || readsPath(written)))
      return undefined;
    return {
      resource: address,
      problem: `${found.path} is ${written.slice(0, 80)}, a path of one machine`,
      remedy: 'write a path from the folder of the stack; TerraformAsset gives one',
    };
  },
};

/** An expression that reads a file by its absolute path. */
const READS_PATH = /\$\{[^}]*\b(file|templatefile|filebase64|fileexists)\("\//;

function readsPath(text: string): boolean {
  return text.includes('("/') && READS_PATH.test(text);
}

function isLocalPath(address: string, key: string, text: string): boolean {
  return (
    PATH_ARGUMENTS.has(key) &&
    READ_BY_TOFU.test(address) &&
    /^(file:\/\/)?(\/|[A-Za-z]:[\\/]|~)/.test(text)
  );
}
