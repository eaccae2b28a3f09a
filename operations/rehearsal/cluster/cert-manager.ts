import type { DeclaredObject } from './api.ts';

const GROUP = 'cert-manager.io';

/** The types of cert-manager that are used here, with no more of their schema than that it is an object. */
const TYPES = [
  { kind: 'Certificate', plural: 'certificates', scope: 'Namespaced' },
  { kind: 'Issuer', plural: 'issuers', scope: 'Namespaced' },
  { kind: 'ClusterIssuer', plural: 'clusterissuers', scope: 'Cluster' },
] as const;

/** Where certificates are listed, and watched by what stands in for cert-manager. */
export const CERTIFICATES_PATH = `/apis/${GROUP}/v1/certificates`;

/**
 * What is there where the settings say that cert-manager is: its types and the issuer. That is a precondition and not brought
 * by a chart of the stacks, so the harness brings it.
 */
export function certManagerObjects(issuer: string): DeclaredObject[] {
  return [
    ...TYPES.map(({ kind, plural, scope }) => typeObject(kind, plural, scope)),
    {
      path: `/apis/${GROUP}/v1/clusterissuers`,
      object: {
        apiVersion: `${GROUP}/v1`,
        kind: 'ClusterIssuer',
        metadata: { name: issuer },
        spec: { selfSigned: {} },
      },
    },
  ];
}

function typeObject(kind: string, plural: string, scope: string): DeclaredObject {
  return {
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    object: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${GROUP}` },
      spec: {
        group: GROUP,
        scope,
        names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: OPEN, status: OPEN },
              },
            },
          },
        ],
      },
    },
  };
}

const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
