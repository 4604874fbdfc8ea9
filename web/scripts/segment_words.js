// The words of a locked line: the text of its tree, for reading; what is kept is the tree.
//
// `window.winback_words` is what segment_rows.js uses; nothing here looks at the page.
(() => {
  'use strict';
  const { operand } = window.winback_values;

  const joined = (items, sign) => items
    .map((item) => (item.all || item.any ? `(${words_of(item)})` : words_of(item)))
    .join(sign);
  const narrowing = (key, value) => {
    if (key === 'where') return `.where(e, ${words_of(value)})`;
    if (key === 'then') return `.then(${operand(value.names)}, ${operand(value.within)})`;
    return `.${key}(${Array.isArray(value) ? value.map(operand).join(', ') : operand(value)})`;
  };
  const history = (name, asked) => {
    const { names, campaign, finish, of, or, as, ...narrowings } = asked;
    const which = campaign ?? (Array.isArray(names) && names.length === 1 ? names[0] : names);
    const parts = Object.entries(narrowings).map(([key, value]) => narrowing(key, value)).join('');
    const inside = of || or;
    return `${name}(${operand(which)})${parts}.${finish}(${inside ? operand(inside) : ''})`;
  };
  const words_of = (tree) => {
    if (tree.all) return joined(tree.all, ' && ');
    if (tree.any) return joined(tree.any, ' || ');
    if (tree.not) return `!(${words_of(tree.not)})`;
    if (tree.cel) return tree.cel;
    const [kind] = Object.keys(tree);
    const subject = kind === 'events' ? history('ev', tree.events)
      : kind === 'sent' ? history('sent', tree.sent)
        : kind === 'trait' ? `user.${tree.trait}`
          : kind === 'field' ? `e.${tree.field}`
            : `${kind}(${operand(tree[kind])})`;
    return 'op' in tree ? `${subject} ${tree.op} ${operand(tree.value)}` : subject;
  };

  window.winback_words = { words_of };
})();
