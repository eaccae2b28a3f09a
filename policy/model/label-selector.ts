import { addTo } from './grouping.ts';
import { asObjects, asText, asTextMap, asTexts, at } from './json.ts';

type Labels = Readonly<Record<string, string>>;

/** True when the labels are chosen by a selector of Kubernetes; an empty selector chooses everything. */
export function matchesSelector(selector: unknown, labels: Labels): boolean {
  const equal = Object.entries(asTextMap(at(selector, 'matchLabels')));
  return (
    equal.every(([key, value]) => labels[key] === value) &&
    asObjects(at(selector, 'matchExpressions')).every((expression) =>
      matchesExpression(expression, labels),
    )
  );
}

function matchesExpression(expression: unknown, labels: Labels): boolean {
  const value = labels[asText(at(expression, 'key')) ?? ''];
  const values = asTexts(at(expression, 'values'));
  switch (at(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/**
 * Finds which of many selectors choose the labels, without asking each: a namespace of a thousand pools has a thousand
 * policies.
 */
export function selectorIndex<T>(
  items: readonly T[],
  selectorOf: (item: T) => unknown,
): (labels: Labels) => T[] {
  const byLabel = new Map<string, T[]>();
  const others: T[] = [];
  for (const item of items) {
    const [label] = Object.entries(asTextMap(at(selectorOf(item), 'matchLabels')));
    if (label === undefined) others.push(item);
    else addTo(byLabel, label.join('='), item);
  }
  return (labels) => {
    const candidates = Object.entries(labels).flatMap(
      (label) => byLabel.get(label.join('=')) ?? [],
    );
    return [...others, ...candidates].filter((item) => matchesSelector(selectorOf(item), labels));
  };
}
