// The editor of a segment: counts while somebody builds or writes, saves without leaving the page.
//
// The form works without this file. The lines (segment_rows.js) and the text say the same: what was
// changed last is asked about, and the answer brings the other one. A request that is overtaken by
// the next one is dropped.
(() => {
  'use strict';
  const pause_ms = 400;
  const again_ms = 1000; // After "too many at once".
  const svg = 'http://www.w3.org/2000/svg';

  const form = document.getElementById('editor');
  if (!form) return;
  const {
    by_id, numbers, word, value_of, say, send, error_of, show_conflict, on_keys, guard_leaving,
  } = window.winback_editor(form);
  const build = by_id('build');
  const area = by_id('body');
  const code = area.closest('.code');
  const may_open = form.dataset.personal === 'true';

  let mode = 'text';
  let tree = null;      // What the lines say, or what the text was read as.
  let open = 0;         // Lines in which something is missing.
  let from_lines = false; // Whether the lines were changed after the text.
  let readable = false; // Whether the text was read without mistakes.
  let saved = '';
  let answered = '';    // The question to which the page shows the answer.
  let timer = 0;
  let request = null;

  const element = (tag, text, class_name) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (class_name) made.className = class_name;
    return made;
  };
  const asked = () => (from_lines ? { tree } : { condition: area.value });
  const everything = () => JSON.stringify([value_of('name'), value_of('description'), asked()]);
  const is_changed = () => everything() !== saved;

  // What is wrong ------------------------------------------------------------------------------

  const show_mistakes = (mistakes) => {
    const items = mistakes.slice(0, 50).map((mistake) => {
      const item = element('li', '', mistake.warning ? 'hint' : 'error');
      if (mistake.line) {
        const link = element('a', word('line', { line: mistake.line }));
        link.href = '#body';
        Object.assign(link.dataset, { line: mistake.line, column: mistake.column, length: mistake.length });
        item.append(link, ' ');
      }
      const message = element('span', mistake.message);
      message.lang = 'en'; // As the check says it.
      message.dir = 'ltr';
      item.append(message);
      if (mistake.shown) item.append(element('pre', mistake.shown));
      return item;
    });
    const list = element('ul', '', 'mistakes');
    list.append(...items);
    by_id('diagnostics').replaceChildren(...(items.length ? [list] : []));
    const marked = mistakes.filter(({ line }) => line).map((mistake) => ({ ...mistake, place: 'body' }));
    code.dispatchEvent(new CustomEvent('winback:mistakes', { detail: marked }));
    area.toggleAttribute('aria-invalid', mistakes.some(({ warning }) => !warning));
  };
  document.addEventListener('click', (event) => {
    const link = event.target.closest('#diagnostics a[data-line]');
    if (!link) return;
    event.preventDefault();
    choose_mode('text');
    code.dispatchEvent(new CustomEvent('winback:go', { detail: {
      line: Number(link.dataset.line), column: Number(link.dataset.column), length: Number(link.dataset.length),
    } }));
  });

  // Who it holds for -----------------------------------------------------------------------------

  const bar = (share) => {
    const picture = document.createElementNS(svg, 'svg');
    const attributes = { class: 'share', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' };
    for (const [name, value] of Object.entries(attributes)) picture.setAttribute(name, value);
    for (const [name, width] of [['track', 1000], ['fill', share > 0 ? Math.max(share * 1000, 4) : 0]]) {
      const rect = document.createElementNS(svg, 'rect');
      for (const [key, value] of Object.entries({ class: name, x: 0, y: 0, width, height: 10 })) rect.setAttribute(key, value);
      picture.append(rect);
    }
    return picture;
  };
  const people = (count, where) => {
    const text = numbers.format(count);
    if (!may_open || !where) return element('b', text);
    const bold = element('b');
    const link = element('a', text);
    link.href = `/customers?where=${encodeURIComponent(where)}`;
    bold.append(link);
    return bold;
  };
  const funnel_line = (name, count, of, where, note) => {
    const line = element('li');
    line.append(name, people(count, where));
    if (note) line.append(element('small', note));
    line.append(bar(of ? count / of : 0));
    return line;
  };
  const show_funnel = (answer) => {
    const lines = [funnel_line(element('span', word('everybody')), answer.of, answer.of, 'true')];
    let where = '';
    for (const part of answer.parts) {
      where = where ? `${where} && (${part.text})` : `(${part.text})`;
      const text = element('code', part.text, 'condition');
      text.dir = 'ltr';
      const note = answer.parts.length > 1 ? word('alone', { count: part.alone }) : '';
      lines.push(funnel_line(text, part.customers, answer.of, where, note));
    }
    by_id('funnel').replaceChildren(...lines);
    build.dispatchEvent(new CustomEvent('winback:parts', { detail: answer.parts.map((part) =>
      (answer.parts.length > 1 ? word('leaves', { count: part.customers, alone: part.alone })
        : word('holds', { count: part.customers }))) }));
  };
  const show_movers = (id, movers) => {
    const box = by_id(id);
    if (!box) return;
    box.hidden = !movers;
    if (!movers) return;
    box.querySelector('b').textContent = numbers.format(movers.customers);
    box.querySelector('ul').replaceChildren(...movers.sample.map((one) => {
      const item = element('li');
      const link = element('a');
      link.href = `/customers/${encodeURIComponent(one.id ?? one)}`;
      link.append(element('bdi', one.name || one.id || one));
      item.append(link);
      return item;
    }));
  };
  const show_counts = (answer) => {
    const counted = typeof answer.customers === 'number';
    by_id('counts').classList.toggle('stale', !counted);
    if (!counted) return;
    by_id('count').replaceChildren(people(answer.customers, answer.condition));
    by_id('share').textContent = word('ofAll', {
      of: answer.of,
      share: new Intl.NumberFormat(document.documentElement.lang, { style: 'percent', maximumFractionDigits: 1 })
        .format(answer.of ? answer.customers / answer.of : 0),
    });
    show_funnel(answer);
    show_movers('entering', answer.entering);
    show_movers('leaving', answer.leaving);
  };

  // The other one of text and lines follows. Numbers that JSON cannot carry stay in the text.
  const exact = (value) => (typeof value === 'number'
    ? (!Number.isInteger(value) || Number.isSafeInteger(value)) && !Object.is(value, -0)
    : value === null || typeof value !== 'object' || Object.values(value).every(exact));
  const follow = (answer) => {
    readable = Boolean(answer.tree) && exact(answer.tree);
    if (from_lines) {
      if (answer.condition) area.value = answer.condition;
    } else if (readable) {
      tree = answer.tree;
      build.dispatchEvent(new CustomEvent('winback:tree', { detail: tree }));
    }
  };

  const take = (answer) => {
    follow(answer);
    answered = JSON.stringify(asked());
    show_mistakes(answer.diagnostics);
    show_counts(answer);
  };

  const nothing_asked = () => (from_lines ? tree === null : area.value.trim() === '');
  // True when the answer came and was shown.
  const ask = async () => {
    clearTimeout(timer);
    if (request) request.abort();
    if (nothing_asked()) {
      answered = '';
      show_mistakes([]);
      by_id('counts').classList.add('stale');
      if (from_lines) area.value = '';
      else build.dispatchEvent(new CustomEvent('winback:tree', { detail: null }));
      readable = true;
      return true;
    }
    request = new AbortController();
    const mine = request;
    form.setAttribute('aria-busy', 'true');
    try {
      const segment = form.dataset.segment ? { segment: form.dataset.segment } : {};
      const answer = await send('/preview', { ...asked(), ...segment }, { signal: mine.signal });
      if ([409, 429, 503].includes(answer.status)) { // Many ask, or another window of this session.
        timer = setTimeout(ask, again_ms);
        return false;
      }
      if (!answer.ok) {
        say(await error_of(answer), 'bad');
        return false;
      }
      const made = await answer.json();
      if (mine !== request) return false;
      take(made);
      return true;
    } catch (error) {
      if (error.name !== 'AbortError') say(word('noAnswer'), 'bad');
      return false;
    } finally {
      if (mine === request) form.removeAttribute('aria-busy');
    }
  };
  const ask_soon = () => {
    clearTimeout(timer);
    if (request) request.abort();
    timer = setTimeout(ask, pause_ms);
  };
  const said_open = () => (open > 0 ? word('open', { count: open }) : is_changed() ? word('notSavedYet') : '');

  // Lines or text --------------------------------------------------------------------------------

  const show_mode = () => {
    build.hidden = mode !== 'build';
    by_id('text').hidden = mode !== 'text';
    form.querySelector(`input[name="mode"][value="${mode}"]`).checked = true;
  };
  const choose_mode = async (wanted) => {
    const known = answered === JSON.stringify(asked());
    if (wanted === 'build' && !from_lines && !((known || (await ask())) && readable)) {
      say(word('notReadable'), 'bad');
      wanted = 'text';
    }
    mode = wanted;
    show_mode();
  };
  build.addEventListener('winback:built', (event) => {
    from_lines = true;
    ({ tree, open } = event.detail);
    say(said_open());
    ask_soon();
  });

  // Saving -----------------------------------------------------------------------------------------

  const refused = async (answer) => {
    const error = await answer.json().catch(() => ({}));
    if (answer.status === 409 && (error.code === 'conflict' || error.code === 'folder_changed')) {
      say(word('notSaved'), 'bad');
      show_conflict(error, form.dataset.page, save);
    } else if (answer.status === 400 && error.diagnostics?.length) {
      say(word('notSavedMend'), 'bad');
      show_mistakes(error.diagnostics);
    } else {
      say(`${word('notSaved')} ${answer.status === 401 ? word('signedOut') : error.message ?? ''}`, 'bad');
    }
  };
  const accepted = async (answer, id) => {
    const done = await answer.json();
    saved = everything();
    if (answer.status === 202) {
      location.assign(`/approvals/${done.approval}?said=approval_asked`);
    } else if (!form.dataset.segment) {
      location.assign(`/segments/${encodeURIComponent(id)}?said=saved`);
    } else {
      form.elements.namedItem('version').value = String(done.version);
      by_id('conflict').hidden = true;
      const where = done.in_folder ? ` ${word('savedFolder')}` : done.folder_problem ? ` ${word('savedUnwritten')}` : '';
      say(`${word('savedVersion', { version: done.version })}${where}`, done.folder_problem ? 'bad' : 'good');
      ask();
    }
  };
  // As the server makes it of the name.
  const id_of = (name) => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/[^a-z0-9]+/g, '_').replace(/^_/, '').slice(0, 60)
    .replace(/_$/, '') || 'segment';
  const is_known = (id) => [...(by_id('names-segments')?.options ?? [])].some((option) => option.value === id);
  const save = async () => {
    const button = by_id('save');
    if (!button || button.disabled) return;
    if (open > 0 || nothing_asked()) {
      say(open > 0 ? word('open', { count: open }) : word('empty'), 'bad');
      return;
    }
    const id = form.dataset.segment || value_of('id').trim() || id_of(value_of('name'));
    if (!form.dataset.segment && (id === 'new' || is_known(id))) {
      say(word('taken'), 'bad');
      return;
    }
    button.disabled = true;
    say(word('saving'));
    const newcomers = form.querySelector('[name="newcomers"]:checked');
    try {
      const answer = await send(`/${encodeURIComponent(id)}`, {
        version: Number(value_of('version')),
        name: value_of('name').trim(),
        description: value_of('description').trim(),
        ...asked(),
        ...(newcomers ? { newcomers: newcomers.value } : {}),
      }, { method: 'PUT' });
      await (answer.ok ? accepted(answer, id) : refused(answer));
    } catch {
      say(word('noAnswerSaved'), 'bad');
    }
    button.disabled = false;
  };

  // What the keyboard and the mouse do ----------------------------------------------------------

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (event.submitter?.id === 'save') save();
    else ask();
  });
  form.addEventListener('input', (event) => {
    if (event.target === area) {
      from_lines = false;
      open = 0;
      ask_soon();
    }
    if (event.target.name === 'mode') choose_mode(event.target.value);
    else if (!build.contains(event.target)) say(said_open());
  });
  form.addEventListener('keydown', (event) => {
    // Enter in a field counts; the first button of the form could be one that takes a line away.
    if (event.key !== 'Enter' || event.target.tagName !== 'INPUT') return;
    event.preventDefault();
    ask();
  });
  on_keys(save, ask);
  guard_leaving(is_changed);

  // The page was counted by the server already.
  saved = everything();
  const first = form.dataset.answer ? JSON.parse(form.dataset.answer) : null;
  if (first) {
    take(first);
  } else {
    readable = true;
    build.dispatchEvent(new CustomEvent('winback:tree', { detail: null }));
  }
  by_id('modes').hidden = false;
  mode = readable ? 'build' : 'text';
  show_mode();
})();
