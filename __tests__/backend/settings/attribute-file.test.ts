import { describe, expect, test } from 'vitest';
import { parseAttributes } from '../../../backend/settings/attribute-file.ts';

const read = (text: string) => {
  const found = parseAttributes(text);
  return 'rule' in found
    ? found
    : Object.fromEntries(found.map(({ name, value }) => [name, value]));
};

describe('attributes of a backend file', () => {
  test('are text, numbers and booleans, with comments of every kind between them', () => {
    const text = [
      '# one',
      'bucket = "tofu-state" // two',
      '',
      '/* three',
      '   lines */ region="us-east-1"',
      'use_path_style   = true',
      'max_retries = 5',
      'quoted = "a \\"b\\" \\\\ \\u00e9"',
      'priced = "5$ and 5%"',
    ].join('\r\n');
    expect(read(text)).toEqual({
      bucket: 'tofu-state',
      region: 'us-east-1',
      use_path_style: true,
      max_retries: 5,
      quoted: 'a "b" \\ é',
      priced: '5$ and 5%',
    });
  });

  test.each([
    ['endpoints = { s3 = "https://s3.example.org" }'],
    ['endpoints = {\n  s3 = "https://s3.example.org",\n}'],
    ['endpoints = {\n\n  "s3" : "https://s3.example.org"\n\n}'],
    ['endpoints {\n  s3 = "https://s3.example.org"\n}'],
  ])('may stand in one object: %j', (text) => {
    expect(read(text)).toEqual({ 'endpoints.s3': 'https://s3.example.org' });
  });

  test('have their place', () => {
    expect(parseAttributes('\n\n  a = 1\nb = { c = 2 }')).toEqual([
      { name: 'a', value: 1, line: 3, column: 3 },
      { name: 'b.c', value: 2, line: 4, column: 7 },
    ]);
  });

  test.each([
    ['bucket = var.bucket', 1, 10, 'give bucket text in quotes, a number, true or false'],
    ['bucket = "${var.bucket}"', 1, 10, 'hold no template: write the value out'],
    ['bucket = "%{if true}a%{endif}"', 1, 10, 'hold no template: write the value out'],
    ['a = 1\nkeys = ["x"]', 2, 8, 'hold attributes only: name = value, or name = { … }'],
    ['bucket = "open\n', 1, 10, 'close a quote on its own line'],
    ['bucket "x"', 1, 8, 'have "=" after bucket'],
    ['a = 1 b = 2', 1, 7, 'have one attribute on a line'],
    ['a = 1\na = 2', 2, 1, 'say a once'],
    ['a = { b = { c = 1 } }', 1, 11, 'have no object inside of an object'],
    ['a = { b = 1', 1, 5, 'close the "{" of a'],
    ['a = { b = 1 c = 2 }', 1, 13, 'have a comma or a new line between two attributes'],
    ['a = "\\q"', 1, 5, 'hold no "\\q", which means nothing'],
    ['= 1', 1, 1, 'begin with the name of an attribute'],
    ['a = <<EOT\nx\nEOT', 1, 5, 'hold attributes only: name = value, or name = { … }'],
    ['endpoints.s3 = "x"', 1, 1, 'begin with the name of an attribute'],
    ['a =', 1, 4, 'give a text in quotes, a number, true or false'],
  ])('rejects %j', (text, line, column, rule) => {
    expect(read(text)).toEqual({ line, column, rule });
  });

  test('never quotes a value that it refuses', () => {
    const fault = parseAttributes('secret_key = "wJalrXUtnFEMI${x}"');
    expect(JSON.stringify(fault)).not.toContain('wJalr');
  });
});
