import { IMAGE } from '../good/parts.ts';
import type { FaultExample } from './fault-example.ts';

export const IMAGE_FAULTS: readonly FaultExample[] = [
  {
    rule: 'image-digest',
    fault: 'an image without a digest, where digests are required (W-C2)',
    change: (draft) => {
      container(draft).image = 'registry.example/app:1.0.0';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'container api: registry.example/app:1.0.0, whatever that tag means on the day of the pull',
      },
    ],
  },
  {
    rule: 'image-digest',
    fault: 'the same where digests are not required',
    change: (draft) => {
      container(draft).image = 'registry.example/app:1.0.0';
      draft.declared.requireDigests = false;
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'container api: registry.example/app:1.0.0, whatever that tag means on the day of the pull',
        severity: 'warning',
      },
    ],
  },
  {
    rule: 'image-digest',
    fault: 'an image that a chart puts together from its values',
    change: (draft) => {
      draft.values('controller').image.tag = '1.0.0';
    },
    finds: [
      {
        resource: 'github: helm_release.controller Deployment/controller-gha-rs-controller',
        problem:
          'container manager: registry.example/controller:1.0.0, whatever that tag means on the day of the pull',
      },
      {
        resource: 'github: helm_release.scale-set AutoscalingRunnerSet/set',
        problem:
          'container listener: registry.example/controller:1.0.0, whatever that tag means on the day of the pull',
      },
    ],
  },
  {
    rule: 'image-digest',
    fault: 'an image that a program is told to start',
    change: (draft) => {
      container(draft).env.push({ name: 'SIDECAR_IMAGE', value: 'registry.example/sidecar:1' });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'SIDECAR_IMAGE of api: registry.example/sidecar:1, whatever that tag means on the day of the pull',
      },
    ],
  },
  {
    rule: 'image-tag',
    fault: 'latest, whatever its digest (W-C1)',
    change: (draft) => {
      container(draft).image = IMAGE.replace(':1.0.0', ':latest');
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'container api: registry.example/app:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, whatever is newest',
      },
    ],
  },
  {
    rule: 'image-tag',
    fault: 'an image without a tag, which means latest',
    change: (draft) => {
      container(draft).image = 'registry.example:5000/app';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem: 'container api: registry.example:5000/app, which means latest',
      },
    ],
  },
  {
    rule: 'image-tag',
    fault: 'the image that a chart takes when nobody names one',
    change: (draft) => {
      delete draft.values('scale-set').template.spec.containers;
    },
    finds: [
      {
        resource: 'github: helm_release.scale-set AutoscalingRunnerSet/set',
        problem: 'container runner: ghcr.io/actions/actions-runner:latest, whatever is newest',
      },
    ],
  },
  {
    rule: 'image-tag',
    fault: 'a helper image that is left to the runner',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(/^helper_image = .*$/m, '');
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem: 'container helper: no image, so another program chooses one',
      },
    ],
  },
];

function container(draft: Parameters<FaultExample['change']>[0]) {
  return draft.stack('services').resource.kubernetes_deployment_v1.api.spec.template.spec
    .container[0];
}
