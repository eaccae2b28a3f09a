import { asText, asTextMap, at } from '../../../policy/model/json.ts';
import { resourcesOf } from '../../../policy/model/stack-json.ts';
import { literalText } from '../../../policy/model/template-text.ts';
import { JUDGED, type JudgedName, judgedStacks } from '../charts/judged-settings.ts';

/** A configuration file as a pod finds it. */
export interface ConfigFile {
  readonly settings: JudgedName;
  /** The ConfigMap. */
  readonly map: string;
  readonly name: string;
  readonly text: string;
}

const ALL: readonly ConfigFile[] = JUDGED.flatMap((settings) =>
  judgedStacks(settings)
    .flatMap(resourcesOf)
    .filter(({ type }) => type === 'kubernetes_config_map_v1')
    .flatMap(({ body }) =>
      Object.entries(asTextMap(body.data)).map(([name, text]) => ({
        settings,
        map: asText(at(body.metadata, 'name')) ?? '',
        name,
        text: literalText(text),
      })),
    ),
);

/** The configuration files of a name, in all settings that are looked at. */
export function configFiles(name: string, map?: string): readonly ConfigFile[] {
  return ALL.filter((file) => file.name === name && (map === undefined || file.map === map));
}

/** The configuration file of a name in some settings. */
export function configFile(settings: JudgedName, name: string, map?: string): string {
  const [found] = configFiles(name, map).filter((file) => file.settings === settings);
  if (found === undefined) throw new Error(`${settings} has no file ${name}`);
  return found.text;
}
