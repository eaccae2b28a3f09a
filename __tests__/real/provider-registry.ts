import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

const PLATFORMS = ['linux_amd64', 'linux_arm64', 'darwin_arm64', 'darwin_amd64'] as const;

/** A registry of providers on loopback, which offers one release of one provider. Its packages cannot be run, only installed. */
export class ProviderRegistry {
  /** What is inside the packages. Other bytes under the same version are what a lock must not take. */
  content = 'as released';
  private readonly name: string;
  private readonly version: string;
  private readonly server: Server;

  private constructor(name: string, version: string) {
    this.name = name;
    this.version = version;
    this.server = createServer((request, response) => {
      const answer = this.answer(request.url ?? '');
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(answer);
    });
  }

  static async start(name: string, version: string): Promise<ProviderRegistry> {
    const registry = new ProviderRegistry(name, version);
    await new Promise<void>((resolve) => registry.server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The configuration of tofu that makes this the registry of OpenTofu. */
  get configuration(): string {
    return `host "registry.opentofu.org" {\n  services = { "providers.v1" = "${this.url}/" }\n}\n`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string): string | Buffer | undefined {
    const base = `/hashicorp/${this.name}`;
    if (path === `${base}/versions`) return this.versions();
    if (path === '/sums') return this.sums();
    if (path === '/signature') return 'nobody signed it';
    const platform = PLATFORMS.find((each) => path.includes(each.replace('_', '/')));
    if (platform !== undefined && path.startsWith(`${base}/${this.version}/download/`)) {
      return this.download(platform);
    }
    const packed = PLATFORMS.find((each) => path === `/packages/${this.file(each)}`);
    return packed === undefined ? undefined : this.package(packed);
  }

  private versions(): string {
    const platforms = PLATFORMS.map((each) => each.split('_')).map(([os, arch]) => ({ os, arch }));
    return JSON.stringify({
      versions: [{ version: this.version, protocols: ['5.0'], platforms }],
    });
  }

  private download(platform: string): string {
    const [os, arch] = platform.split('_');
    return JSON.stringify({
      protocols: ['5.0'],
      os,
      arch,
      filename: this.file(platform),
      download_url: `${this.url}/packages/${this.file(platform)}`,
      shasums_url: `${this.url}/sums`,
      shasums_signature_url: `${this.url}/signature`,
      shasum: sha256(this.package(platform)),
      signing_keys: { gpg_public_keys: [] },
    });
  }

  private sums(): string {
    const lines = PLATFORMS.map((each) => `${sha256(this.package(each))}  ${this.file(each)}\n`);
    return lines.join('');
  }

  private file(platform: string): string {
    return `terraform-provider-${this.name}_${this.version}_${platform}.zip`;
  }

  private package(platform: string): Buffer {
    const program = `terraform-provider-${this.name}_v${this.version}`;
    return archive(program, Buffer.from(`${platform} ${this.content}`));
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An archive with one file that may be run. */
function archive(file: string, content: Buffer): Buffer {
  const name = Buffer.from(file);
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(crc32(content), 0);
  sizes.writeUInt32LE(content.length, 4);
  sizes.writeUInt32LE(content.length, 8);
  const local = Buffer.alloc(30);
  local.write('PK\u0003\u0004', 'latin1');
  sizes.copy(local, 14);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.write('PK\u0001\u0002', 'latin1');
  // Made on Unix: the mode counts.
  entry.writeUInt16LE(0x0300, 4);
  sizes.copy(entry, 16);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(0o100755 * 0x10000, 38);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + content.length, 16);
  return Buffer.concat([local, name, content, entry, name, end]);
}
