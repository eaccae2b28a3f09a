// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of OpenTofu are what is tested
import { expect, test } from 'vitest';
import { literalText, liveTemplates } from '../../../policy/model/template-text.ts';

test('undoes the escapes of OpenTofu', () => {
  expect(literalText('a $${b} %%{c} $${d}')).toBe('a ${b} %{c} ${d}');
  expect(literalText('$$${x}')).toBe('$${x}');
  expect(literalText('plain')).toBe('plain');
});

test.each([
  ['no template', 'plain $ text %', []],
  ['an escaped template', '$${a} %%{b}', []],
  ['a template', 'x ${a.b} y', [{ mark: '${', expression: 'a.b' }]],
  ['a template after an escaped one', '$${a} ${b}', [{ mark: '${', expression: 'b' }]],
  ['a directive', '%{ if x }', [{ mark: '%{', expression: ' if x ' }]],
  ['braces inside', '${jsonencode({a = 1})}', [{ mark: '${', expression: 'jsonencode({a = 1})' }]],
  ['a template that never closes', '${a', [{ mark: '${', expression: 'a' }]],
] as const)('finds %s', (_, text, expected) => {
  expect(liveTemplates(text)).toEqual(expected);
});
