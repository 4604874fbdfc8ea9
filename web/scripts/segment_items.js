// What is asked of an event's properties: of single ones, and of the items of a list within it, as
// products of an order: e.products.exists(p, p.sku == "22423" && p.quantity >= 2).
//
// `window.winback_items` is what segment_lines.js uses; nothing here looks at the page.
(() => {
  'use strict';
  const {
    only, is_map, around, negated, path_form, name_in, path_of, asked_fields, asked_tree,
    asked_text, asked_in_text,
  } = window.winback_values;

  // The parts that && joins, outside of texts and brackets; null when something else joins them.
  const token_form = /"(?:[^"\\]|\\.)*"|[([{}\])]| && | \|\| | \? /g;
  const parts_of = (text) => {
    const parts = [];
    let depth = 0;
    let begin = 0;
    for (const { 0: token, index } of text.matchAll(token_form)) {
      if ('([{'.includes(token)) depth += 1;
      else if (')]}'.includes(token)) depth -= 1;
      else if (depth === 0 && token === ' && ') {
        parts.push(text.slice(begin, index));
        begin = index + token.length;
      } else if (depth === 0 && token[0] === ' ') return null;
      if (depth < 0) return null;
    }
    return depth === 0 ? [...parts, text.slice(begin)] : null;
  };
  const exists_form = new RegExp(
    String.raw`^${path_form('e')}\.exists\(([A-Za-z_]\w*), ([^]+)\)$`);

  const item_fields = (tree) => {
    const inner = negated(tree);
    const at = inner ?? tree;
    const found = typeof at.cel === 'string' && only(at, ['cel']) && exists_form.exec(at.cel);
    if (!found) return null;
    const [, path, bracketed, variable, body] = found;
    const list = name_in(path, bracketed);
    const asked = parts_of(body)?.map((part) => asked_in_text(part, variable));
    if (!list || ['e', 'user'].includes(variable) || !asked || asked.includes(null)) return null;
    return { items: list, has: inner ? 'none' : 'some', as: variable, asked };
  };
  const item_tree = ({ items, has, as, asked }) => {
    const parts = asked.map((one) => asked_text(as, one));
    if (!items || parts.length === 0 || parts.includes(null)) return null;
    const tree = { cel: `${path_of('e', items)}.exists(${as}, ${parts.join(' && ')})` };
    return has === 'none' ? { not: tree } : tree;
  };

  const has_comment = (tree) => around.some((key) => key in tree || key in (negated(tree) ?? {}));
  const filter_fields = (where) => {
    if (!where) return [];
    const several = is_map(where) && Array.isArray(where.all) && only(where, ['all']);
    return (several ? where.all : [where]).map((one) => (
      has_comment(one) ? null : asked_fields(one, 'field') ?? item_fields(one)));
  };
  // What stands behind `where`; null when something is missing.
  const filters_tree = (filters) => {
    const parts = filters.map((one) => (one.asked ? item_tree(one) : asked_tree('field', one)));
    if (parts.includes(null)) return null;
    return parts.length === 0 ? {} : { where: parts.length === 1 ? parts[0] : { all: parts } };
  };

  window.winback_items = { filter_fields, filters_tree };
})();
