// The builder: a condition's tree (docs/design/conditions.md) as lines that people fill in.
//
// Lines are copies of the markup in #rows, which has the words. What no line can say stands as a
// locked line and is kept as it is; a line that nobody touched gives back the very tree that it
// was made of. Hears "winback:tree" and "winback:parts" on #build, says "winback:built".
(() => {
  'use strict';
  const depth_max = 3;
  const build = document.getElementById('build');
  const shapes = document.getElementById('rows');
  if (!build || !shapes) return;

  const only = (map, keys) => Object.keys(map).every((key) => keys.includes(key));
  const is_map = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const around = ['comment', 'comment_after'];

  // From a tree to the fields of a line; null when no line can say it ------------------------

  const relations = ['==', '!=', '>', '>=', '<', '<='];
  const span_fields = (text) => {
    const parts = /^([1-9]\d{0,5})(mo|[mhdwy])$/.exec(typeof text === 'string' ? text : '');
    return parts && { number: parts[1], unit: parts[2] };
  };
  // 500.0, which JSON would write as 500, is a text in the tree; in a comparison they are the same.
  const number_in = (value) => {
    const whole = is_map(value) && only(value, ['cel']) && /^(-?\d{1,15})\.0$/.exec(value.cel);
    return whole ? whole[1] : typeof value === 'number' ? String(value) : null;
  };
  const value_fields = (value) => {
    if (number_in(value) !== null) return { type: 'number', value: number_in(value) };
    if (typeof value === 'string') return /[\r\n]/.test(value) ? null : { type: 'text', value };
    if (typeof value === 'boolean') return { type: 'yes', answer: String(value) };
    const span = is_map(value) && only(value, ['ago']) && span_fields(value.ago);
    return span ? { type: 'ago', ...span } : null;
  };
  // A named value and what is asked of it: {trait, op, value}, {trait}, {not: {trait}}.
  const asked_fields = (tree, kind) => {
    if (tree.not && only(tree, ['not'])) {
      const bare = is_map(tree.not) && typeof tree.not[kind] === 'string' && only(tree.not, [kind]);
      return bare ? { name: tree.not[kind], op: 'untrue' } : null;
    }
    const members = [kind, 'op', 'value', ...around];
    if (typeof tree[kind] !== 'string' || !only(tree, members)) return null;
    if (!('op' in tree)) return { name: tree[kind], op: 'true' };
    if (tree.value === null) {
      const op = { '==': 'unknown', '!=': 'known' }[tree.op];
      return op ? { name: tree[kind], op } : null;
    }
    const value = relations.includes(tree.op) && value_fields(tree.value);
    return value ? { name: tree[kind], op: tree.op, ...value } : null;
  };

  const finish_fields = (tree, events) => {
    const { finish, of } = events;
    const compared = relations.includes(tree.op);
    if (finish === 'any' || finish === 'none') return 'op' in tree || of ? null : { how: finish };
    if (!compared) return null;
    if (finish === 'since_last') {
      const span = is_map(tree.value) && only(tree.value, ['dur']) && span_fields(tree.value.dur);
      if (!span || of) return null;
      return { how: finish, op: tree.op, number: span.number, unit: span.unit };
    }
    const times = number_in(tree.value);
    if (times === null) return null;
    if (finish === 'count' || finish === 'days_active') {
      return of ? null : { how: finish, op: tree.op, times };
    }
    return ['sum', 'avg', 'min', 'max'].includes(finish) && typeof of === 'string'
      ? { how: finish, of, op: tree.op, times } : null;
  };
  const event_fields = (tree) => {
    const events = tree.events;
    if (!is_map(events) || !only(tree, ['events', 'op', 'value', ...around])) return null;
    if (!only(events, ['names', 'within', 'where', 'finish', 'of'])) return null;
    const names = Array.isArray(events.names) ? events.names : [events.names];
    const finish = finish_fields(tree, events);
    const window = events.within ? span_fields(events.within) : {};
    if (!finish || !window || !names.every((name) => typeof name === 'string')) return null;
    const { where } = events;
    const several = where && Array.isArray(where.all) && only(where, ['all']);
    const conditions = !where ? [] : several ? where.all : [where];
    const filters = conditions.map((one) => (
      around.some((key) => key in one) ? null : asked_fields(one, 'field')));
    if (filters.includes(null)) return null;
    const lasting = events.within
      ? { window: 'within', last: window.number, span: window.unit } : { window: 'ever' };
    return { kind: 'event', names, filters, ...finish, ...lasting };
  };
  const member_fields = (tree) => {
    const negated = is_map(tree.not) && only(tree, ['not']);
    const inner = negated ? tree.not : tree;
    const kind = ['in_segment', 'in_list'].find((name) => typeof inner[name] === 'string');
    if (!kind || !only(inner, [kind, ...around])) return null;
    const what = kind === 'in_list' ? 'list' : 'segment';
    return { kind: what, is: negated ? 'not' : 'in', id: inner[kind] };
  };
  const fields_of = (tree) => {
    if (!is_map(tree)) return null;
    if ('events' in tree) return event_fields(tree);
    if ('score' in tree) {
      const asked = asked_fields(tree, 'score');
      return asked && asked.type === 'number' ? { kind: 'score', ...asked } : null;
    }
    if ('consent' in tree) {
      const asked = asked_fields(tree, 'consent');
      const fits = asked && asked.type === 'text' && ['==', '!='].includes(asked.op);
      return fits ? { kind: 'consent', name: asked.name, op: asked.op, state: asked.value } : null;
    }
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

  const number_of = (text) => {
    const number = text === '' || text === undefined ? NaN : Number(text);
    const exact = !Number.isInteger(number) || Number.isSafeInteger(number);
    return Number.isFinite(number) && exact ? number : null;
  };
  const span_of = (number, unit) => (/^[1-9]\d{0,5}$/.test(number) ? number + unit : null);
  const value_of = (fields) => {
    if (fields.type === 'number') return number_of(fields.value);
    if (fields.type === 'yes') return fields.answer === 'true';
    if (fields.type === 'text') return fields.value || null;
    const span = span_of(fields.number, fields.unit);
    return span && { ago: span };
  };
  const asked_tree = (kind, fields) => {
    if (!fields.name) return null;
    const subject = { [kind]: fields.name };
    if (fields.op === 'true') return subject;
    if (fields.op === 'untrue') return { not: subject };
    if (fields.op === 'known') return { ...subject, op: '!=', value: null };
    if (fields.op === 'unknown') return { ...subject, op: '==', value: null };
    const value = value_of(fields);
    return value === null ? null : { ...subject, op: fields.op, value };
  };
  const event_tree = (fields) => {
    const filters = fields.filters.map((one) => asked_tree('field', one));
    if (fields.names.length === 0 || fields.names.includes('')) return null;
    if (filters.includes(null)) return null;
    const events = { names: fields.names };
    if (fields.window === 'within') {
      events.within = span_of(fields.last, fields.span);
      if (!events.within) return null;
    }
    if (filters.length) events.where = filters.length === 1 ? filters[0] : { all: filters };
    events.finish = fields.how;
    if (fields.how === 'any' || fields.how === 'none') return { events };
    if (fields.how === 'since_last') {
      const span = span_of(fields.number, fields.unit);
      return span && { events, op: fields.op, value: { dur: span } };
    }
    if (!['count', 'days_active'].includes(fields.how)) {
      if (!fields.of) return null;
      events.of = fields.of;
    }
    const value = number_of(fields.times);
    return value === null ? null : { events, op: fields.op, value };
  };
  const tree_of = (fields) => {
    if (fields.kind === 'event') return event_tree(fields);
    if (fields.kind === 'trait') return asked_tree('trait', fields);
    if (fields.kind === 'score') return asked_tree('score', { ...fields, type: 'number' });
    if (fields.kind === 'consent') {
      return { consent: fields.name, op: fields.op, value: fields.state };
    }
    if (!fields.id) return null;
    const member = { [fields.kind === 'list' ? 'in_list' : 'in_segment']: fields.id };
    return fields.is === 'not' ? { not: member } : member;
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

  // Lines in the page ------------------------------------------------------------------------

  const kept = new WeakMap(); // Of a line: {tree, fields, comments} as it was made.
  const shape = (name) => {
    const copy = shapes.querySelector(`[data-shape="${name}"]`).cloneNode(true);
    copy.removeAttribute('data-shape');
    return copy;
  };
  // Fields of this element, not those of a part with fields of its own.
  const own_fields = (element) => [...element.querySelectorAll('[data-field]')]
    .filter((field) => field.closest('[data-part], .line') === element);
  const put = (element, fields) => {
    for (const field of own_fields(element)) {
      const value = fields[field.dataset.field];
      if (value === undefined) continue;
      const offered = () => [...field.options].some((option) => option.value === value);
      if (field.tagName === 'SELECT' && !offered()) {
        field.append(new Option(value, value));
      }
      field.value = value;
    }
  };
  const take = (element) => Object.fromEntries(
    own_fields(element).map((field) => [field.dataset.field, field.value]));
  const show_needed = (element) => {
    const values = take(element);
    for (const part of element.querySelectorAll('[data-when]')) {
      if (part.closest('[data-part], .line') !== element) continue;
      part.hidden = !part.dataset.when.split(' ').every((rule) => {
        const [name, allowed] = rule.split(':');
        return allowed.split(',').includes(values[name]);
      });
    }
  };
  const add_part = (line, name, fields) => {
    const part = shape(name);
    put(part, fields);
    line.querySelector(`[data-${name}s]`).append(part);
    show_needed(part);
    return part;
  };
  const parts_of = (line, name) => [...line.querySelectorAll(`[data-part="${name}"]`)];
  const read = (line) => {
    const fields = { kind: line.dataset.kind, ...take(line) };
    if (fields.kind === 'event') {
      fields.names = parts_of(line, 'name').map((part) => take(part).name);
      fields.filters = parts_of(line, 'filter').map(take);
    }
    return fields;
  };

  const show_comment = (line, comments) => {
    const note = line.querySelector('[data-comment]');
    note.textContent = Object.values(comments).join(' ');
    note.hidden = note.textContent === '';
  };
  const make_line = (tree) => {
    const fields = fields_of(tree);
    const line = shape(fields ? fields.kind : 'locked');
    line.dataset.kind = fields ? fields.kind : 'locked';
    const comments = comments_of(tree);
    show_comment(line, comments);
    if (!fields) {
      line.querySelector('[data-text]').textContent = words_of(tree);
      kept.set(line, { tree });
      return line;
    }
    put(line, fields);
    for (const name of fields.names ?? []) add_part(line, 'name', { name });
    for (const filter of fields.filters ?? []) add_part(line, 'filter', filter);
    show_needed(line);
    kept.set(line, { tree, read: JSON.stringify(read(line)), comments });
    return line;
  };
  const new_line = (kind) => {
    const line = shape(kind);
    line.dataset.kind = kind;
    if (kind === 'event') add_part(line, 'name', {});
    show_needed(line);
    kept.set(line, { comments: {} });
    return line;
  };
  const make_group = ({ join, items }, depth) => {
    const group = shape('group');
    group.dataset.depth = depth;
    group.querySelector('[data-join]').value = join;
    group.querySelector('[data-lines]').append(...items.map((item) => make_item(item, depth)));
    if (depth >= depth_max) group.querySelector('[data-act="group"]').remove();
    return group;
  };
  const make_item = (tree, depth) => {
    const group = depth < depth_max ? group_of(tree) : null;
    return group ? make_group(group, depth + 1) : make_line(tree);
  };

  // From the page to the tree ------------------------------------------------------------------

  const tree_of_line = (line) => {
    const { tree, read: before, comments } = kept.get(line);
    if (line.dataset.kind === 'locked') return tree;
    const fields = read(line);
    const made = tree && JSON.stringify(fields) === before ? tree : tree_of(fields);
    const open = made === null;
    line.classList.toggle('open', open);
    line.querySelector('[data-open]').hidden = !open;
    return made === null || made === tree ? made : with_comments(made, comments);
  };
  const items_of = (group) => [...group.querySelector('[data-lines]').children];
  const tree_of_item = (item) => (
    item.matches('.group') ? tree_of_group(item) : tree_of_line(item));
  const tree_of_group = (group) => {
    const items = items_of(group).map(tree_of_item).filter((tree) => tree !== null);
    if (items.length === 0) return null;
    const join = group.querySelector('[data-join]').value;
    if (join === 'none') return { not: { any: items } };
    return items.length === 1 ? items[0] : { [join]: items };
  };

  let root = null;
  const built = () => {
    const tree = tree_of_group(root);
    const open = build.querySelectorAll('.line.open').length;
    build.dispatchEvent(new CustomEvent('winback:built', { detail: { tree, open } }));
  };
  const show = (tree) => {
    const whole = tree && group_of(tree);
    root = make_group(whole || { join: 'all', items: tree ? [tree] : [] }, 1);
    root.classList.add('root');
    root.querySelector('[data-act="remove"]').remove();
    build.replaceChildren(root);
  };
  build.addEventListener('winback:tree', (event) => show(event.detail));
  // How many are left after each line and how many it holds for alone.
  build.addEventListener('winback:parts', (event) => {
    for (const place of build.querySelectorAll('[data-count]')) place.textContent = '';
    if (!root) return;
    const counted = items_of(root).filter((item) => tree_of_item(item) !== null);
    const joined_by_all = root.querySelector('[data-join]').value === 'all' || counted.length === 1;
    if (!joined_by_all || counted.length !== event.detail.length) return;
    counted.forEach((item, i) => {
      item.querySelector('[data-count]').textContent = event.detail[i];
    });
  });

  // What is pressed ------------------------------------------------------------------------------

  const focus_first = (element) => element.querySelector('input, select')?.focus();
  const acts = {
    line: (group, button) => {
      const line = new_line(group.querySelector(':scope > .add [data-kinds]').value);
      group.querySelector('[data-lines]').append(line);
      focus_first(line);
    },
    group: (group) => {
      const inner = make_group({ join: 'any', items: [] }, Number(group.dataset.depth) + 1);
      inner.querySelector('[data-lines]').append(new_line('event'));
      group.querySelector('[data-lines]').append(inner);
      focus_first(inner.querySelector('.line'));
    },
    remove: (item) => {
      const next = item.nextElementSibling ?? item.previousElementSibling
        ?? item.parentElement.closest('.group');
      item.remove();
      next?.querySelector('select, input, button')?.focus();
    },
    name: (line) => focus_first(add_part(line, 'name', {})),
    filter: (line) => focus_first(add_part(line, 'filter', {})),
    drop: (part) => {
      const line = part.closest('.line');
      if (part.dataset.part === 'filter' || parts_of(line, 'name').length > 1) part.remove();
      focus_first(line);
    },
  };
  build.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-act]');
    if (!button) return;
    const places = {
      line: '.group', group: '.group', remove: '.line, .group', drop: '[data-part]',
    };
    const at = places[button.dataset.act] ?? '.line';
    acts[button.dataset.act](button.closest(at), button);
    built();
  });
  // A trait whose type is known asks for a value of that type.
  const choose_type = (field) => {
    const list = field.list
      && [...field.list.options].find((option) => option.value === field.value);
    const type = list && list.dataset.type;
    const place = field.closest('[data-part], .line');
    if (type) put(place, { type });
    if (place) show_needed(place);
  };
  build.addEventListener('input', (event) => {
    const place = event.target.closest('[data-part], .line');
    if (event.target.matches('[data-kinds]')) return;
    if (event.target.dataset.field === 'name' && event.target.list) choose_type(event.target);
    if (place) show_needed(place);
    built();
  });
})();
