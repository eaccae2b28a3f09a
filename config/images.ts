import * as z from 'zod';
import { Image } from '../values/image.ts';
import { readPins } from './pin-file.ts';

/** The file that holds every image. */
export const IMAGES_FILE = 'config/images.yaml';

const IMAGE_NAMES = [
  'alpine',
  'attic',
  'barman-cloud-plugin',
  'barman-cloud-sidecar',
  'bazel-remote',
  'caddy',
  'cuda',
  'dashboard',
  'docker-cli',
  'docker-dind',
  'github-controller',
  'github-runner',
  'gitlab-runner',
  'gitlab-runner-helper',
  'kubectl',
  'nix',
  'node',
  'postgresql',
  'postgresql-operator',
  'rocky8',
  'rocky9',
  'rustfs',
] as const;

/** The images that the constructs use, by the name they have in the pin file. */
export type ImageName = (typeof IMAGE_NAMES)[number];

/** Every image at its pin. */
export type Images = Readonly<Record<ImageName, Image>>;

const pin = z.strictObject({
  name: z.string(),
  tag: z.string(),
  digest: z.string(),
  seen: z.string().optional(),
});

/**
 * Reads the pins of all images.
 *
 * @throws InvalidFile with every pin that is wrong, missing or not known.
 */
export function readImages(file = IMAGES_FILE): Images {
  return readPins(file, IMAGE_NAMES, pin, Image.of);
}
