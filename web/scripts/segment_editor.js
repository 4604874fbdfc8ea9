// The editor of a segment: counts while somebody builds or writes, saves without leaving the page.
//
// The form works without this file. The lines (segment_rows.js) and the text say the same: what was
// changed last is asked about, and the answer brings the other one. A request that is overtaken by
// the next one is dropped.
(() => {
  'use strict';
  const pause_ms = 400;
  const unfinished = ['unexpected_end', 'unterminated_string'];
  const where_bytes_max = 4000; // Of a condition in the address of /customers.
  const svg = 'http://www.w3.org/2000/svg';

  const editor = window.winback_editor;
  if (!editor) return;
  const { form, code, by_id, value_of, element, numbers, word, say } = editor;
  const build = by_id('build');
  const area = by_id('body');
  const may_open = form.dataset.personal === 'true';

  const own_name = Math.random().toString(36).slice(2); // Another tab asks for itself.

  let mode = 'text';
  let wanted = 'text';  // The mode that was chosen; lines wait until the text was read.
  let tree = null;      // What the lines say, or what the text was read as.
  let open = 0;         // Lines in which something is missing.
  let from_lines = false; // Whether the lines were changed after the text.
  let readable = false; // Whether the text was read without mistakes.
  let answered = '';    // The question to which the page shows the answer.

  const asked = () => (from_lines ? { tree } : { condition: area.value });
  const everything = () => JSON.stringify([value_of('name'), value_of('description'), asked()]);

  // What is wrong ------------------------------------------------------------------------------

  const show_mistakes = (mistakes) => {
    const placed = mistakes.map((mistake) => (
      mistake.line ? { ...mistake, place: 'body' } : mistake));
    editor.list_mistakes(placed, (mistake) =>
      mistake.line && editor.link_to(mistake, word('line', { line: mistake.line })));
    area.toggleAttribute('aria-invalid', mistakes.some(({ warning }) => !warning));
  };

  // Who it holds for -----------------------------------------------------------------------------

  const bar = (share) => {
    const picture = document.createElementNS(svg, 'svg');
    const attributes = {
      class: 'share', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true',
    };
    for (const [name, value] of Object.entries(attributes)) picture.setAttribute(name, value);
    const filled = share > 0 ? Math.max(share * 1000, 4) : 0;
    for (const [name, width] of [['track', 1000], ['fill', filled]]) {
      const rect = document.createElementNS(svg, 'rect');
      const own = { class: name, x: 0, y: 0, width, height: 10 };
      for (const [key, value] of Object.entries(own)) rect.setAttribute(key, value);
      picture.append(rect);
    }
    return picture;
  };
  const bytes_of = (text) => new TextEncoder().encode(text).length;
  // A number with the people behind it, as long as an address can carry the condition.
  const people = (count, where) => {
    const text = numbers.format(count);
    if (!may_open || !where || bytes_of(where) > where_bytes_max) return element('b', text);
    const bold = element('b');
    const link = element('a', text);
    link.href = `/customers?where=${encodeURIComponent(where)}`;
    link.target = '_blank'; // What is not saved stays here.
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
    const inner = ({ alone, parts }) => (
      { text: word('holds', { count: alone }), parts: parts.map(inner) });
    build.dispatchEvent(new CustomEvent('winback:parts', { detail: answer.parts.map((part) => ({
      text: answer.parts.length > 1
        ? word('leaves', { count: part.customers, alone: part.alone })
        : word('holds', { count: part.customers }),
      parts: part.parts.map(inner),
    })) }));
  };
  const show_movers = (id, movers, where) => {
    const box = by_id(id);
    if (!box) return;
    box.hidden = !movers;
    if (!movers) return;
    box.querySelector('h3 b').replaceWith(people(movers.customers, where));
    box.querySelector('ul').replaceChildren(...movers.sample.map((one) => {
      const item = element('li');
      const link = element('a');
      link.href = `/customers/${encodeURIComponent(one.id ?? one)}`;
      link.target = '_blank';
      link.append(element('bdi', one.name || one.id || one));
      item.append(link);
      return item;
    }));
  };
  // What is not in memory is counted from the histories, which may take a while; so may a costly
  // condition over a large base. `name` is the word for what is done.
  const show_progress = (name, progress) => {
    const box = by_id('reading');
    box.hidden = !progress;
    if (box.hidden) return;
    const { looked_at, all } = progress;
    const bar = box.querySelector('progress');
    Object.assign(bar, { max: Math.max(all, 1), value: looked_at });
    bar.setAttribute('aria-label', word(`${name}Bar`));
    box.querySelector('p').textContent = word(name, { done: looked_at, all });
  };
  // While an answer is awaited the numbers are those of what was written before, and say so.
  const show_awaited = (awaited) => {
    by_id('counts').classList.toggle('stale', awaited);
    build.classList.toggle('stale', awaited);
    by_id('total').setAttribute('aria-busy', String(awaited));
    by_id('anew').textContent = awaited ? word('anew') : '';
  };
  // No number stands beside a condition of which it is not: `why` there is none.
  const show_uncounted = (why) => {
    by_id('count').replaceChildren(element('b', '–'));
    by_id('share').textContent = '';
    by_id('uncounted').textContent = why;
    by_id('parts').hidden = true;
    by_id('funnel').replaceChildren();
    build.dispatchEvent(new CustomEvent('winback:parts', { detail: [] }));
    show_movers('entering', null);
    show_movers('leaving', null);
    show_awaited(false);
  };
  const show_total = (customers, of, where) => {
    by_id('count').replaceChildren(people(customers, where));
    by_id('share').textContent =
      word('ofAll', { of, share: editor.percents.format(of ? customers / of : 0) });
    by_id('uncounted').textContent = '';
  };
  // So far; the rest of the page is still of what was written before.
  const show_counting = (counting) => {
    show_progress('counting', counting);
    show_total(counting.customers, counting.of);
  };
  const why_uncounted = ({ diagnostics }) => {
    const wrong = diagnostics.filter(({ warning }) => !warning);
    const ends_early = wrong.some(({ code }) => unfinished.includes(code));
    return wrong.length === 0 ? '' : word(ends_early ? 'unfinished' : 'mistaken');
  };
  const show_counts = (answer) => {
    show_progress('histories', answer.histories?.ready === false ? answer.histories : null);
    if (typeof answer.customers !== 'number') {
      show_uncounted(why_uncounted(answer));
      return;
    }
    show_total(answer.customers, answer.of, answer.condition);
    by_id('parts').hidden = false;
    show_funnel(answer);
    // A comment at its end must not swallow what follows.
    const end = answer.condition.includes('//') ? '\n)' : ')';
    const drawn = `(${answer.condition.trim()}${end}`;
    const member = `in_segment("${form.dataset.segment}")`;
    show_movers('entering', answer.entering, `${drawn} && !${member}`);
    show_movers('leaving', answer.leaving, `${member} && !${drawn}`);
    show_awaited(false);
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

  // Lines or text --------------------------------------------------------------------------------

  const show_mode = (shown) => {
    mode = shown;
    build.hidden = mode !== 'build';
    by_id('text').hidden = mode !== 'text';
    form.querySelector(`input[name="mode"][value="${mode}"]`).checked = true;
  };
  // After an answer; what cannot be shown as lines stays a text.
  const settle_mode = () => {
    if (wanted === mode) return;
    if (wanted === 'build' && !from_lines && !readable) {
      say(word('notReadable'), 'bad');
      wanted = 'text';
    } else {
      say(said_open());
    }
    show_mode(wanted);
  };
  const choose_mode = (chosen) => {
    wanted = chosen;
    if (chosen === 'text' || from_lines || answered === JSON.stringify(asked())) {
      settle_mode();
    } else {
      say(word('reading'));
      ask();
    }
  };

  const take = (answer) => {
    follow(answer);
    answered = JSON.stringify(asked());
    show_mistakes(answer.diagnostics);
    show_counts(answer);
    settle_mode();
  };
  const nothing_asked = () => (from_lines ? tree === null : area.value.trim() === '');
  const show_nothing = () => {
    answered = JSON.stringify(asked());
    show_mistakes([]);
    show_uncounted(word('empty'));
    if (from_lines) area.value = '';
    else build.dispatchEvent(new CustomEvent('winback:tree', { detail: null }));
    readable = true;
    settle_mode();
  };
  const questions = editor.asker({
    pause_ms,
    question: () => {
      if (nothing_asked()) {
        show_progress('counting', null);
        show_nothing();
        return null;
      }
      const segment = form.dataset.segment ? { segment: form.dataset.segment } : {};
      return { path: '/preview', body: { ...asked(), ...segment, editor: own_name } };
    },
    take,
    counting: show_counting,
    refused: (reason) => {
      show_progress('counting', null);
      show_uncounted(word('unanswered'));
      wanted = mode; // Nobody knows whether the text can be read.
      show_mode(mode);
      say(reason, 'bad');
    },
  });
  const ask = () => {
    show_awaited(true);
    questions.now();
  };
  const ask_soon = () => {
    show_awaited(true);
    questions.soon();
  };
  const said_open = () =>
    (open > 0 ? word('open', { count: open }) : editor.is_changed() ? word('notSavedYet') : '');

  build.addEventListener('winback:built', (event) => {
    from_lines = true;
    ({ tree, open } = event.detail);
    say(said_open());
    ask_soon();
  });

  // Saving ---------------------------------------------------------------------------------------

  const known = () => [...(by_id('names-segments')?.options ?? [])];
  const is_known = (id) => known().some((option) => option.value === id);
  const request = () => {
    if (open > 0 || nothing_asked()) {
      say(open > 0 ? word('open', { count: open }) : word('empty'), 'bad');
      return null;
    }
    const { segment } = form.dataset;
    const typed = segment ? '' : value_of('id').trim(); // Of a new one; else the server makes it.
    if (is_known(typed)) {
      say(word('taken'), 'bad');
      return null;
    }
    const newcomers = form.querySelector('[name="newcomers"]:checked');
    return {
      path: segment ? `/${encodeURIComponent(segment)}` : '',
      method: segment ? 'PUT' : 'POST',
      body: {
        ...(segment ? { version: Number(value_of('version')) } : {}),
        ...(typed ? { id: typed } : {}),
        name: value_of('name').trim(),
        description: value_of('description').trim(),
        ...asked(),
        ...(newcomers ? { newcomers: newcomers.value } : {}),
      },
    };
  };
  const is_saved = ({ id }) => {
    if (!form.dataset.segment) {
      location.assign(`/segments/${encodeURIComponent(id)}?said=saved`);
      return null;
    }
    ask(); // Whoever is in it now.
    return '';
  };

  // What the keyboard and the mouse do ----------------------------------------------------------

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (event.submitter?.id === 'save') editor.save();
    else ask();
  });
  form.addEventListener('input', (event) => {
    if (event.target === area) {
      from_lines = false;
      open = 0;
      wanted = mode; // Who writes on wants no lines yet.
      show_mode(mode);
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

  editor.begin({
    text: everything,
    request,
    saved: is_saved,
    ask,
    show_mistakes,
    go: () => {
      choose_mode('text');
      return false;
    },
    theirs: form.dataset.page,
  });

  // The page was counted by the server already.
  const first = form.dataset.answer ? JSON.parse(form.dataset.answer) : null;
  if (first) {
    take(first);
    if (first.histories?.ready === false) ask_soon();
  } else if (nothing_asked()) {
    readable = true;
    build.dispatchEvent(new CustomEvent('winback:tree', { detail: null }));
  }
  by_id('modes').hidden = false;
  wanted = readable ? 'build' : 'text';
  show_mode(wanted);
  if (!first && !nothing_asked()) choose_mode('build');  // A large base: counted behind the page.
})();
