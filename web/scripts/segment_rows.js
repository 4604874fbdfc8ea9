// The builder: a condition's tree (docs/design/conditions.md) as lines that people fill in.
//
// Lines are copies of the markup in #rows, which has the words; segment_lines.js knows which tree a
// line says. What no line can say stands as a locked line and is kept as it is; a line that nobody
// touched gives back the very tree that it was made of. Hears "winback:tree" and "winback:parts" on
// #build, says "winback:built".
(() => {
  'use strict';
  const depth_max = 3;
  const build = document.getElementById('build');
  const shapes = document.getElementById('rows');
  if (!build || !shapes) return;
  const { words_of } = window.winback_words;
  const {
    fields_of, tree_of, group_of, with_comments, comments_of, has_no_number, holds_without_value,
  } = window.winback_lines;

  // Lines in the page ------------------------------------------------------------------------

  const kept = new WeakMap(); // Of a line: {tree, fields, comments} as it was made.
  const shape = (name) => {
    const copy = shapes.querySelector(`[data-shape="${name}"]`).cloneNode(true);
    copy.removeAttribute('data-shape');
    return copy;
  };
  // A line, or a part of one with fields of its own.
  const owner_of = (element) => element?.closest('[data-part], .line');
  const own_fields = (element) => [...element.querySelectorAll('[data-field]')]
    .filter((field) => owner_of(field) === element);
  const own_parts = (element, ...names) => [...element.querySelectorAll('[data-part]')]
    .filter((part) => names.includes(part.dataset.part)
      && owner_of(part.parentElement) === element);
  const put = (element, fields) => {
    for (const field of own_fields(element)) {
      const value = fields[field.dataset.field];
      if (value === undefined) continue;
      if (field.type === 'checkbox') {
        field.checked = value === 'yes';
        continue;
      }
      const offered = () => [...field.options].some((option) => option.value === value);
      if (field.tagName === 'SELECT' && !offered()) {
        field.append(new Option(value, value));
      }
      field.value = value;
    }
  };
  const value_in = (field) => (
    field.type === 'checkbox' ? (field.checked ? 'yes' : '') : field.value);
  const take = (element) => Object.fromEntries(
    own_fields(element).map((field) => [field.dataset.field, value_in(field)]));
  // Parts that every line of a kind has, and those that are added: where their fields stand.
  const fixed = ['from', 'to', 'moment', 'answer'];
  const added = { name: 'names', filter: 'filters', item: 'filters', inner: 'asked', id: 'ids' };
  const plain = { name: 'name', id: 'id' }; // Of one field only.
  const read = (element) => {
    const fields = take(element);
    if (element.dataset.kind) fields.kind = element.dataset.kind;
    for (const part of own_parts(element, ...fixed)) fields[part.dataset.part] = read(part);
    for (const place of new Set(Object.values(added))) {
      const names = Object.keys(added).filter((name) => added[name] === place);
      const offered = [...element.querySelectorAll(`[data-${place}]`)];
      if (!offered.some((holder) => owner_of(holder) === element)) continue;
      fields[place] = own_parts(element, ...names).map((part) => {
        const one = read(part);
        return part.dataset.part in plain ? one[plain[part.dataset.part]] : one;
      });
    }
    const [then] = own_parts(element, 'then');
    return then ? { ...fields, then: read(then) } : fields;
  };
  const show_needed = (element) => {
    const followed = own_parts(element, 'then').length > 0 ? 'yes' : 'no';
    const values = { ...read(element), followed };
    const own = (part) => owner_of(part) === element;
    for (const hint of element.querySelectorAll('[data-missing]')) {
      if (own(hint)) hint.hidden = !holds_without_value(values);
    }
    // Times are not more or less, but earlier or later.
    for (const option of element.querySelectorAll('option[data-of-time]')) {
      const of_time = ['ago', 'date'].includes(values.type);
      if (own(option)) option.label = of_time ? option.dataset.ofTime : option.text;
    }
    for (const part of [...element.querySelectorAll('[data-when]')].filter(own)) {
      part.hidden = !part.dataset.when.split(' ').every((rule) => {
        const [name, allowed] = rule.split(':');
        return allowed.split(',').includes(values[name]);
      });
    }
  };
  const fill = (element, fields) => {
    put(element, fields);
    for (const part of own_parts(element, ...fixed)) fill(part, fields[part.dataset.part] ?? {});
    for (const name of fields.names ?? []) add_part(element, 'name', { name });
    for (const id of fields.ids ?? []) add_part(element, 'id', { id });
    for (const one of fields.filters ?? []) add_part(element, one.asked ? 'item' : 'filter', one);
    for (const one of fields.asked ?? []) add_part(element, 'inner', one);
    if (fields.then) add_part(element, 'then', fields.then);
    show_needed(element);
  };
  const add_part = (element, name, fields) => {
    const part = shape(name);
    element.querySelector(`[data-${added[name] ?? name}]`).append(part);
    fill(part, fields);
    return part;
  };

  // Those before it stand above the line, those behind it below.
  const show_comments = (line, comments) => {
    for (const note of line.querySelectorAll('[data-comment]')) {
      note.textContent = comments[note.dataset.comment] ?? '';
      note.hidden = note.textContent === '';
    }
  };
  const make_line = (tree) => {
    const fields = fields_of(tree);
    const line = shape(fields ? fields.kind : 'locked');
    line.dataset.kind = fields ? fields.kind : 'locked';
    const comments = comments_of(tree);
    show_comments(line, comments);
    if (!fields) {
      line.querySelector('[data-text]').textContent = words_of(tree);
      kept.set(line, { tree });
      return line;
    }
    fill(line, fields);
    kept.set(line, { tree, read: JSON.stringify(read(line)), comments });
    return line;
  };
  const new_line = (kind) => {
    const line = shape(kind);
    line.dataset.kind = kind;
    fill(line, { event: { names: [''] }, segment: { ids: [undefined] } }[kind] ?? {});
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
    const note = line.querySelector('[data-open]');
    const numbers = [...line.querySelectorAll('input[type="number"]')];
    const no_number = open && (has_no_number(fields)
      || numbers.some(({ validity }) => validity.badInput));
    note.textContent = no_number ? note.dataset.number : note.dataset.open;
    note.hidden = !open;
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
  // How many are left after each line, and how many each line of a group holds for alone.
  const show_counted = (items, counted) => {
    const asked = items.filter((item) => tree_of_item(item) !== null);
    if (asked.length !== counted.length) return;
    asked.forEach((item, i) => {
      const { text, parts } = counted[i];
      const own = [...item.querySelectorAll('[data-count]')]
        .find((place) => place.closest('.line, .group') === item);
      own.textContent = text;
      if (!item.matches('.group')) return;
      // What a group of one line says is that line.
      show_counted(items_of(item), parts.length > 0 ? parts : [counted[i]]);
    });
  };
  build.addEventListener('winback:parts', (event) => {
    for (const place of build.querySelectorAll('[data-count]')) place.textContent = '';
    if (!root) return;
    const counted = event.detail;
    const joined_by_all = root.querySelector('[data-join]').value === 'all';
    const whole = counted.length === 1 && counted[0].parts.length > 0;
    show_counted(items_of(root), joined_by_all || !whole ? counted : counted[0].parts);
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
    name: (element) => focus_first(add_part(element, 'name', {})),
    id: (line) => focus_first(add_part(line, 'id', {})),
    filter: (line) => focus_first(add_part(line, 'filter', {})),
    item: (line) => focus_first(own_parts(add_part(line, 'item', { asked: [{}] }), 'inner')[0]),
    inner: (part) => focus_first(add_part(part, 'inner', {})),
    then: (line) => {
      focus_first(add_part(line, 'then', { names: [''] }));
      show_needed(line);
    },
    drop: (part) => {
      const owner = owner_of(part.parentElement);
      const { part: name } = part.dataset;
      const needed = ['name', 'id', 'inner'].includes(name) && own_parts(owner, name).length === 1;
      if (!needed) part.remove();
      show_needed(owner);
      focus_first(owner);
    },
  };
  build.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-act]');
    if (!button) return;
    const places = {
      line: '.group', group: '.group', remove: '.line, .group', drop: '[data-part]',
    };
    const at = places[button.dataset.act] ?? '[data-part], .line';
    acts[button.dataset.act](button.closest(at), button);
    built();
  });
  // A trait whose type is known asks for a value of that type.
  const choose_type = (field) => {
    const list = field.list
      && [...field.list.options].find((option) => option.value === field.value);
    const type = list && list.dataset.type;
    const place = owner_of(field);
    if (type) put(place, { type, list_type: type === 'number' ? 'number' : 'text' });
    if (place) show_needed(place);
  };
  // What was typed for one comparison stays for the next, which has a field of its own.
  const carry = (place) => {
    const typed = ['value', 'piece', 'list']
      .map((name) => own_fields(place).find((field) => field.dataset.field === name))
      .filter(Boolean);
    const text = typed.map(({ value }) => value).find(Boolean);
    for (const field of typed) field.value ||= text ?? '';
  };
  build.addEventListener('input', (event) => {
    const place = owner_of(event.target);
    if (event.target.matches('[data-kinds]')) return;
    if (event.target.dataset.field === 'name' && event.target.list) choose_type(event.target);
    if (event.target.dataset.field === 'op' && place) carry(place);
    // What a part says may need to be told of the line around it.
    for (let at = place; at; at = owner_of(at.parentElement)) show_needed(at);
    built();
  });
})();
