import { parseArgs } from 'node:util';
import { IMAGES_FILE, readImages } from '../../config/images.ts';
import { readTextFile } from '../../config/text-file.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import type { Image } from '../../values/image.ts';
import { dockerCredentials } from '../registry/credentials.ts';
import { Registry } from '../registry/registry.ts';
import { type TransportOptions, transport } from '../registry/transport.ts';
import { replaceText, withDigests } from './pin-editor.ts';
import { type Finding, type Standing, survey } from './survey.ts';

/** What a command on images needs of its surroundings. */
export interface ImageCommandOptions {
  readonly printer: Printer;
  /** The file of pins. @default config/images.yaml */
  readonly file?: string;
  /** How patient to be with registries. */
  readonly transport?: TransportOptions;
  /** Where the Docker configuration is found. @default the environment of the process */
  readonly environment?: NodeJS.ProcessEnv;
}

const CHECK_OPTIONS = { json: { type: 'boolean' } } as const;
const RESOLVE_OPTIONS = { ...CHECK_OPTIONS, update: { type: 'boolean' } } as const;

/**
 * Compares the pins of images with their registries and writes nothing.
 *
 * @returns 0 when every pin is what its tag names, 2 when one is not, 1 when something is not known
 */
export async function checkImages(
  args: readonly string[],
  options: ImageCommandOptions,
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: CHECK_OPTIONS,
    allowPositionals: true,
  });
  const findings = await askAbout(positionals, options);
  if (values.json === true) printJson(findings, options.printer);
  else {
    printTable(findings, options.printer);
    printRemarks(findings, options.printer);
  }
  return verdict(findings);
}

/**
 * Fills in digests that are not known yet and confirms those that are. What could be learned is written in one step.
 *
 * A tag that names another build than the pinned one is only reported, since that may be an attack; `--update` takes the
 * new build over.
 *
 * @returns 0 when every pin is what its tag names, 2 when one is not, 1 when something is not known
 */
export async function resolveImages(
  args: readonly string[],
  options: ImageCommandOptions,
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: RESOLVE_OPTIONS,
    allowPositionals: true,
  });
  const file = options.file ?? IMAGES_FILE;
  const before = readTextFile(file);
  const findings = await askAbout(positionals, options);
  const taken = findings.filter((finding) => isTaken(finding, values.update === true));
  const digests = new Map(taken.map(({ name, found }) => [name, found ?? '']));
  const changed = replaceText(file, before, withDigests(before, digests));
  const left = findings.filter((finding) => !taken.includes(finding));
  if (values.json === true) printJson(findings, options.printer);
  else {
    printTable(findings, options.printer);
    printRemarks(left, options.printer);
    options.printer.result(`${file}: ${changed ? 'written' : 'as it was'}`);
  }
  return verdict(left);
}

function isTaken({ standing, found }: Finding, update: boolean): boolean {
  const mayMove = update && (standing === 'moved' || standing === 'gone');
  return found !== undefined && (standing === 'same' || standing === 'new' || mayMove);
}

function askAbout(
  names: readonly string[],
  { file, transport: patience, environment }: ImageCommandOptions,
): Promise<Finding[]> {
  const all = Object.entries<Image>(readImages(file));
  const unknown = names.find((name) => !all.some(([known]) => known === name));
  if (unknown !== undefined) {
    const known = all.map(([name]) => name).join(', ');
    throw new Failure(`there is no image ${unknown}; known are ${known}`, EXIT.usage);
  }
  const asked = names.length === 0 ? all : all.filter(([name]) => names.includes(name));
  return survey(asked, new Registry(transport(patience), dockerCredentials(environment)));
}

function verdict(findings: readonly Finding[]): ExitCode {
  const standings = new Set(findings.map(({ standing }) => standing));
  if (standings.has('moved') || standings.has('gone')) return EXIT.bad;
  return standings.has('unknown') || standings.has('new') ? EXIT.unknown : EXIT.good;
}

const REMARKS: Record<Standing, string> = {
  same: '',
  new: 'not filled in yet: images resolve',
  moved: 'the tag names another build; the pinned one can still be pulled',
  gone: 'the pinned build cannot be pulled any more',
  unknown: '',
};

function printJson(findings: readonly Finding[], printer: Printer): void {
  const document = findings.map(({ image, ...rest }) => ({
    ...rest,
    image: image.name,
    tag: image.tag,
    pinned: image.digest,
  }));
  printer.result(JSON.stringify(document, undefined, 2));
}

function printTable(findings: readonly Finding[], printer: Printer): void {
  const rows = findings.map(({ image, found, kind, standing }) => [
    image.name,
    image.tag,
    short(image.digest),
    short(found),
    kind === 'platform' ? `${standing}, one platform only` : standing,
  ]);
  for (const line of table(['image', 'tag', 'was', 'is', ''], rows)) printer.result(line);
}

function printRemarks(findings: readonly Finding[], printer: Printer): void {
  for (const { name, standing, because } of findings) {
    const remark = because ?? REMARKS[standing];
    if (remark !== '') printer.problem(`${name}: ${remark}`);
  }
}

/** Enough of a digest to tell two apart by eye. */
function short(digest: string | undefined): string {
  return digest === undefined ? '-' : digest.replace('sha256:', '').slice(0, 12);
}
