import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { missingOf, requireInstalled } from '../../operations/rehearsal/installed.ts';
import type { HelmRelease } from '../../policy/model/helm-release.ts';
import { asObject, asObjects, at, type JsonObject } from '../../policy/model/json.ts';
import { helmTemplate } from './charts/helm-template.ts';
import { archiveOf, missingCharts, releasesIn } from './charts/releases.ts';

const missing = [...(await missingOf(['helm'])), ...missingCharts()];
const NOT_RUN = missing.length > 0 ? ` (not run: ${missing.join('; ')})` : '';
const ALL = releasesIn('everything');
const KUBE_VERSION = '1.36.3';

async function objectsOf(release: HelmRelease): Promise<readonly JsonObject[]> {
  const { helm } = await requireInstalled('charts', ['helm']);
  const rendered = await helmTemplate({
    helm,
    chart: archiveOf(release),
    kubeVersion: KUBE_VERSION,
    release,
  });
  if ('refusal' in rendered) throw new Error(rendered.refusal);
  return rendered.objects;
}

async function only(release: HelmRelease, kind: string, name?: string): Promise<JsonObject> {
  const found = (await objectsOf(release)).filter(
    (object) =>
      object.kind === kind && (name === undefined || at(object.metadata, 'name') === name),
  );
  const [object] = found;
  if (object === undefined || found.length > 1) {
    throw new Error(`${release.name} renders ${found.length} objects of kind ${kind}`);
  }
  return object;
}

function releaseNamed(name: string): HelmRelease {
  const release = ALL.find((one) => one.name === name);
  if (release === undefined) throw new Error(`there is no release ${name}`);
  return release;
}

function containerNamed(pod: unknown, name: string): JsonObject {
  const all = [...asObjects(at(pod, 'initContainers')), ...asObjects(at(pod, 'containers'))];
  const found = all.find((container) => container.name === name);
  if (found === undefined) throw new Error(`the pod has no container ${name}`);
  return found;
}

function variables(container: JsonObject): Record<string, unknown> {
  return Object.fromEntries(asObjects(container.env).map(({ name, value }) => [name, value]));
}

function volumesOf(pod: unknown): readonly JsonObject[] {
  return asObjects(at(pod, 'volumes'));
}

describe.skipIf(missing.length > 0)(`scale sets as their chart renders them${NOT_RUN}`, () => {
  async function runnerPod(name: string): Promise<JsonObject> {
    const set = await only(releaseNamed(name), 'AutoscalingRunnerSet');
    return asObject(at(set, 'spec', 'template', 'spec'));
  }

  test('in the mode none start no containers and have no hook', async () => {
    const pod = await runnerPod('gh-docker');
    const variable = variables(containerNamed(pod, 'runner'));
    expect(Object.keys(variable).filter((name) => /HOOK|DOCKER/.test(name))).toEqual([]);
    expect(asObjects(pod.containers)).toHaveLength(1);
  });

  test('in the mode dind have the daemon as a sidecar, and one only', async () => {
    const pod = await runnerPod('gh-dind');
    const daemons = [...asObjects(pod.initContainers), ...asObjects(pod.containers)].filter(
      ({ securityContext }) => at(securityContext, 'privileged') === true,
    );
    expect(daemons).toEqual([
      expect.objectContaining({
        name: 'dind',
        restartPolicy: 'Always',
        resources: { requests: expect.anything(), limits: expect.anything() },
      }),
    ]);
    expect(variables(containerNamed(pod, 'runner'))).toMatchObject({
      DOCKER_HOST: 'unix:///var/run/docker.sock',
    });
  });

  test('in the mode kubernetes have the hook, and the work folder on a claim of each pod', async () => {
    const pod = await runnerPod('gh-claims');
    expect(variables(containerNamed(pod, 'runner'))).toMatchObject({
      ACTIONS_RUNNER_CONTAINER_HOOKS: '/home/runner/k8s/index.js',
    });
    const work = volumesOf(pod).filter(({ name }) => name === 'work');
    expect(work).toEqual([
      expect.objectContaining({
        ephemeral: {
          volumeClaimTemplate: {
            spec: expect.objectContaining({ resources: { requests: { storage: '10Gi' } } }),
          },
        },
      }),
    ]);
  });

  test('in the mode kubernetes-novolume have the other hook, and no claim', async () => {
    const pod = await runnerPod('gh-hooks');
    expect(variables(containerNamed(pod, 'runner'))).toMatchObject({
      ACTIONS_RUNNER_CONTAINER_HOOKS: '/home/runner/k8s-novolume/index.js',
    });
    expect(volumesOf(pod).filter(({ ephemeral }) => ephemeral !== undefined)).toEqual([]);
  });

  test.each(['gh-docker', 'gh-dind', 'gh-claims', 'gh-hooks'])(
    '%s is known to GitHub by its label, and to the controller by its account',
    async (name) => {
      const release = releaseNamed(name);
      const set = await only(release, 'AutoscalingRunnerSet');
      expect(set.spec).toMatchObject({
        runnerScaleSetName: at(release.values, 'runnerScaleSetName'),
        githubConfigSecret: 'github-app-secret',
        minRunners: at(release.values, 'minRunners'),
        maxRunners: at(release.values, 'maxRunners'),
        listenerTemplate: { spec: { containers: [{ name: 'listener' }] } },
      });
      const controller = await only(releaseNamed('arc-controller'), 'ServiceAccount');
      const bindings = (await objectsOf(release)).filter(({ kind }) => kind === 'RoleBinding');
      expect(bindings.flatMap(({ subjects }) => asObjects(subjects))).toContainEqual({
        kind: 'ServiceAccount',
        ...(asObject({
          name: at(controller.metadata, 'name'),
          namespace: at(controller.metadata, 'namespace'),
        }) as object),
      });
    },
  );
});

const MANAGERS = ALL.filter(({ chart }) => chart === 'gitlab-runner');

describe.skipIf(missing.length > 0)(`managers as their chart renders them${NOT_RUN}`, () => {
  test.each(MANAGERS)('$name registers with exactly the template of the stack', async (release) => {
    const { data } = await only(release, 'ConfigMap');
    const template = String(at(data, 'config.template.toml'));
    const given = String(at(release.values, 'runners', 'config')).replaceAll('{{ "{{" }}', '{{');
    expect(parse(template)).toEqual(parse(given));
    const [runner, ...others] = asObjects(parse(template).runners);
    expect(others).toEqual([]);
    expect(runner).toMatchObject({
      name: release.name,
      executor: 'kubernetes',
      kubernetes: {
        cpu_request: expect.any(String),
        cpu_limit: expect.any(String),
        memory_limit: expect.any(String),
        helper_cpu_limit: expect.any(String),
        service_cpu_limit: expect.any(String),
        namespace: release.namespace,
      },
    });
  });

  test.each(MANAGERS)('$name takes as many jobs as its pool says', async (release) => {
    const { data } = await only(release, 'ConfigMap');
    expect(parse(String(at(data, 'config.toml')))).toMatchObject({
      concurrent: at(release.values, 'concurrent'),
      shutdown_timeout: 60,
      listen_address: ':9252',
    });
  });

  test.each(MANAGERS)('$name has its hook, its patience and its token', async (release) => {
    const { spec } = await only(release, 'Deployment');
    const pod = at(spec, 'template', 'spec');
    expect(pod).toMatchObject({
      terminationGracePeriodSeconds: at(release.values, 'terminationGracePeriodSeconds'),
      containers: [
        expect.objectContaining({
          lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', expect.any(String)] } } },
          securityContext: expect.objectContaining({ readOnlyRootFilesystem: true }),
        }),
      ],
    });
    expect(JSON.stringify(volumesOf(pod))).toContain(`"${release.name}-token"`);
  });
});

describe.skipIf(missing.length > 0)(`operators as their charts render them${NOT_RUN}`, () => {
  test('CloudNativePG reads its settings from the map that the chart fills', async () => {
    const release = releaseNamed('cloudnative-pg');
    const { spec } = await only(release, 'Deployment');
    const manager = containerNamed(at(spec, 'template', 'spec'), 'manager');
    expect(manager).toMatchObject({ command: ['/manager'], image: expect.stringContaining('@') });
    const flags = manager.args as string[];
    const map = flags.find((flag) => flag.startsWith('--config-map-name='))?.split('=')[1];
    expect(flags).toContain('--leader-elect');
    const { data } = await only(release, 'ConfigMap', map);
    expect(data).toEqual({ ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES: 'true' });
  });

  test('the plugin of backups gets its sidecar by digest', async () => {
    const release = ALL.find(({ chart }) => chart === 'plugin-barman-cloud');
    if (release === undefined) throw new Error('there is no release of the plugin');
    const { spec } = await only(release, 'Deployment');
    const [plugin] = asObjects(at(spec, 'template', 'spec', 'containers'));
    expect(plugin).toMatchObject({ args: expect.arrayContaining(['operator']) });
    expect(JSON.stringify(plugin)).toContain('SIDECAR_IMAGE');
  });

  test('the controller of scale sets hands its own image to listeners', async () => {
    const { spec } = await only(releaseNamed('arc-controller'), 'Deployment');
    const [manager] = asObjects(at(spec, 'template', 'spec', 'containers'));
    expect(variables(manager ?? {})).toMatchObject({
      CONTROLLER_MANAGER_CONTAINER_IMAGE: at(manager, 'image'),
    });
    expect(manager?.args).toEqual(
      expect.arrayContaining(['--log-format=json', '--metrics-addr=:8080']),
    );
  });
});
