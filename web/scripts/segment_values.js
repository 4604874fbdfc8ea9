// A named value and what is asked of it: the fields that say it, and its tree or text
// (docs/design/conditions.md). Names stand behind a root: `user` for traits, `e` for an event's
// properties, a variable for what stands in a list of one.
//
// `window.winback_values` is what segment_items.js and segment_lines.js use; nothing here looks at
// the page.
(() => {
  'use strict';
  const { span_in, span_of, date_in, date_of } = window.winback_moments;
  const only = (map, keys) => Object.keys(map).every((key) => keys.includes(key));
  const is_map = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const around = ['comment', 'comment_after'];
  const relations = ['==', '!=', '>', '>=', '<', '<='];
  const calls = { contains: 'contains', starts: 'startsWith', ends: 'endsWith' };
  const opposites = {
    true: 'untrue', contains: 'not_contains', starts: 'not_starts', ends: 'not_ends', in: 'not_in',
    has: 'has_not',
  };
  const positives = Object.fromEntries(Object.entries(opposites).map(([op, not]) => [not, op]));
  const roots = { trait: 'user', field: 'e' };

  // From a tree to fields; null when no line can say it ----------------------------------------

  // 500.0, which JSON would write as 500, is a text in the tree; in a comparison they are the same.
  const number_in = (value) => {
    const whole = is_map(value) && only(value, ['cel']) && /^(-?\d{1,15})\.0$/.exec(value.cel);
    return whole ? whole[1] : typeof value === 'number' ? String(value) : null;
  };
  const is_line = (value) => typeof value === 'string' && !/[\r\n]/.test(value);
  const value_fields = (value) => {
    if (number_in(value) !== null) return { type: 'number', value: number_in(value) };
    if (typeof value === 'string') return is_line(value) ? { type: 'text', value } : null;
    if (typeof value === 'boolean') return { type: 'yes', answer: String(value) };
    const span = span_in(value, 'ago');
    if (span) return { type: 'ago', ...span };
    const date = date_in(value);
    return date && { type: 'date', ...date };
  };
  // gold, silver, "a, b": what holds a comma stands in quotes, and a quote in it twice.
  const listed = (items) => items
    .map((item) => (/^$|^\s|\s$|[,،"]/.test(item) ? `"${item.replaceAll('"', '""')}"` : item))
    .join(', ');
  const list_fields = (items) => {
    if (!Array.isArray(items) || items.length === 0) return null;
    if (items.every(is_line)) return { list_type: 'text', list: listed(items) };
    const numbers = items.every((item) => typeof item === 'number');
    return numbers ? { list_type: 'number', list: listed(items.map(String)) } : null;
  };
  const compared_fields = (op, value) => {
    if (value === null) {
      const known = { '==': 'unknown', '!=': 'known' }[op];
      return known ? { op: known } : null;
    }
    const fields = op === 'in' ? list_fields(value)
      : relations.includes(op) ? value_fields(value) : null;
    return fields && { op, ...fields };
  };

  // Names that are no words stand in brackets, and questions about texts and lists are texts in the
  // tree, as the server prints them.
  const name_form = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
  const text_form = String.raw`"(?:[^"\\]|\\.)*"`;
  const path_form = (root) => String.raw`${root}(?:((?:\.[A-Za-z_]\w*)+?)|\[(${text_form})\])`;
  const forms = (root) => ({
    asked: new RegExp(String.raw`^${path_form(root)}`
      + String.raw`(?:\.(contains|startsWith|endsWith)\((${text_form})\)`
      + String.raw`| (==|!=|<=|>=|<|>|in) (.+))?$`),
    has: new RegExp(String.raw`^(${text_form}|-?[\d.]+|true|false) in ${path_form(root)}$`),
  });
  const json_in = (text) => {
    try {
      const value = JSON.parse(text);
      // Digits that a number of a browser would lose.
      const exact = typeof value === 'number'
        ? String(value) === text || /^-?\d{1,15}\.0$/.test(text)
        : ![value].flat().some((one) => typeof one === 'number' && !Number.isSafeInteger(one));
      return exact ? value : undefined;
    } catch {
      return undefined;
    }
  };
  const value_in_text = (text) => {
    const call = /^(ago|timestamp)\("([^"\\]+)"\)$/.exec(text);
    return call ? { [call[1]]: call[2] } : json_in(text);
  };
  const name_in = (path, bracketed) => {
    const name = path ? path.slice(1) : json_in(bracketed);
    return is_line(name) && name !== '' && !(bracketed && name_form.test(name)) ? name : null;
  };
  const text_fields = (text, root) => {
    const { asked, has } = forms(root);
    const held = has.exec(text);
    if (held) {
      const name = name_in(held[2], held[3]);
      const value = json_in(held[1]);
      const fields = name === null || value === undefined ? null : value_fields(value);
      return fields && { name, op: 'has', ...fields };
    }
    const found = asked.exec(text);
    const name = found && name_in(found[1], found[2]);
    if (!name) return null;
    const [, , , call, piece, op, right] = found;
    if (call) {
      const [question] = Object.entries(calls).find(([, method]) => method === call);
      const value = json_in(piece);
      return is_line(value) && value !== '' ? { name, op: question, piece: value } : null;
    }
    if (!op) return { name, op: 'true' };
    const value = value_in_text(right);
    const fields = value === undefined ? null : compared_fields(op, value);
    return fields && { name, ...fields };
  };

  // {trait, op, value}, {trait}, {cel}.
  const plain_fields = (tree, kind) => {
    if (typeof tree.cel === 'string' && only(tree, ['cel', ...around])) {
      return kind in roots ? text_fields(tree.cel, roots[kind]) : null;
    }
    const members = [kind, 'op', 'value', ...around];
    if (typeof tree[kind] !== 'string' || !only(tree, members)) return null;
    if (!('op' in tree)) return { name: tree[kind], op: 'true' };
    const fields = compared_fields(tree.op, tree.value);
    return fields && { name: tree[kind], ...fields };
  };
  const negated = (tree) => (is_map(tree.not) && only(tree, ['not']) ? tree.not : null);
  const opposite_fields = (fields) => {
    const opposite = opposites[fields.op];
    return opposite ? { ...fields, op: opposite } : { ...fields, not: 'yes' };
  };
  const asked_fields = (tree, kind) => {
    const inner = negated(tree);
    const fields = plain_fields(inner ?? tree, kind);
    return inner && fields ? opposite_fields(fields) : fields;
  };

  // From fields to a tree; null when something is missing --------------------------------------

  // As it is typed in any of the page's languages.
  const plain_digits = (text) => text
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace('٫', '.');
  const number_of = (text = '') => {
    const number = text.trim() === '' ? NaN : Number(plain_digits(text));
    const exact = !Number.isInteger(number) || Number.isSafeInteger(number);
    return Number.isFinite(number) && exact ? number : null;
  };
  const items_of = (text) => [...text.matchAll(/\s*("(?:[^"]|"")*"|[^,،]*)\s*(?:[,،]|$)/g)]
    .map(([, item]) => item.trim())
    .filter((item) => item !== '')
    .map((item) => (/^".*"$/.test(item) ? item.slice(1, -1).replaceAll('""', '"') : item));
  const value_of = (fields) => {
    if (fields.type === 'number') return number_of(fields.value);
    if (fields.type === 'yes') return fields.answer === 'true';
    if (fields.type === 'text') return fields.value || null;
    if (fields.type === 'date') return date_of(fields);
    const span = span_of(fields.number, fields.unit);
    return span && { ago: span };
  };
  const list_of = ({ list, list_type }) => {
    const items = items_of(list);
    const values = list_type === 'number' ? items.map(number_of) : items;
    return values.length === 0 || values.includes(null) ? null : values;
  };
  const words_of_language = ['true', 'false', 'null', 'in'];
  const path_of = (root, name) => {
    const plain = name_form.test(name)
      && !name.split('.').some((part) => words_of_language.includes(part));
    return root + (plain ? `.${name}` : `[${JSON.stringify(name)}]`);
  };
  // What is compared: {op, value}, or nothing where something is true by itself.
  const compared = (op, fields) => {
    if (op === 'true') return {};
    if (op === 'known') return { op: '!=', value: null };
    if (op === 'unknown') return { op: '==', value: null };
    const value = op === 'in' ? list_of(fields) : value_of(fields);
    return value === null ? null : { op, value };
  };
  const plain_tree = (kind, root, op, fields) => {
    const path = path_of(root, fields.name);
    if (calls[op]) {
      const call = `${path}.${calls[op]}(${JSON.stringify(fields.piece)})`;
      return fields.piece ? { cel: call } : null;
    }
    if (op === 'has') {
      const value = value_of(fields);
      const cel = `${JSON.stringify(value)} in ${path}`;
      return value === null || is_map(value) ? null : { cel };
    }
    const asked = compared(op, fields);
    return asked && { [kind]: fields.name, ...asked };
  };
  // `plain(op)` makes the tree of a question without its opposite.
  const with_opposite = ({ op, not }, plain) => {
    const positive = positives[op];
    const tree = plain(positive ?? op);
    return tree && Boolean(positive) !== (not === 'yes') ? { not: tree } : tree;
  };
  const asked_tree = (kind, fields, root = roots[kind]) => (
    fields.name ? with_opposite(fields, (op) => plain_tree(kind, root, op, fields)) : null);

  // As text --------------------------------------------------------------------------------------

  const operand = (value) => {
    if (Array.isArray(value)) return `[${value.map(operand).join(', ')}]`;
    if (!is_map(value)) return JSON.stringify(value);
    const [[name, inner]] = Object.entries(value);
    return { cel: inner, trait: `user.${inner}`, field: `e.${inner}` }[name]
      ?? `${name}(${JSON.stringify(inner)})`;
  };
  // What needs no brackets behind `!`.
  const stands_alone = ({ op }) => op === 'true' || op in calls;
  // What is asked of a name behind a variable, as the server prints it.
  const asked_text = (root, fields) => {
    const tree = asked_tree('field', fields, root);
    if (tree === null) return null;
    const { cel, field, op, value } = tree.not ?? tree;
    const text = cel ?? (op ? `${path_of(root, field)} ${op} ${operand(value)}`
      : path_of(root, field));
    if (!tree.not) return text;
    return stands_alone({ op: positives[fields.op] ?? fields.op }) ? `!${text}` : `!(${text})`;
  };
  const asked_in_text = (text, root) => {
    const [, inner] = /^!\((.*)\)$/.exec(text) ?? [];
    if (inner !== undefined) {
      const fields = text_fields(inner, root);
      return fields && opposite_fields(fields);
    }
    if (!text.startsWith('!')) return text_fields(text, root);
    const fields = text_fields(text.slice(1), root);
    return fields && stands_alone(fields) ? opposite_fields(fields) : null;
  };

  window.winback_values = {
    only, is_map, is_line, around, relations, positives, opposites, negated, path_form, name_in,
    path_of, number_in, number_of, items_of, compared, compared_fields, opposite_fields,
    with_opposite, asked_fields, asked_tree, asked_text, asked_in_text, operand,
  };
})();
