// The editor of a template: a preview while typing, saving and tests without leaving the page.
//
// The form works without this file. Here the same things are asked of the API; a request that is
// overtaken by the next one is dropped, and nothing waits for an answer.
(() => {
  'use strict';
  const pause_ms = 300;
  const source_shown_max = 200 * 1024;

  const editor = window.winback_editor;
  if (!editor) return;
  const { form, code, by_id, value_of, element, english, numbers, phrase, word, say } = editor;
  const stage = by_id('part-html');

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
  let frame_number = 0;

  // What is wrong ------------------------------------------------------------------------

  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const name_of = (mistake) => {
    if (mistake.place === 'body') return word('line', { line: mistake.line });
    if (mistake.place === 'head') return mistake.file;
    return word(`field${mistake.place.split('_').map(capital).join('')}`) ||
      capital(mistake.place.replaceAll('_', ' '));
  };

  // A mistake of another file leads there, when the file is a template's.
  const link_elsewhere = (mistake) => {
    const name = /^templates\/([^.]+)\.([^.]+)\.liquid$/.exec(mistake.file);
    const link = element(name ? 'a' : 'b', word('fileLine', { file: mistake.file, line: mistake.line }));
    if (name) {
      link.href = `/templates/${name[1]}?language=${encodeURIComponent(name[2])}`;
      link.target = '_blank'; // What is being written here stays.
    }
    return link;
  };
  const show_mistakes = (mistakes) => {
    editor.list_mistakes(mistakes, (mistake) =>
      (mistake.place ? editor.link_to(mistake, name_of(mistake)) : link_elsewhere(mistake)));
    for (const input of form.querySelectorAll('.write input')) {
      const wrong = mistakes.some((mistake) => mistake.place === input.name && !mistake.warning);
      input.toggleAttribute('aria-invalid', wrong);
    }
  };
  const go = (link) => {
    const field = form.querySelector(`.write input[name="${CSS.escape(link.dataset.place)}"]`);
    if (!field) return false;
    const details = field.closest('details');
    if (details) details.open = true;
    field.focus();
    return true;
  };

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
    const place = by_id(id);
    if (place) place.textContent = text;
  };

  const show_message = (preview) => {
    const message = preview.message;
    stage.classList.toggle('stale', !message);
    const stale = by_id('stale');
    stale.hidden = Boolean(message);
    if (!message) {
      stale.replaceChildren(...(preview.problem
        ? phrase('getsNothing', { problem: english(preview.problem) })
        : [word('stale')]));
      return;
    }
    set_text('inbox-from', message.from_name);
    set_text('inbox-subject', message.subject);
    set_text('inbox-preheader', message.preheader);
    set_text('part-text', message.text);
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
      const bubble = element('pre', message.text, 'bubble');
      bubble.dir = message.direction;
      stage.replaceChildren(bubble);
    }
  };

  const problem = by_id('reader-problem');
  const preview = editor.asker({
    pause_ms,
    question: () => ({ path: '/preview', body: { ...draft(), ...reader() } }),
    take: (made) => {
      problem.hidden = true;
      code.dispatchEvent(new CustomEvent('winback:first-line', { detail: whole ? 1 : made.body_line }));
      show_mistakes(made.diagnostics);
      show_message(made);
    },
    refused: (reason, status) => {
      if (status !== 404) {
        say(reason, 'bad');
        return;
      }
      problem.replaceChildren(reason); // There is no such reader.
      problem.hidden = false;
    },
  });

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

  const request = () => ({
    path: `/languages/${encodeURIComponent(form.dataset.language)}`,
    method: 'PUT',
    body: { ...draft(), version: Number(value_of('version')) },
  });
  const is_saved = (done) => {
    const is_new = by_id('new');
    if (is_new) is_new.hidden = true;
    if (!done.changed) return '';
    show_mistakes(done.diagnostics);
    // Of this file there are none; those of others do not keep it from being saved.
    const left = done.diagnostics.filter((mistake) => !mistake.warning).length;
    return left === 0 ? '' : word('othersLeft', { count: left });
  };

  const words_of = {
    sent: word('sent'),
    previewed: word('previewed'),
    failed: word('failed'),
    under_way: word('underWay'),
  };

  const outcome = (result) => {
    const item = element('li');
    item.append(element('bdi', result.to), `: ${words_of[result.state]}`);
    if (result.detail && result.state !== 'under_way') item.append(english(result.detail, 'small'));
    return item;
  };
  const test = async () => {
    const button = by_id('test');
    if (button.disabled) return; // One is on its way.
    const results = by_id('test-results');
    button.disabled = true;
    results.textContent = word('sending');
    try {
      const to = value_of('to').split(/[\s,;]+/).filter(Boolean);
      const answer = await editor.send('/test', { ...draft(), ...reader(), to });
      if (!answer.ok) {
        results.replaceChildren(await editor.error_of(answer));
      } else {
        const list = element('ul', '', 'plain');
        list.append(...(await answer.json()).results.map(outcome));
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
    if (by && by.id === 'save') editor.save();
    else if (by && by.id === 'test') test();
    else if (by && by.name === 'part') show_part(by.value);
    else preview.now();
  });
  form.addEventListener('input', (event) => {
    const name = event.target.name;
    if (name === 'to' || name === 'width' || name === 'scheme' || name === 'pictures' || name === 'sample') return;
    if (name !== 'customer') say(editor.is_changed() ? word('notSavedYet') : '');
    preview.soon();
  });
  form.addEventListener('change', (event) => {
    const name = event.target.name;
    if (['scheme', 'pictures'].includes(name) && stage.dataset.draft) show_frame(stage.dataset.draft);
    if (name === 'sample') preview.now();
    if (['customer', 'sample', 'width', 'scheme', 'pictures'].includes(name)) remember_view();
  });
  form.addEventListener('keydown', (event) => {
    // Enter in the field of a test sends the test, not the first button of the form.
    if (event.key === 'Enter' && event.target.name === 'to') {
      event.preventDefault();
      test();
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && form.contains(document.activeElement)) document.activeElement.blur();
  });

  editor.begin({
    text: () => JSON.stringify(draft()),
    request,
    saved: is_saved,
    ask: preview.now,
    show_mistakes,
    go,
    theirs: `${form.dataset.page}?language=${encodeURIComponent(form.dataset.language)}`,
  });
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
