import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const NIX_MOUNT_FAULTS: readonly FaultExample[] = [
  {
    rule: 'mount-over-nix',
    fault: 'a volume at /nix (L8)',
    change: (draft) => mount(draft, '/nix', false),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api, container api: the volume config at /nix hides the store of the image',
      },
    ],
  },
  {
    rule: 'mount-over-nix',
    fault: 'a volume at /nix written in another way',
    change: (draft) => mount(draft, '/opt/..//nix/', true),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api, container api: the volume config at /opt/..//nix/ hides the store of the image',
      },
    ],
  },
  {
    rule: 'mount-over-nix',
    fault: 'a volume at the root',
    change: (draft) => mount(draft, '/', false),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api, container api: the volume config at / hides the store of the image',
      },
    ],
  },
  {
    rule: 'mount-over-nix',
    fault: 'the store of Nix where it can be written to (L8)',
    change: (draft) => mount(draft, '/nix/store', false),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem: 'Deployment api, container api: the volume config at /nix/store is not read-only',
      },
    ],
  },
  {
    rule: 'mount-over-nix',
    fault: 'the socket of the Nix daemon where it cannot be written to (L8)',
    change: (draft) => mount(draft, '/nix/var/nix/daemon-socket', true),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api, container api: the volume config at /nix/var/nix/daemon-socket is read-only, and a socket must be written to',
      },
    ],
  },
  {
    rule: 'mount-over-nix',
    fault: 'any other part of /nix',
    change: (draft) => mount(draft, '/nix/var/nix/profiles', true),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'Deployment api, container api: the volume config at /nix/var/nix/profiles covers a part of /nix that the image needs',
      },
    ],
  },
  {
    rule: 'mount-over-nix',
    fault: 'an empty volume over /nix in the jobs of a runner (L8)',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config +=
        '\n[[runners.kubernetes.volumes.empty_dir]]\nname = "nix"\nmount_path = "/nix"\n';
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker, container init-permissions: the volume nix at /nix hides the store of the image',
      },
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker, container build: the volume nix at /nix hides the store of the image',
      },
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker, container helper: the volume nix at /nix hides the store of the image',
      },
    ],
  },
];

function mount(draft: Draft, path: string, readOnly: boolean): void {
  const mounts =
    draft.stack('services').resource.kubernetes_deployment_v1.api.spec.template.spec.container[0]
      .volume_mount;
  mounts.push({ name: 'config', mount_path: path, read_only: readOnly });
}
