// The editor of a template: a preview while typing, saving and tests without leaving the page.
//
// The form works without this file. Here the same things are asked of the API; a request that is
// overtaken by the next one is dropped, and nothing waits for an answer.
(() => {
  'use strict';
  const pause_ms = 300;
  const again_ms = 1000; // After "too many previews".

  const form = document.getElementById('editor');
  if (!form) return;
  const {
    by_id, words, numbers, word, value_of, say, send, error_of, show_conflict, on_keys, guard_leaving,
  } = window.winback_editor(form);
  const code = form.querySelector('.code');
  const stage = by_id('part-html');

  let saved = ''; // The text as it is on the server.
  let timer = 0;
  let request = null;
  let frame_number = 0;

  const whole = Boolean(form.elements.namedItem('source')); // The head is part of the text.
  const draft = () => {
    const language = form.dataset.language;
    if (whole) return { language, source: value_of('source') };
    const fields = {};
    for (const name of ['subject', 'preheader', 'from', 'reply_to', 'topic']) {
      if (form.elements.namedItem(name)) fields[name] = value_of(name);
    }
    const box = form.querySelector('[name="transactional"]');
    if (box) fields.transactional = box.checked ? 'true' : 'false';
    return { language, fields, body: value_of('body') };
  };
  const reader = () => ({ customer: value_of('customer').trim(), sample: value_of('sample') });
  const is_changed = () => JSON.stringify(draft()) !== saved;

  // What is wrong ------------------------------------------------------------------------

  const name_of = (mistake) => {
    if (mistake.place === 'body') return word('line', { line: mistake.line });
    if (mistake.place === 'head') return mistake.file;
    const field = `field${mistake.place.split('_').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')}`;
    if (words[field]) return words[field];
    const name = mistake.place.replaceAll('_', ' ');
    return name.charAt(0).toUpperCase() + name.slice(1);
  };

  // A mistake of another file leads there, when the file is a template's.
  const link_elsewhere = (mistake) => {
    const name = /^templates\/([^.]+)\.([^.]+)\.liquid$/.exec(mistake.file);
    const link = document.createElement(name ? 'a' : 'b');
    if (name) {
      link.href = `/templates/${name[1]}?language=${encodeURIComponent(name[2])}`;
      link.target = '_blank'; // What is being written here stays.
    }
    link.textContent = word('fileLine', { file: mistake.file, line: mistake.line });
    return link;
  };
  const link_to = (mistake) => {
    if (!mistake.place) return link_elsewhere(mistake);
    const link = document.createElement('a');
    link.href = '#body';
    link.textContent = name_of(mistake);
    Object.assign(link.dataset, {
      place: mistake.place, line: mistake.line, column: mistake.column, length: mistake.length,
    });
    return link;
  };

  const show_mistakes = (mistakes, place = by_id('diagnostics')) => {
    const items = mistakes.slice(0, 50).map((mistake) => {
      const item = document.createElement('li');
      item.className = mistake.warning ? 'hint' : 'error';
      const message = document.createElement('span');
      message.lang = 'en'; // As the check says it.
      message.dir = 'ltr';
      message.textContent = mistake.message;
      item.append(link_to(mistake), ' ', message);
      if (mistake.shown) {
        const shown = document.createElement('pre');
        shown.textContent = mistake.shown;
        item.append(shown);
      }
      return item;
    });
    const list = document.createElement('ul');
    list.className = 'mistakes';
    list.append(...items);
    place.replaceChildren(...(items.length ? [list] : []));
    code.dispatchEvent(new CustomEvent('winback:mistakes', { detail: mistakes }));
    for (const input of form.querySelectorAll('.write input')) {
      const wrong = mistakes.some((mistake) => mistake.place === input.name && !mistake.warning);
      input.toggleAttribute('aria-invalid', wrong);
    }
  };

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-place]');
    if (!link) return;
    event.preventDefault();
    const field = form.querySelector(`.write input[name="${CSS.escape(link.dataset.place)}"]`);
    if (field) {
      const details = field.closest('details');
      if (details) details.open = true;
      field.focus();
    } else {
      code.dispatchEvent(new CustomEvent('winback:go', { detail: {
        line: Number(link.dataset.line), column: Number(link.dataset.column),
        length: Number(link.dataset.length),
      } }));
    }
  });

  // What they will see ---------------------------------------------------------------------

  const scheme = () => value_of('scheme') || 'light';

  // The next message is loaded behind the one that is shown and takes its place when it is there,
  // scrolled to the same line: the preview neither flickers nor jumps while somebody types.
  const show_frame = (name) => {
    const address = `/drafts/${name}?scheme=${scheme()}&pictures=${value_of('pictures') || 'none'}`;
    const number = ++frame_number;
    const before = stage.querySelector('iframe:not(.next)');
    for (const other of stage.querySelectorAll('iframe.next')) other.remove();
    const next = document.createElement('iframe');
    next.title = word('message');
    next.setAttribute('sandbox', 'allow-same-origin');
    next.className = 'next';
    next.addEventListener('load', () => {
      if (number !== frame_number) return;
      try {
        next.contentWindow.scrollTo(0, before ? before.contentWindow.scrollY : 0);
      } catch {
        // The frame shows something of another origin, such as an error of the browser.
      }
      next.className = '';
      for (const other of [...stage.children]) if (other !== next) other.remove();
    });
    next.src = address;
    stage.append(next);
    stage.dataset.draft = name;
  };

  const set_text = (id, text) => {
    const element = by_id(id);
    if (element) element.textContent = text;
  };

  const show_message = (preview) => {
    const message = preview.message;
    stage.classList.toggle('stale', !message);
    const stale = by_id('stale');
    stale.hidden = Boolean(message);
    if (!message) {
      stale.textContent = preview.problem
        ? word('getsNothing', { problem: preview.problem })
        : word('stale');
      return;
    }
    set_text('inbox-from', message.from_name);
    set_text('inbox-subject', message.subject);
    set_text('inbox-preheader', message.preheader);
    set_text('part-text', message.text);
    const source_shown_max = 200 * 1024;
    set_text('part-source', message.html.slice(0, source_shown_max) +
      (message.html.length > source_shown_max ? '…' : ''));
    set_text('head-from', message.from ? `${message.from_name} <${message.from}>` : message.from_name);
    set_text('head-to', message.to);
    set_text('head-reply', message.reply_to);
    set_text('head-subject', message.subject);
    set_text('head-preheader', message.preheader);
    set_text('subject-length', word('letters', { count: [...message.subject].length }));
    set_text('letters', numbers.format([...message.text].length));
    set_text('weight', `${numbers.format(Math.round(message.bytes / 102.4) / 10)} kB`);
    if (preview.draft) {
      show_frame(preview.draft);
    } else {
      const bubble = document.createElement('pre');
      bubble.className = 'bubble';
      bubble.dir = message.direction;
      bubble.textContent = message.text;
      stage.replaceChildren(bubble);
    }
  };

  const preview = async () => {
    clearTimeout(timer);
    if (request) request.abort();
    request = new AbortController();
    const mine = request;
    try {
      const answer = await send('/preview', { ...draft(), ...reader() }, { signal: mine.signal });
      const problem = by_id('reader-problem');
      if (answer.status === 503) {
        timer = setTimeout(preview, again_ms);
        return;
      }
      if (answer.status === 404) {
        problem.textContent = await error_of(answer);
        problem.hidden = false;
        return;
      }
      if (!answer.ok) {
        say(await error_of(answer), 'bad');
        return;
      }
      const made = await answer.json();
      if (mine !== request) return;
      problem.hidden = true;
      code.dispatchEvent(new CustomEvent('winback:first-line', { detail: whole ? 1 : made.body_line }));
      show_mistakes(made.diagnostics);
      show_message(made);
    } catch (error) {
      if (error.name !== 'AbortError') say(word('noAnswer'), 'bad');
    }
  };

  const preview_soon = () => {
    clearTimeout(timer);
    if (request) request.abort();
    timer = setTimeout(preview, pause_ms);
  };

  // The address says how one looks at the template, so that it can be sent to a colleague.
  const remember_view = () => {
    const query = new URLSearchParams({ language: form.dataset.language });
    const direction = new URLSearchParams(location.search).get('dir');
    if (direction) query.set('dir', direction);
    const sample = form.querySelector('[name="sample"]');
    const usual = {
      customer: '', sample: sample ? sample.dataset.usual : '', width: 'phone', scheme: 'light', pictures: 'none',
      part: 'html',
    };
    for (const [name, otherwise] of Object.entries(usual)) {
      const radio = form.querySelector(`[name="${name}"]:checked`);
      const field = radio || form.querySelector(`[name="${name}"]:not(button)`);
      if (field && field.value !== otherwise) query.set(name, field.value);
    }
    history.replaceState(null, '', `${form.dataset.page}?${query}`);
  };

  const show_part = (name) => {
    for (const part of ['html', 'text', 'source', 'subject']) by_id(`part-${part}`).hidden = part !== name;
    for (const button of form.querySelectorAll('button[name="part"]')) {
      button.setAttribute('aria-pressed', String(button.value === name));
    }
    form.querySelector('input[name="part"]').value = name;
    remember_view();
  };

  // Saving and testing -----------------------------------------------------------------------

  const save = async () => {
    const button = by_id('save');
    if (!button || button.disabled) return;
    button.disabled = true;
    say(word('saving'));
    const text = draft();
    try {
      const language = encodeURIComponent(form.dataset.language);
      const answer = await send(`/languages/${language}`,
        { ...text, version: Number(value_of('version')) }, { method: 'PUT' });
      if (answer.status === 409) {
        say(word('notSaved'), 'bad');
        const theirs = `${form.dataset.page}?language=${language}`;
        show_conflict(await answer.json(), theirs, save);
      } else if (answer.status === 400) {
        const error = await answer.json();
        say(word('notSavedMend'), 'bad');
        if (error.diagnostics) show_mistakes(error.diagnostics);
        else say(`${word('notSaved')} ${error.message}`, 'bad');
      } else if (!answer.ok) {
        say(await error_of(answer), 'bad');
      } else {
        const done = await answer.json();
        form.elements.namedItem('version').value = String(done.version);
        saved = JSON.stringify(text);
        by_id('conflict').hidden = true;
        const is_new = by_id('new');
        if (is_new) is_new.hidden = true;
        const where = done.in_folder ? ` ${word('savedFolder')}`
          : done.folder_problem ? ` ${word('savedUnwritten')}` : '';
        // Of this file there are none; those of others do not keep it from being saved.
        const left = done.diagnostics.filter((mistake) => !mistake.warning).length;
        const rest = left === 0 ? '' : ` ${word('othersLeft', { count: left })}`;
        if (done.changed) show_mistakes(done.diagnostics);
        say(done.changed ? `${word('savedVersion', { version: done.version })}${where}${rest}`
          : word('savedAlready'),
          done.folder_problem ? 'bad' : 'good');
      }
    } catch {
      say(word('noAnswerSaved'), 'bad');
    }
    button.disabled = false;
  };

  const words_of = {
    sent: word('sent'),
    previewed: word('previewed'),
    failed: word('failed'),
    under_way: word('underWay'),
  };

  const test = async () => {
    const button = by_id('test');
    const results = by_id('test-results');
    button.disabled = true;
    results.textContent = word('sending');
    try {
      const to = value_of('to').split(/[\s,;]+/).filter(Boolean);
      const answer = await send('/test', { ...draft(), ...reader(), to });
      if (!answer.ok) {
        results.textContent = await error_of(answer);
      } else {
        const list = document.createElement('ul');
        list.className = 'plain';
        for (const result of (await answer.json()).results) {
          const item = document.createElement('li');
          item.textContent = `${result.to}: ${words_of[result.state]}`;
          if (result.detail && result.state !== 'under_way') {
            const detail = document.createElement('small');
            detail.textContent = result.detail;
            item.append(detail);
          }
          list.append(item);
        }
        results.replaceChildren(list);
      }
    } catch {
      results.textContent = word('noAnswer');
    }
    button.disabled = false;
  };

  // What the keyboard and the mouse do ---------------------------------------------------------

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const by = event.submitter;
    if (by && by.id === 'save') save();
    else if (by && by.id === 'test') test();
    else if (by && by.name === 'part') show_part(by.value);
    else preview();
  });
  form.addEventListener('input', (event) => {
    const name = event.target.name;
    if (name === 'to' || name === 'width' || name === 'scheme' || name === 'pictures' || name === 'sample') return;
    if (name !== 'customer') say(is_changed() ? word('notSavedYet') : '');
    preview_soon();
  });
  form.addEventListener('change', (event) => {
    const name = event.target.name;
    if (['scheme', 'pictures'].includes(name) && stage.dataset.draft) show_frame(stage.dataset.draft);
    if (name === 'sample') preview();
    if (['customer', 'sample', 'width', 'scheme', 'pictures'].includes(name)) remember_view();
  });
  form.addEventListener('keydown', (event) => {
    // Enter in the field of a test sends the test, not the first button of the form.
    if (event.key === 'Enter' && event.target.name === 'to') {
      event.preventDefault();
      test();
    }
  });
  on_keys(save, preview);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && form.contains(document.activeElement)) document.activeElement.blur();
  });
  guard_leaving(is_changed);

  saved = JSON.stringify(draft());
  const frame = stage.querySelector('iframe');
  if (frame) stage.dataset.draft = new URL(frame.src).pathname.split('/').pop();
  // Once at the start: the mistakes that the server found are marked in the text, too.
  const found = [...document.querySelectorAll('#diagnostics a[data-place]')].map((link) => ({
    place: link.dataset.place,
    line: Number(link.dataset.line),
    warning: link.closest('li').className === 'hint',
  }));
  code.dispatchEvent(new CustomEvent('winback:mistakes', { detail: found }));
})();
