import { BlockList, isIP } from 'node:net';

/** True when an address lies in a range such as `10.0.0.0/8`; addresses of the other family never do. */
export function isWithin(address: string, cidr: string): boolean {
  const [base = '', length = ''] = cidr.split('/');
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) !== (family === 'ipv6' ? 6 : 4)) return false;
  const range = new BlockList();
  range.addSubnet(base, Number(length), family);
  return range.check(address, family);
}
