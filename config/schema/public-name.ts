import { Endpoint } from '../../values/endpoint.ts';
import { InvalidValue } from '../../values/invalid-value.ts';
import { nameRule, parseName } from '../../values/name.ts';
import { checkedText, nameAdvice } from './fields.ts';

/** What a browser reads as an IPv4 address, in whatever notation: the last label is a number. */
const ADDRESS = /(^|\.)(\d+|0x[0-9a-f]*)$/;

/** A name under which people reach a server: no address, and nothing that means another machine for each of them. */
export function publicName() {
  return nameOf((value) => value);
}

/** A domain below which public names are made; the label is that of one of them. */
export function publicDomain(label: string) {
  return nameOf((value) => `${label}.${value}`);
}

function nameOf(reached: (value: string) => string) {
  const { pattern, maxLength } = nameRule('dnsName');
  return checkedText((value) => {
    parseName('dnsName', value);
    if (ADDRESS.test(value)) {
      throw new InvalidValue(
        value,
        'be a name, not an address',
        'certificates and Ingresses are made for names: write one such as ci.example.org',
      );
    }
    const name = parseName('dnsName', reached(value));
    Endpoint.parse('developer', `https://${name}`);
    if (!name.includes('.')) {
      throw new InvalidValue(
        value,
        'be a name below a domain',
        'a name of one word means another server in every network: write one such as ci.example.org',
      );
    }
  }, nameAdvice(pattern)).meta({ pattern: pattern.source, maxLength });
}
