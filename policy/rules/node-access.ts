import { asObject, asTexts, at, isObject } from '../model/json.ts';
import { type Pod, volumesOf } from '../model/pod.ts';

/** Capabilities with which a process leaves its container. */
const ESCAPES = new Set([
  'ALL',
  'BPF',
  'DAC_READ_SEARCH',
  'SYS_ADMIN',
  'SYS_MODULE',
  'SYS_PTRACE',
  'SYS_RAWIO',
]);

/** How whoever runs in the pod gets to its node, or undefined when nothing leads there. */
export function wayToNode(pod: Pod): string | undefined {
  const host = ['hostPID', 'hostNetwork', 'hostIPC'].find((field) => pod.spec[field] === true);
  if (host !== undefined) return `the pod shares ${host} with its node`;
  const volume = volumesOf(pod).find((candidate) => isObject(candidate.hostPath));
  if (volume !== undefined) return `the pod mounts ${at(volume, 'hostPath', 'path')} of its node`;
  for (const { name, body } of pod.containers) {
    const context = asObject(body.securityContext);
    if (context.privileged === true) return `container ${name} is privileged`;
    const added = asTexts(at(context, 'capabilities', 'add')).find((item) => ESCAPES.has(item));
    if (added !== undefined) return `container ${name} has the capability ${added}`;
  }
  return undefined;
}
