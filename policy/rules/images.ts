import type { Cluster } from '../model/cluster.ts';
import { asTextMap } from '../model/json.ts';
import type { Container, Pod } from '../model/pod.ts';
import type { Rule } from '../rule.ts';

interface UsedImage {
  readonly resource: string;
  /** Who names it. */
  readonly user: string;
  readonly image: string;
}

/** Keys under which programs are told which image to start. */
const IMAGE_KEY = /(^|_)IMAGE(_NAME)?$/;

/** An image without a digest is another one whenever its tag is moved. */
export const imageDigest: Rule = {
  id: 'image-digest',
  severity: 'warning',
  meaning: 'Every image is pinned by its digest.',
  *judge(cluster) {
    const severity = cluster.input.declared.requireDigests ? 'error' : 'warning';
    for (const { resource, user, image } of imagesOf(cluster)) {
      if (image === '' || /@sha256:[0-9a-f]{64}$/.test(image)) continue;
      yield {
        resource,
        severity,
        problem: `${user}: ${image}, whatever that tag means on the day of the pull`,
        remedy: 'fill the digest in: just images-resolve, or the pin in config/images.yaml',
      };
    }
  },
};

/** `latest` names whatever is newest on the day of the pull. */
export const imageTag: Rule = {
  id: 'image-tag',
  severity: 'error',
  meaning: 'Every image has a tag, and never `latest`.',
  *judge(cluster) {
    for (const { resource, user, image } of imagesOf(cluster)) {
      const problem = tagProblem(user, image);
      if (problem === undefined) continue;
      yield { resource, problem, remedy: 'name the version in config/images.yaml' };
    }
  },
};

function tagProblem(user: string, image: string): string | undefined {
  if (image === '') return `${user}: no image, so another program chooses one`;
  const name = image.split('@')[0] ?? '';
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  if (tag === 'latest') return `${user}: ${image}, whatever is newest`;
  if (tag === undefined && !image.includes('@')) return `${user}: ${image}, which means latest`;
  return undefined;
}

function imagesOf(cluster: Cluster): UsedImage[] {
  const used = [
    ...cluster.pods.flatMap((pod) =>
      pod.containers.flatMap((container) => imagesIn(pod, container)),
    ),
    ...cluster.ofKind('ConfigMap').flatMap(({ address, name, body }) =>
      Object.entries(asTextMap(body.data))
        .filter(([key]) => IMAGE_KEY.test(key))
        .map(([key, image]) => ({ resource: address, user: `${key} of ${name}`, image })),
    ),
  ];
  // The last of the same image in the same resource, which is what runs it.
  return [...new Map(used.map((one) => [`${one.resource}\n${one.image}`, one])).values()];
}

function imagesIn(pod: Pod, { name, image, body, environment }: Container): UsedImage[] {
  const resource = pod.address;
  const started = environment
    .filter((variable) => IMAGE_KEY.test(variable.name) && variable.value !== undefined)
    .map((variable) => ({
      resource,
      user: `${variable.name} of ${name}`,
      image: variable.value ?? '',
    }));
  // A container whose image its user chooses, such as the container of a workflow's job, has no image here to judge.
  return Object.hasOwn(body, 'image')
    ? [...started, { resource, user: `container ${name}`, image }]
    : started;
}
