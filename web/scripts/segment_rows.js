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
  const {
    fields_of, tree_of, group_of, words_of, with_comments, comments_of, has_no_number,
    holds_without_value,
  } = window.winback_lines;

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
  const show_needed = (element) => {
    const values = take(element);
    const own = (part) => part.closest('[data-part], .line') === element;
    for (const hint of element.querySelectorAll('[data-missing]')) {
      if (own(hint)) hint.hidden = !holds_without_value(values);
    }
    for (const part of [...element.querySelectorAll('[data-when]')].filter(own)) {
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
    const note = line.querySelector('[data-open]');
    const no_number = open && (has_no_number(fields)
      || [...line.querySelectorAll('input')].some(({ validity }) => validity.badInput));
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
    const place = event.target.closest('[data-part], .line');
    if (event.target.matches('[data-kinds]')) return;
    if (event.target.dataset.field === 'name' && event.target.list) choose_type(event.target);
    if (event.target.dataset.field === 'op' && place) carry(place);
    if (place) show_needed(place);
    built();
  });
})();
