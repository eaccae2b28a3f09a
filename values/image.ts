import { InvalidValue } from './invalid-value.ts';

/** The word that stands where a digest is not known yet. A digest is never invented. */
export const UNRESOLVED = 'unresolved';

const DOCKER_HUB = 'docker.io';
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const NAME = /^(?<registry>[a-z0-9.-]+(?::\d+)?)\/(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)$/;

/** The parts of a pin as the pin file writes them. */
export interface ImageParts {
  /** Registry and repository, such as `docker.io/library/node`. */
  readonly name: string;
  readonly tag: string;
  /** `sha256:…`, or `unresolved`. */
  readonly digest: string;
}

/**
 * A container image: registry, repository, tag and digest.
 *
 * The tag is for people, the digest is what runs. `latest` cannot be written: it names whatever is newest
 * on the day of the pull.
 */
export class Image {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`, or undefined as long as the pin is unresolved. */
  readonly digest: string | undefined;

  private constructor(
    registry: string,
    repository: string,
    tag: string,
    digest: string | undefined,
  ) {
    this.registry = registry;
    this.repository = repository;
    this.tag = tag;
    this.digest = digest;
  }

  /**
   * Puts a pin together.
   *
   * @throws InvalidValue for a name without registry, the tag `latest` or a malformed digest.
   */
  static of({ name, tag, digest }: ImageParts): Image {
    const match = NAME.exec(name);
    if (match?.groups === undefined || !isRegistry(match.groups.registry ?? '')) {
      throw new InvalidValue(
        name,
        'be a registry and a repository',
        'write docker.io/library/node',
      );
    }
    const { registry = '', repository = '' } = match.groups;
    if (registry === DOCKER_HUB && !repository.includes('/')) {
      throw new InvalidValue(
        name,
        'name the owner too',
        `official images belong to library: write ${DOCKER_HUB}/library/${repository}`,
      );
    }
    if (tag === 'latest' || !TAG.test(tag)) {
      throw new InvalidValue(tag, 'be a tag other than latest', 'name the version');
    }
    if (digest !== UNRESOLVED && !DIGEST.test(digest)) {
      throw new InvalidValue(digest, `be sha256: and 64 hexadecimal digits, or ${UNRESOLVED}`);
    }
    return new Image(registry, repository, tag, digest === UNRESOLVED ? undefined : digest);
  }

  /** Registry and repository, without tag or digest. */
  get name(): string {
    return `${this.registry}/${this.repository}`;
  }

  /** Tag and digest, for charts that take the repository apart from the rest. */
  get tagAndDigest(): string {
    return this.digest === undefined ? this.tag : `${this.tag}@${this.digest}`;
  }

  /** The whole reference, as a pod names it. */
  toString(): string {
    return `${this.name}:${this.tagAndDigest}`;
  }
}

function isRegistry(host: string): boolean {
  return host.includes('.') || host.includes(':') || host === 'localhost';
}
