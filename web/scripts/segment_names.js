// Completion of names in a condition: what the base has seen and what the language has.
//
// The names stand in the page's datalists, names-events and the like. Arrow keys choose, Enter and
// Tab take, Escape closes; the list stands under the caret, found by the copy of the text that
// code_lines.js keeps behind the text area.
(() => {
  'use strict';
  const shown_max = 12;
  const code = document.querySelector('.code[data-names]');
  if (!code) return;
  const area = code.querySelector('textarea');
  const list = document.getElementById(area.getAttribute('aria-controls'));

  const names_of = (kind) => [...(document.getElementById(`names-${kind}`)?.options ?? [])]
    .map(({ value, label }) => ({ value, label: label === value ? '' : label }));

  // Where the caret stands: the kind of name that fits, and what of it is typed. First match wins.
  const quoted = String.raw`\(\s*(?:\[(?:[^\]]*,)?\s*)?(["'])([^"']*)$`;
  const places = [
    ...[['ev|then', 'events'], ['sent', 'campaigns'], ['in_segment|in_any', 'segments'],
      ['in_list', 'lists'], ['score', 'scores'], ['consent|consent_changes', 'channels'],
      ['sum|avg|min|max|distinct|first|last', 'properties']]
      .map(([calls, kind]) => (
        { kind, form: new RegExp(String.raw`\b(?:${calls})${quoted}`), quote: true })),
    { kind: '', form: /(["'])[^"']*$/, in_text: true },
    { kind: 'traits', form: /\buser\.([\w.]*)$/ },
    { kind: 'properties', form: /\b(?!user\b)([A-Za-z_]\w*)\.([\w.]*)$/, of_event: true },
    { kind: 'methods', form: /\)\s*\.(\w*)$/, call: true },
    { kind: 'functions', form: /(?:^|[^\w.])([a-z]\w*)$/ },
  ];
  const in_a_text = (line, mark) => line.replace(/\\./g, '').split(mark).length % 2 === 0;
  // The calls that a chain is made of, backwards from its end: "any", "within", "ev" of
  // ev("a").within("3d").any(). What stands in texts is no parenthesis.
  const chain_of = (text) => {
    const texts = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;
    const blank = text.replace(texts, (it) => '_'.repeat(it.length));
    const calls = [];
    let at = blank.trimEnd().length;
    while (blank[at - 1] === ')') {
      let open = 0;
      do {
        at -= 1;
        open += { ')': 1, '(': -1 }[blank[at]] ?? 0;
      } while (open > 0 && at > 0);
      const name = /(\.\s*)?([A-Za-z_]\w*)\s*$/.exec(blank.slice(0, at));
      if (!name) break;
      calls.push(name[2]);
      if (!name[1]) break;
      at = blank.slice(0, name.index).trimEnd().length;
    }
    return calls;
  };
  // Events are narrowed and finished; what they are finished to is a value, or nothing follows it.
  const after_call = (before) => {
    const [last, ...earlier] = chain_of(before.slice(0, before.lastIndexOf('.')));
    const steps = ['within', 'between', 'since', 'before', 'where', 'then'];
    const of_events = ['ev', 'sent'].includes(earlier.at(-1) ?? last);
    return of_events && (earlier.length === 0 || steps.includes(last)) ? 'steps' : 'methods';
  };
  // `e` is the event unless where(..) calls it otherwise.
  const is_event = (name, before) => name === 'e'
    || new RegExp(String.raw`\bwhere\(\s*${name}\s*,`).test(before);
  const place_of = (before) => {
    const line = before.slice(before.lastIndexOf('\n') + 1);
    for (const { kind, form, quote, in_text, of_event, call } of places) {
      const found = form.exec(quote || call ? before : line);
      if (!found || ((quote || in_text) && !in_a_text(line, found[1]))) continue;
      if (in_text) return null;
      if (of_event && !is_event(found[1], before)) continue;
      return {
        kind: call ? after_call(before) : kind,
        typed: quote || of_event ? found[2] : found[1],
        quote: quote ? found[1] : '',
      };
    }
    return null;
  };
  // Behind a name that is known stands what can be asked of its value: user.plan.contains
  const behind_a_name = ({ kind, typed }) => {
    const dot = typed.lastIndexOf('.');
    const is_path = ['traits', 'properties'].includes(kind) && dot > 0;
    const known = is_path && names_of(kind).some(({ value }) => value === typed.slice(0, dot));
    return known ? { kind: 'methods', typed: typed.slice(dot + 1), quote: '' } : null;
  };

  let place = null;
  let chosen = -1;

  const close = () => {
    list.hidden = true;
    place = null;
    chosen = -1;
    area.removeAttribute('aria-activedescendant');
  };

  const choose = (index) => {
    const items = [...list.children];
    chosen = (index + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute('aria-selected', String(i === chosen)));
    items[chosen].scrollIntoView({ block: 'nearest' });
    area.setAttribute('aria-activedescendant', items[chosen].id);
  };

  // The place of a letter in the copy behind the text area.
  const caret_box = (at) => {
    const lines = area.value.slice(0, at).split('\n');
    const block = code.querySelector('.lines').children[lines.length - 1];
    if (!block) return null;
    let left = lines[lines.length - 1].length;
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (left <= node.length) {
        const range = document.createRange();
        range.setStart(node, left);
        range.setEnd(node, left);
        const box = range.getBoundingClientRect();
        return box.height ? box : block.getBoundingClientRect();
      }
      left -= node.length;
    }
    return block.getBoundingClientRect();
  };

  const stand = () => {
    const box = caret_box(area.selectionStart - place.typed.length);
    const around = code.parentElement.getBoundingClientRect();
    if (!box) return;
    list.style.top = `${box.bottom - around.top + 4}px`;
    const room = around.width - list.offsetWidth;
    list.style.left = `${Math.max(0, Math.min(box.left - around.left, room))}px`;
  };

  // Names that begin as typed come first, then those that have it inside.
  const fitting = () => {
    const typed = place.typed.toLowerCase();
    const names = names_of(place.kind).filter(({ value }) => value !== place.typed);
    const begin = names.filter(({ value }) => value.toLowerCase().startsWith(typed));
    const inside = names.filter((name) => !begin.includes(name) && typed.length > 1 &&
      `${name.value} ${name.label}`.toLowerCase().includes(typed));
    return [...begin, ...inside].slice(0, shown_max);
  };

  const offer = () => {
    const at = area.selectionStart;
    place = at === area.selectionEnd ? place_of(area.value.slice(0, at)) : null;
    let names = place ? fitting() : [];
    const behind = place && names.length === 0 ? behind_a_name(place) : null;
    if (behind) {
      place = behind;
      names = fitting();
    }
    if (names.length === 0) {
      close();
      return;
    }
    list.replaceChildren(...names.map(({ value, label }, i) => {
      const item = document.createElement('li');
      item.id = `name-${i}`;
      item.setAttribute('role', 'option');
      item.dataset.value = value;
      item.textContent = value;
      if (label) {
        const small = document.createElement('small');
        small.textContent = label;
        item.append(' ', small);
      }
      return item;
    }));
    list.hidden = false;
    choose(0);
    stand();
  };

  // Undo takes it back as if it had been typed.
  const insert = (value) => {
    const { typed, quote, kind } = place;
    const at = area.selectionStart;
    const after = area.value.slice(at);
    const escaped = quote ? value.replace(/["'\\]/g, '\\$&') : value;
    const may_call = ['functions', 'methods', 'steps'].includes(kind);
    const call = may_call && !after.startsWith('(') && value !== 'user';
    const closed = quote && !after.startsWith(quote) ? quote : call ? '(' : '';
    // A name that is no word stands in brackets, in place of the dot.
    const bracketed = ['traits', 'properties'].includes(kind) && !quote
      && !/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(value);
    const from = at - typed.length - (bracketed ? 1 : 0);
    const text = bracketed ? `[${JSON.stringify(value)}]` : escaped + closed;
    area.setSelectionRange(from, at);
    if (!document.execCommand('insertText', false, text)) {
      area.setRangeText(text, from, at, 'end');
      area.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (!call) close();
  };

  area.addEventListener('input', offer);
  area.addEventListener('keydown', (event) => {
    if (list.hidden) {
      if (event.key === ' ' && event.ctrlKey) {
        event.preventDefault();
        offer();
      }
      return;
    }
    const act = {
      ArrowDown: () => choose(chosen + 1),
      ArrowUp: () => choose(chosen - 1),
      Enter: () => insert(list.children[chosen].dataset.value),
      Tab: () => insert(list.children[chosen].dataset.value),
      Escape: close,
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  // The mouse must not take the focus from the text.
  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    const item = event.target.closest('[role="option"]');
    if (item) insert(item.dataset.value);
  });
  area.addEventListener('blur', close);
  area.addEventListener('scroll', close);
  area.addEventListener('click', close);
})();
