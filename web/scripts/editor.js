// What the editors of segments and of templates have in common: the page's words, what is said
// beside the buttons, asking the API, and the question when somebody else saved meanwhile.
//
// Pages load it before the script of their editor, which takes its parts: `winback_editor(form)`.
// The form has data-api and data-page; #words the texts, #state and #conflict their places.
window.winback_editor = (form) => {
  'use strict';
  const by_id = (id) => document.getElementById(id);
  const state = by_id('state');
  const words = by_id('words').dataset;
  // The page has the words, in its language; numbers are written as it writes them.
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  const word = (name, values = {}) => (words[name] || '').replace(/\[(\w+)\]/g, (hole, key) =>
    typeof values[key] === 'number' ? numbers.format(values[key]) : values[key] ?? '');
  const value_of = (name) => form.elements.namedItem(name)?.value ?? '';

  const say = (text, kind = '') => {
    state.textContent = text;
    state.dataset.kind = kind;
  };

  const send = (path, body, options = {}) => fetch(form.dataset.api + path, {
    method: options.method || 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: options.signal,
  });
  const error_of = async (answer) => {
    if (answer.status === 401) return word('signedOut');
    const error = await answer.json().catch(() => ({}));
    if (!error.message) return word('serverAnswered', { status: answer.status });
    return error.message.charAt(0).toUpperCase() + error.message.slice(1) + '.';
  };

  // Somebody else saved meanwhile (look at theirs, or save over it), or the folder was changed.
  const show_conflict = (error, theirs, save) => {
    const box = by_id('conflict');
    const reason = document.createElement('p');
    reason.textContent = word(error.code === 'conflict' ? 'conflict' : 'folder');
    box.replaceChildren(reason);
    if (error.code === 'conflict') {
      const look = document.createElement('a');
      look.href = theirs;
      look.target = '_blank';
      look.textContent = word('lookTheirs');
      const over = document.createElement('button');
      over.type = 'button';
      over.textContent = word('saveOver');
      over.addEventListener('click', () => {
        form.elements.namedItem('version').value = String(error.version);
        save();
      });
      const acts = document.createElement('p');
      acts.className = 'acts';
      acts.append(look, ' ', over);
      box.append(acts);
    }
    box.hidden = false;
    box.scrollIntoView({ block: 'nearest' });
  };

  // Ctrl+S saves, Ctrl+Enter shows; leaving asks first while something is not saved.
  const on_keys = (save, show) => document.addEventListener('keydown', (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 's') {
      event.preventDefault();
      save();
    } else if (command && event.key === 'Enter') {
      event.preventDefault();
      show();
    }
  });
  const guard_leaving = (is_changed) => window.addEventListener('beforeunload', (event) => {
    if (is_changed()) event.preventDefault();
  });

  return { by_id, words, numbers, word, value_of, say, send, error_of, show_conflict, on_keys, guard_leaving };
};
