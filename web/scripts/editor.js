// What the editors of templates and of segments have in common: the page's words, asking while
// somebody types, telling mistakes, saving without leaving the page.
//
// `window.winback_editor` is what an editor uses; its `begin` takes what only that editor knows.
(() => {
  'use strict';
  const again_ms = 1000; // After "too many at once"; then twice as long, and so on.
  const again_ms_max = 16000;
  const mistakes_max = 50;
  const lines_type = 'application/x-ndjson';

  const form = document.getElementById('editor');
  if (!form) return;
  const by_id = (id) => document.getElementById(id);
  const code = form.querySelector('.code');
  const state = by_id('state');

  const value_of = (name) => form.elements.namedItem(name)?.value ?? '';
  const element = (tag, text, class_name) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (class_name) made.className = class_name;
    return made;
  };
  // Checks and errors speak English, whatever the page speaks.
  const english = (text, tag = 'span') => (
    Object.assign(element(tag, text), { lang: 'en', dir: 'ltr' }));

  // The page has the words, in its language; numbers are written as it writes them.
  const words = by_id('words').dataset;
  const { locale } = document.documentElement.dataset;
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  // In pieces, for values that are elements.
  const phrase = (name, values = {}) => (words[name] || '').split(/\[(\w+)\]/).map((piece, i) => {
    const value = i % 2 === 1 ? values[piece] ?? '' : piece;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
  const word = (name, values) => phrase(name, values).join('');

  // `text` is a text, an element, or several of them.
  const say = (text, kind = '') => {
    state.replaceChildren(...[text].flat());
    state.dataset.kind = kind;
  };

  // Asking ---------------------------------------------------------------------------------

  const send = (path, body, options = {}) => fetch(form.dataset.api + path, {
    method: options.method || 'POST',
    headers: { 'Content-Type': 'application/json', ...options.headers },
    body: JSON.stringify(body),
    signal: options.signal,
  });
  // An answer in lines, each a JSON object: the last one is the answer, those before it say how far
  // the server is.
  const is_lines = (answer) => answer.headers.get('Content-Type') === lines_type;
  const read_lines = async (answer, counting) => {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    let made = null;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const said of lines.map((line) => JSON.parse(line))) {
        if (said.counting) counting(said.counting);
        else made = said;
      }
    }
    if (!made) throw new Error('the answer was cut off');
    return made;
  };
  const reason_of = (status, error) => {
    if (status === 401) return word('signedOut');
    if (!error.message) return word('serverAnswered', { status });
    return english(error.message.charAt(0).toUpperCase() + error.message.slice(1) + '.');
  };
  const body_of = (answer) => answer.json().catch(() => ({}));
  const error_of = async (answer) => reason_of(answer.status, await body_of(answer));

  // Asks the API about what is written: `question()` is its {path, body} or null for nothing,
  // `take` gets the answer, `refused` why there is none. `counting`, where there is one, gets how
  // far the server is with it. A question that the next one overtakes is dropped, and one that the
  // server has no time for is asked again.
  const asker = ({ pause_ms, question, take, refused, counting }) => {
    const headers = counting ? { Accept: `${lines_type}, application/json` } : {};
    let timer = 0;
    let request = null;
    let refusals = 0;
    const stop = () => {
      clearTimeout(timer);
      if (request) request.abort();
    };
    const now = async () => {
      stop();
      const asked = question();
      if (!asked) return;
      request = new AbortController();
      const mine = request;
      form.setAttribute('aria-busy', 'true');
      let answer = null;
      let made = null;
      try {
        answer = await send(asked.path, asked.body, { signal: mine.signal, headers });
        if (!answer.ok) made = await error_of(answer);
        else if (is_lines(answer)) made = await read_lines(answer, counting);
        else made = await answer.json();
      } catch (error) {
        if (error.name !== 'AbortError') refused(word('noAnswer'), 0);
        return;
      } finally {
        if (mine === request) form.removeAttribute('aria-busy');
      }
      if (mine !== request) return;
      const is_busy = [409, 429, 503].includes(answer.status) || made.code === 'superseded';
      if (is_busy) timer = setTimeout(now, Math.min(again_ms * 2 ** refusals, again_ms_max));
      refusals = is_busy ? refusals + 1 : 0;
      if (answer.status === 202) timer = setTimeout(now, again_ms); // The work goes on behind it.
      if (is_busy) return;
      if (answer.ok) take(made);
      else refused(made, answer.status);
    };
    const soon = () => {
      stop();
      timer = setTimeout(now, pause_ms);
    };
    return { now, soon };
  };

  // What is wrong ------------------------------------------------------------------------------

  const link_to = (mistake, text) => {
    const link = element('a', text);
    link.href = '#body';
    for (const name of ['place', 'line', 'column', 'length']) {
      if (mistake[name] !== undefined) link.dataset[name] = mistake[name];
    }
    return link;
  };
  // Scrolls a quoted line to its caret, where there is no room for both.
  const show_caret = (quote) => {
    const at = quote.textContent.lastIndexOf('^');
    if (at < 0) return;
    const range = document.createRange();
    range.setStart(quote.firstChild, at);
    range.setEnd(quote.firstChild, at + 1);
    const caret = range.getBoundingClientRect();
    const box = quote.getBoundingClientRect();
    if (caret.right > box.right) quote.scrollLeft = caret.left - box.left - box.width / 2;
  };
  // `link_of` makes the link of one that has a place; those of the text itself are marked there.
  const list_mistakes = (mistakes, link_of) => {
    const items = mistakes.slice(0, mistakes_max).map((mistake) => {
      const item = element('li', '', mistake.warning ? 'hint' : 'error');
      const link = link_of(mistake);
      if (link) item.append(link, ' ');
      item.append(english(mistake.message));
      if (mistake.shown) item.append(element('pre', mistake.shown));
      return item;
    });
    const list = element('ul', '', 'mistakes');
    list.append(...items);
    by_id('diagnostics').replaceChildren(...(items.length ? [list] : []));
    list.querySelectorAll('pre').forEach(show_caret);
    code.dispatchEvent(new CustomEvent('winback:mistakes', { detail: mistakes }));
  };
  const go_to = ({ dataset }) => code.dispatchEvent(new CustomEvent('winback:go', { detail: {
    line: Number(dataset.line), column: Number(dataset.column), length: Number(dataset.length),
  } }));

  // Saving -------------------------------------------------------------------------------------

  let own = null;
  let saved = ''; // What is on the server, as own.text() says it.
  const is_changed = () => own.text() !== saved;

  const show_conflict = (error) => {
    const box = by_id('conflict');
    const parts = [element('p', word(error.code === 'conflict' ? 'conflict' : 'folder'))];
    if (error.code === 'conflict') {
      const acts = element('p', '', 'acts');
      const look = element('a', word('lookTheirs'));
      look.href = own.theirs;
      look.target = '_blank';
      const over = element('button', word('saveOver'));
      over.type = 'button';
      over.addEventListener('click', () => {
        form.elements.namedItem('version').value = String(error.version);
        save();
      });
      acts.append(look, ' ', over);
      parts.push(acts);
    }
    box.replaceChildren(...parts);
    box.hidden = false;
    box.scrollIntoView({ block: 'nearest' });
  };
  const not_saved = (status, error) => {
    const is_other = ['conflict', 'folder_changed'].includes(error.code);
    if (status === 409 && is_other && error.version !== undefined) {
      say(word('notSaved'), 'bad');
      show_conflict(error);
    } else if (status === 400 && error.diagnostics?.length) {
      say(word('notSavedMend'), 'bad');
      own.show_mistakes(error.diagnostics);
    } else {
      say([word('notSaved'), ' ', reason_of(status, error)], 'bad');
    }
  };
  // What was typed since it was sent is not saved.
  const is_saved = (status, done, text) => {
    saved = text;
    if (status === 202) { // A second person decides; nothing has changed yet.
      location.assign(`/approvals/${encodeURIComponent(done.approval)}?said=approval_asked`);
      return;
    }
    form.elements.namedItem('version').value = String(done.version);
    by_id('conflict').hidden = true;
    const said = own.saved(done);
    if (said === null) return;
    const where = done.in_folder ? word('savedFolder')
      : done.folder_problem ? word('savedUnwritten') : '';
    const version = done.changed
      ? [word('savedVersion', { version: done.version }), where] : [word('savedAlready')];
    const later = is_changed() ? word('notSavedYet') : '';
    say([...version, said, later].filter(Boolean).join(' '), done.folder_problem ? 'bad' : 'good');
  };
  const save = async () => {
    const button = by_id('save');
    if (!button || button.disabled) return;
    const request = own.request();
    if (!request) return;
    const text = own.text();
    button.disabled = true;
    say(word('saving'));
    const answer = await send(request.path, request.body, { method: request.method })
      .catch(() => null);
    const body = answer && (await body_of(answer));
    button.disabled = false;
    if (!answer) say(word('noAnswerSaved'), 'bad');
    else if (answer.ok) is_saved(answer.status, body, text);
    else not_saved(answer.status, body);
  };

  // What the keyboard and the mouse do ----------------------------------------------------------

  // `it`: text() that is saved, request() {path, method, body} that saves it or null when it cannot
  // be sent, saved(done) what else to say of it or null when the page is left, ask(),
  // show_mistakes(mistakes), go(link) to a mistake, true when it went; theirs, the address of what
  // is saved.
  const begin = (it) => {
    own = it;
    saved = own.text();
    document.addEventListener('click', (event) => {
      const link = event.target.closest('.mistakes a[data-line]');
      if (!link) return;
      event.preventDefault();
      if (!own.go(link)) go_to(link);
    });
    document.addEventListener('keydown', (event) => {
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === 's') {
        event.preventDefault();
        save();
      } else if (command && event.key === 'Enter') {
        event.preventDefault();
        own.ask();
      }
    });
    window.addEventListener('beforeunload', (event) => {
      if (is_changed()) event.preventDefault();
    });
  };

  window.winback_editor = {
    form, code, by_id, value_of, element, english, numbers, percents, phrase, word, say, send,
    error_of, asker,
    link_to, list_mistakes, is_changed, save, begin,
  };
})();
