// A line of the builder and its tree (docs/design/conditions.md): the fields that say a tree, and
// the tree that fields say. What no line can say has no fields.
//
// `window.winback_lines` is what segment_rows.js uses; nothing here looks at the page.
(() => {
  'use strict';
  const only = (map, keys) => Object.keys(map).every((key) => keys.includes(key));
  const is_map = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const around = ['comment', 'comment_after'];
  const relations = ['==', '!=', '>', '>=', '<', '<='];
  const calls = { contains: 'contains', starts: 'startsWith', ends: 'endsWith' };
  const opposites = {
    true: 'untrue', contains: 'not_contains', starts: 'not_starts', ends: 'not_ends', in: 'not_in',
  };
  const positives = Object.fromEntries(Object.entries(opposites).map(([op, not]) => [not, op]));
  const finishes = { // By what they are compared with.
    counts: ['count', 'days_active'],
    sums: ['sum', 'avg', 'min', 'max', 'distinct'],
    spans: ['since_last', 'median_gap', 'mean_gap'],
    moments: ['first_time', 'last_time'],
  };

  // From a tree to the fields of a line; null when no line can say it ------------------------

  const span_fields = (text) => {
    const parts = /^([1-9]\d{0,5})(mo|[mhdwy])$/.exec(typeof text === 'string' ? text : '');
    return parts && { number: parts[1], unit: parts[2] };
  };
  const span_in = (value, key) => (
    is_map(value) && only(value, [key]) ? span_fields(value[key]) : null);
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
    return span && { type: 'ago', ...span };
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

  // Names that are no words stand in brackets, and questions about texts are calls: both are texts
  // in the tree, as the server prints them.
  const name_form = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
  const text_form = String.raw`"(?:[^"\\]|\\.)*"`;
  const leaf_form = new RegExp(
    String.raw`^(user|e)(?:((?:\.[A-Za-z_]\w*)+?)|\[(${text_form})\])`
    + String.raw`(?:\.(contains|startsWith|endsWith)\((${text_form})\)`
    + String.raw`| (==|!=|<=|>=|<|>|in) (.+))?$`);
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
    const span = /^ago\("(\w+)"\)$/.exec(text);
    return span ? { ago: span[1] } : json_in(text);
  };
  const text_fields = (text, kind) => {
    const found = leaf_form.exec(text);
    if (!found || (found[1] === 'user') !== (kind === 'trait') || kind === 'score') return null;
    const [, , path, bracketed, call, piece, op, right] = found;
    const name = path ? path.slice(1) : json_in(bracketed);
    if (!is_line(name) || name === '' || (bracketed && name_form.test(name))) return null;
    if (call) {
      const [asked] = Object.entries(calls).find(([, method]) => method === call);
      const value = json_in(piece);
      return is_line(value) && value !== '' ? { name, op: asked, piece: value } : null;
    }
    if (!op) return { name, op: 'true' };
    const value = value_in_text(right);
    const fields = value === undefined ? null : compared_fields(op, value);
    return fields && { name, ...fields };
  };

  // A named value and what is asked of it: {trait, op, value}, {trait}, {cel}.
  const plain_fields = (tree, kind) => {
    if (typeof tree.cel === 'string' && only(tree, ['cel', ...around])) {
      return text_fields(tree.cel, kind);
    }
    const members = [kind, 'op', 'value', ...around];
    if (typeof tree[kind] !== 'string' || !only(tree, members)) return null;
    if (!('op' in tree)) return { name: tree[kind], op: 'true' };
    const fields = compared_fields(tree.op, tree.value);
    return fields && { name: tree[kind], ...fields };
  };
  const negated = (tree) => (is_map(tree.not) && only(tree, ['not']) ? tree.not : null);
  const asked_fields = (tree, kind) => {
    const inner = negated(tree);
    const fields = plain_fields(inner ?? tree, kind);
    if (!inner || !fields) return fields;
    const opposite = opposites[fields.op];
    return opposite ? { ...fields, op: opposite } : { ...fields, not: 'yes' };
  };

  const finish_fields = (tree, { finish, of }) => {
    const how = { how: finish };
    if (finish === 'any' || finish === 'none') return 'op' in tree || of ? null : how;
    if (!relations.includes(tree.op)) return null;
    if (finishes.sums.includes(finish) ? typeof of !== 'string' : of) return null;
    if (finishes.spans.includes(finish)) {
      const span = span_in(tree.value, 'dur');
      return span && { ...how, op: tree.op, ...span };
    }
    if (finishes.moments.includes(finish)) {
      const span = span_in(tree.value, 'ago');
      return span && !['==', '!='].includes(tree.op) ? { ...how, side: tree.op, ...span } : null;
    }
    const times = number_in(tree.value);
    const counts = [...finishes.counts, ...finishes.sums].includes(finish);
    return counts && times !== null ? { ...how, ...(of ? { of } : {}), op: tree.op, times } : null;
  };
  const window_fields = ({ within, before, between }) => {
    const asked = [within, before, between].filter((one) => one !== undefined);
    if (asked.length === 0) return { window: 'ever' };
    if (asked.length > 1) return null;
    const [from, to] = Array.isArray(between) && between.length === 2
      ? between.map((time) => span_in(time, 'ago'))
      : [before === undefined ? span_fields(within) : span_in(before, 'ago'), {}];
    if (!from || !to) return null;
    const window = within !== undefined ? 'within' : before !== undefined ? 'before' : 'between';
    return { window, last: from.number, span: from.unit, until: to.number, until_span: to.unit };
  };
  const has_comment = (tree) => around.some((key) => key in tree || key in (negated(tree) ?? {}));
  const filter_fields = (where) => {
    if (!where) return [];
    const several = Array.isArray(where.all) && only(where, ['all']);
    return (several ? where.all : [where]).map((one) => (
      has_comment(one) ? null : asked_fields(one, 'field')));
  };
  const history_fields = (tree, kind, source) => {
    const asked = tree[kind];
    if (!is_map(asked) || !only(tree, [kind, 'op', 'value', ...around])) return null;
    if (!only(asked, [source, 'within', 'before', 'between', 'where', 'finish', 'of'])) return null;
    const finish = finish_fields(tree, asked);
    const window = window_fields(asked);
    return finish && window && { ...finish, ...window };
  };
  const event_fields = (tree) => {
    const fields = history_fields(tree, 'events', 'names');
    if (!fields) return null;
    const names = [tree.events.names].flat();
    const filters = filter_fields(tree.events.where);
    if (!names.every((name) => typeof name === 'string') || filters.includes(null)) return null;
    return { kind: 'event', names, filters, ...fields };
  };
  const sent_fields = (tree) => {
    const fields = history_fields(tree, 'sent', 'campaign');
    const { campaign, where } = tree.sent;
    if (!fields || where || typeof campaign !== 'string') return null;
    return finishes.sums.includes(fields.how) ? null : { kind: 'sent', campaign, ...fields };
  };
  const member_fields = (tree) => {
    const inner = negated(tree) ?? tree;
    const kind = ['in_segment', 'in_list'].find((name) => typeof inner[name] === 'string');
    if (!kind || !only(inner, [kind, ...around])) return null;
    const what = kind === 'in_list' ? 'list' : 'segment';
    return { kind: what, is: inner === tree ? 'in' : 'not', id: inner[kind] };
  };
  const consent_fields = (tree) => {
    const asked = asked_fields(tree, 'consent');
    if (!asked || asked.type !== 'text' || !['==', '!='].includes(asked.op)) return null;
    // A consent is never unknown, so that what is not equal is different.
    const flipped = asked.op === '==' ? '!=' : '==';
    const op = asked.not ? flipped : asked.op;
    return { kind: 'consent', name: asked.name, op, state: asked.value };
  };
  const fields_of = (tree) => {
    if (!is_map(tree)) return null;
    const inner = negated(tree);
    const at = inner ?? tree;
    if ('events' in at || 'sent' in at) {
      const fields = 'events' in at ? event_fields(at) : sent_fields(at);
      return fields && inner ? { ...fields, not: 'yes' } : fields;
    }
    if ('score' in at) {
      const asked = asked_fields(tree, 'score');
      return asked && asked.type === 'number' ? { kind: 'score', ...asked } : null;
    }
    if ('consent' in at) return consent_fields(tree);
    const member = member_fields(tree);
    if (member) return member;
    const asked = asked_fields(tree, 'trait');
    return asked && { kind: 'trait', ...asked };
  };
  // all, any, and none: not any.
  const group_of = (tree) => {
    if (!is_map(tree)) return null;
    for (const join of ['all', 'any']) {
      if (Array.isArray(tree[join]) && only(tree, [join])) return { join, items: tree[join] };
    }
    const none = is_map(tree.not) && only(tree, ['not']) && only(tree.not, ['any']) && tree.not.any;
    return Array.isArray(none) ? { join: 'none', items: none } : null;
  };

  // From the fields of a line to its tree; null when something is missing --------------------

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
  const span_of = (number, unit) => (/^[1-9]\d{0,5}$/.test(number) ? number + unit : null);
  const time_of = (number, unit) => {
    const span = span_of(number, unit);
    return span && { ago: span };
  };
  const value_of = (fields) => {
    if (fields.type === 'number') return number_of(fields.value);
    if (fields.type === 'yes') return fields.answer === 'true';
    if (fields.type === 'text') return fields.value || null;
    return time_of(fields.number, fields.unit);
  };
  const list_of = ({ list, list_type }) => {
    const items = items_of(list);
    const values = list_type === 'number' ? items.map(number_of) : items;
    return values.length === 0 || values.includes(null) ? null : values;
  };
  const words_of_language = ['true', 'false', 'null', 'in'];
  const path_of = (kind, name) => {
    const plain = name_form.test(name)
      && !name.split('.').some((part) => words_of_language.includes(part));
    return (kind === 'trait' ? 'user' : 'e') + (plain ? `.${name}` : `[${JSON.stringify(name)}]`);
  };
  const plain_tree = (kind, op, fields) => {
    const subject = { [kind]: fields.name };
    if (op === 'true') return subject;
    if (op === 'known') return { ...subject, op: '!=', value: null };
    if (op === 'unknown') return { ...subject, op: '==', value: null };
    if (calls[op]) {
      const call = `${path_of(kind, fields.name)}.${calls[op]}(${JSON.stringify(fields.piece)})`;
      return fields.piece ? { cel: call } : null;
    }
    const value = op === 'in' ? list_of(fields) : value_of(fields);
    return value === null ? null : { ...subject, op, value };
  };
  const asked_tree = (kind, fields) => {
    if (!fields.name) return null;
    const positive = positives[fields.op];
    const tree = plain_tree(kind, positive ?? fields.op, fields);
    return tree && Boolean(positive) !== (fields.not === 'yes') ? { not: tree } : tree;
  };
  const narrowed = ({ window, last, span, until, until_span }) => {
    if (window === 'ever') return {};
    if (window === 'within') return { within: span_of(last, span) };
    if (window === 'before') return { before: time_of(last, span) };
    const bounds = [time_of(last, span), time_of(until, until_span)];
    return { between: bounds.includes(null) ? null : bounds };
  };
  // `asked` is {events: {names, ..}} or {sent: {campaign}}, to be finished.
  const finished = (kind, asked, { how, ...fields }) => {
    const history = { ...asked, finish: how };
    if (how === 'any' || how === 'none') return { [kind]: history };
    if (finishes.sums.includes(how)) {
      if (!fields.of) return null;
      history.of = fields.of;
    }
    const span = span_of(fields.number, fields.unit);
    const moment = finishes.moments.includes(how);
    const value = moment ? span && { ago: span }
      : finishes.spans.includes(how) ? span && { dur: span } : number_of(fields.times);
    const op = moment ? fields.side : fields.op;
    return value === null ? null : { [kind]: history, op, value };
  };
  const history_tree = (fields) => {
    const kind = fields.kind === 'sent' ? 'sent' : 'events';
    const window = narrowed(fields);
    if (Object.values(window).includes(null)) return null;
    const filters = (fields.filters ?? []).map((one) => asked_tree('field', one));
    const names = kind === 'sent' ? [fields.campaign] : fields.names;
    if (names.length === 0 || names.includes('') || filters.includes(null)) return null;
    const where = filters.length === 0 ? {}
      : { where: filters.length === 1 ? filters[0] : { all: filters } };
    const source = kind === 'sent' ? { campaign: fields.campaign } : { names };
    const tree = finished(kind, { ...source, ...window, ...where }, fields);
    return tree && fields.not === 'yes' ? { not: tree } : tree;
  };
  const tree_of = (fields) => {
    if (fields.kind === 'event' || fields.kind === 'sent') return history_tree(fields);
    if (fields.kind === 'trait') return asked_tree('trait', fields);
    if (fields.kind === 'score') return asked_tree('score', { ...fields, type: 'number' });
    if (fields.kind === 'consent') {
      return { consent: fields.name, op: fields.op, value: fields.state };
    }
    if (!fields.id) return null;
    const member = { [fields.kind === 'list' ? 'in_list' : 'in_segment']: fields.id };
    return fields.is === 'not' ? { not: member } : member;
  };
  // Whether something was typed for a number that is none.
  const has_no_number = (fields) => {
    const asked = relations.includes(fields.op);
    const listed_numbers = ['in', 'not_in'].includes(fields.op) && fields.list_type === 'number';
    const typed = [
      ...(asked && fields.type === 'number' ? [fields.value] : []),
      ...(listed_numbers ? items_of(fields.list) : []),
    ];
    return typed.some((text) => text !== '' && number_of(text) === null)
      || (fields.filters ?? []).some(has_no_number);
  };
  // Whether it holds for those, too, who have no such value: they are told apart from no other.
  const holds_without_value = ({ how, op, side, not }) => {
    const lacking = ['avg', 'min', 'max', ...finishes.spans, ...finishes.moments];
    if (how !== undefined && !lacking.includes(how)) return false;
    const asked = finishes.moments.includes(how) ? side : op;
    const negative = asked === '!=' || asked in positives;
    return not === 'yes' ? !negative && !['known', 'unknown'].includes(asked) : negative;
  };
  const with_comments = (tree, comments) => (Object.keys(comments).length === 0 ? tree
    : tree.not ? { not: { ...tree.not, ...comments } } : { ...tree, ...comments });
  const comments_of = (tree) => {
    const at = is_map(tree.not) ? tree.not : tree;
    return Object.fromEntries(around.filter((key) => key in at).map((key) => [key, at[key]]));
  };

  // The words of a locked line, for reading; what is kept is its tree -----------------------

  const joined = (items, sign) => items
    .map((item) => (group_of(item) ? `(${words_of(item)})` : words_of(item)))
    .join(sign);
  const operand = (value) => {
    if (Array.isArray(value)) return `[${value.map(operand).join(', ')}]`;
    if (!is_map(value)) return JSON.stringify(value);
    const [[name, inner]] = Object.entries(value);
    return { cel: inner, trait: `user.${inner}`, field: `e.${inner}` }[name]
      ?? `${name}(${JSON.stringify(inner)})`;
  };
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

  window.winback_lines = {
    fields_of, tree_of, group_of, words_of, with_comments, comments_of, has_no_number,
    holds_without_value,
  };
})();
