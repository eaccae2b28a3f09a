import { describe, expect, test } from 'vitest';
import { atticReaderFlows, atticWriterFlows } from '../../stacks/attic-readers.ts';
import { Endpoint } from '../../values/endpoint.ts';
import { exampleContext } from '../support/synthesized.ts';
import { type Change, withAttic, withStore } from './attic-settings.ts';

describe('the ways to Attic for pods anywhere', () => {
  const describeFlow = ({ peer, ports }: ReturnType<typeof atticReaderFlows>[number]) => {
    const to = peer.kind === 'pods' ? Object.values(peer.labels).at(-1) : peer.kind;
    return `${to} ${ports.map(({ port }) => port).join()}`;
  };
  const flows = (example: string, change?: Change) => {
    const context = exampleContext(example, change);
    return {
      reader: atticReaderFlows(context).map(describeFlow),
      writer: atticWriterFlows(context).map(describeFlow),
    };
  };

  test('lead readers to the server and to what it redirects to', () => {
    expect(flows('tinyland').reader).toEqual(['attic 8080', 'attic-rustfs-openebs 9000']);
    expect(flows('single-node-r2').reader).toEqual(['attic 8080', 'addresses 443']);
  });

  test('lead readers to the public name of the store where it has one', () => {
    const open = flows('tinyland', withStore({ publicHost: 'objects.tinyland.dev' }));
    expect(open.reader).toEqual(['attic 8080', 'namespace 443,8443', 'addresses 443']);
  });

  test('lead readers to a store by its address', () => {
    const s3 = { kind: 's3', endpoint: Endpoint.parse('pod', 'http://store.example.org:9000') };
    expect(flows('tinyland', withStore(s3)).reader).toEqual(['attic 8080', 'addresses 9000']);
  });

  test('lead writers to the public name too, where clients are told to upload', () => {
    expect(flows('tinyland').writer).toEqual([
      'attic 8080',
      'attic-rustfs-openebs 9000',
      'namespace 443,8443',
      'addresses 443',
    ]);
    const inside = withAttic(({ ingress }) => ({ ingress: { ...ingress, enabled: false } }));
    expect(flows('tinyland', inside).writer).toEqual(['attic 8080', 'attic-rustfs-openebs 9000']);
  });
});
