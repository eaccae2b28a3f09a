const TOKEN = /<\?[^>]*\?>|<(\/?)([\w:.-]+)[^>]*?(\/?)>|([^<]+)/g;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * The elements of an XML text as `{ name, text, children }`, attributes and blanks left out.
 *
 * It reads what S3 answers, which has neither comments nor CDATA nor mixed content.
 */
export function xmlTree(xml) {
  const root = { name: '', text: '', children: [] };
  const open = [root];
  for (const [, closing, name, empty, text] of xml.matchAll(TOKEN)) {
    const parent = open.at(-1);
    if (text !== undefined) parent.text += unescaped(text.trim());
    else if (closing === '/') open.length = Math.max(1, open.length - 1);
    else if (name !== undefined) {
      const element = { name, text: '', children: [] };
      parent.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  return root;
}

/** Every element of that name, wherever it stands. */
export function elements(node, name) {
  return node.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elements(child, name),
  ]);
}

/** The text of the first element of that name, or undefined. */
export function textOf(node, name) {
  return elements(node, name)[0]?.text;
}

/** What an element says, as sorted lines `path=text`, so that order and empty elements make no difference. */
export function statements(node, path = '') {
  return node.children
    .flatMap((child) => {
      const childPath = path === '' ? child.name : `${path}/${child.name}`;
      if (child.children.length > 0) return statements(child, childPath);
      return child.text === '' ? [] : [`${childPath}=${child.text}`];
    })
    .sort();
}

/** Text as XML takes it. */
export function xmlText(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unescaped(text) {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[name] ?? whole;
  });
}
