import { InvalidValue } from './invalid-value.ts';
import { parseName } from './name.ts';

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** The parts of a chart pin as the pin file writes them. */
export interface ChartParts {
  /** `https://…` of a chart repository, or `oci://…` of the folder that holds the chart. */
  readonly repository: string;
  readonly name: string;
  readonly version: string;
}

/** A Helm chart at one exact version. */
export class ChartPin {
  readonly repository: string;
  readonly name: string;
  readonly version: string;

  private constructor(parts: ChartParts) {
    this.repository = parts.repository;
    this.name = parts.name;
    this.version = parts.version;
  }

  /**
   * Puts a pin together.
   *
   * @throws InvalidValue for a version range, or a repository that is neither https nor oci.
   */
  static of(parts: ChartParts): ChartPin {
    if (!/^(https|oci):\/\/[^\s/@]+(\/[^\s]*)?$/.test(parts.repository)) {
      throw new InvalidValue(
        parts.repository,
        'be a chart repository',
        'write https://host/path or oci://host/path, without credentials',
      );
    }
    if (!VERSION.test(parts.version)) {
      throw new InvalidValue(parts.version, 'be one exact version', 'write 1.2.3, not a range');
    }
    parseName('dnsLabel', parts.name);
    return new ChartPin(parts);
  }

  /** The file name under which `helm pull` stores the chart. */
  get archive(): string {
    return `${this.name}-${this.version}.tgz`;
  }

  toString(): string {
    return `${this.name} ${this.version}`;
  }
}
