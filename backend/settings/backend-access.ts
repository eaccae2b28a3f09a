import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { show } from '../../values/invalid-value.ts';
import type { StoreAccess, StoreKeys } from '../store/store-access.ts';
import { type BackendFile, readBackendFile } from './backend-file.ts';
import { declaredEndpoint } from './declared-endpoint.ts';
import { endpointFault, originOf } from './endpoint-rule.ts';
import {
  CONFIG_FILE,
  givenIn,
  knownVariables,
  PLAINTEXT,
  type Said,
  strangeVariables,
  variable,
} from './variables.ts';

/** A value, and what said it: a variable, a place in a file, or the settings. */
interface Sourced {
  readonly value: string;
  readonly source: string;
}

/** Something of the store that may be said again, and must then be what the settings say. */
const FIXED = [
  ['BUCKET', 'bucket'],
  ['REGION', 'region'],
  ['PATH_STYLE', 'pathStyle'],
] as const satisfies readonly (readonly [Said, keyof Settings['state']])[];

const KEYS = ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'] as const;

/**
 * How the state's store is reached, and as whom: by the variables `TOFU_BACKEND_S3_*`, else by the file that
 * `TOFU_BACKEND_S3_CONFIG_FILE` names, else, for the endpoint, by the settings.
 *
 * @throws Failure with every problem at once
 */
export function backendAccess(
  settings: Settings,
  environment: NodeJS.ProcessEnv = process.env,
): StoreAccess {
  const reading = new Reading(settings, environment);
  const endpoint = reading.endpoint();
  const keys = reading.keys();
  const authorities = reading.authorities(endpoint);
  reading.compareFixed();
  if (reading.problems.length > 0 || endpoint === undefined || keys === undefined) {
    throw new Failure(
      ['the store of the states cannot be reached as it is described:', ...reading.problems]
        .join('\n')
        .replaceAll('\n    ', '\n        ')
        .replaceAll(/\n(?! )/g, '\n    '),
      EXIT.usage,
    );
  }
  const { bucket, region, pathStyle } = settings.state;
  return {
    endpoint,
    bucket,
    region,
    pathStyle,
    keys,
    ...(authorities === undefined ? {} : { authorities: authorities.pem }),
  };
}

/** The file of certificates that {@link backendAccess} trusts, for a tofu that asks the store itself. */
export function authoritiesFile(
  settings: Settings,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  return new Reading(settings, environment).said('CA_FILE')?.value;
}

class Reading {
  readonly problems: string[] = [];
  private readonly settings: Settings;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly file: BackendFile | undefined;

  constructor(settings: Settings, environment: NodeJS.ProcessEnv) {
    this.settings = settings;
    this.environment = environment;
    const named = givenIn(CONFIG_FILE, environment);
    this.file = named === undefined ? undefined : readBackendFile(named, settings);
    this.problems.push(...(this.file?.problems ?? []));
    for (const strange of strangeVariables(environment)) {
      this.problems.push(
        `${strange} means nothing\n    did you mean ${closest(strange, knownVariables())}?`,
      );
    }
  }

  /** The environment beats the file. */
  said(what: Said): Sourced | undefined {
    const value = givenIn(variable(what), this.environment);
    if (value !== undefined) return { value, source: variable(what) };
    const inFile = this.file?.said[what];
    return inFile === undefined ? undefined : { value: inFile.value, source: inFile.place };
  }

  endpoint(): string | undefined {
    const declared = declaredEndpoint(this.settings);
    const said =
      this.said('ENDPOINT') ??
      (declared === undefined ? undefined : { value: declared, source: 'the settings' });
    if (said === undefined) {
      this.problems.push(
        `${variable('ENDPOINT')} is missing\n    set it to the address of the store, such as https://s3.example.org`,
      );
      return undefined;
    }
    const fault = endpointFault(said.value, givenIn(PLAINTEXT, this.environment));
    if (fault === undefined) return originOf(said.value);
    // Credentials in an address must not be repeated on a screen.
    const shown = said.value.includes('@') ? '' : `, got ${show(said.value)}`;
    this.problems.push(`${said.source} must ${fault.rule}${shown}\n    ${fault.remedy}`);
    return undefined;
  }

  /** A pair comes from one place: a key of here with a secret of there opens nothing. */
  keys(): StoreKeys | undefined {
    const inEnvironment = KEYS.some(
      (key) => givenIn(variable(key), this.environment) !== undefined,
    );
    const given = (key: Said): Sourced | undefined => {
      const said = this.said(key);
      return inEnvironment && said?.source !== variable(key) ? undefined : said;
    };
    for (const key of KEYS) this.requireKey(key, given(key));
    const token = given('SESSION_TOKEN');
    if (token !== undefined) this.requireKey('SESSION_TOKEN', token);
    const [id, secret] = KEYS.map((key) => given(key)?.value);
    if (id === undefined || secret === undefined) return undefined;
    return {
      accessKeyId: id,
      secretAccessKey: secret,
      ...(token === undefined ? {} : { sessionToken: token.value }),
    };
  }

  private requireKey(key: Said, given: Sourced | undefined): void {
    if (given === undefined) {
      this.problems.push(
        `${variable(key)} is missing\n    set it, or name a file with ${CONFIG_FILE}`,
      );
    } else if (/\s/.test(given.value)) {
      this.problems.push(`${given.source} must hold no blank and no line break`);
    }
  }

  authorities(endpoint: string | undefined): { readonly pem: string } | undefined {
    const said = this.said('CA_FILE');
    if (said === undefined) return undefined;
    if (endpoint?.startsWith('http:') === true) {
      this.problems.push(
        `${said.source} must be left out: ${endpoint} is not encrypted, so nobody shows a certificate there`,
      );
    }
    try {
      const pem = readFileSync(said.value, 'utf8');
      return new X509Certificate(pem).ca || pem.includes('BEGIN CERTIFICATE') ? { pem } : undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code?.startsWith('ERR_') === false ? code : 'it holds no certificate in PEM';
      this.problems.push(
        `${said.source} must name a file of certificates, got ${show(said.value)}: ${why}`,
      );
      return undefined;
    }
  }

  compareFixed(): void {
    for (const [what, setting] of FIXED) {
      const said = this.said(what);
      const declared = String(this.settings.state[setting]);
      if (said === undefined || said.value === declared) continue;
      const rule =
        what === 'PATH_STYLE' && !['true', 'false'].includes(said.value)
          ? 'be true or false'
          : `be ${declared}, as state.${setting} of the settings says`;
      this.problems.push(
        `${said.source} must ${rule}, got ${show(said.value)}\n    correct one of the two: the stacks are made from the settings`,
      );
    }
  }
}
