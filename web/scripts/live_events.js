// Lets events appear in the table while they arrive. Texts of customers become text, never markup.
(() => {
  'use strict';
  const rows_max = 200;
  const pause_between_ms = 200;

  const place = document.getElementById('arrivals');
  if (!place || !window.EventSource) return;
  const rows = document.getElementById('arrivals-rows');
  const card = document.getElementById('arrivals-card');
  const state = document.getElementById('arrivals-state');
  const lead = document.getElementById('arrivals-lead');
  const pause = document.getElementById('arrivals-pause');
  const row = document.getElementById('arrival-row');
  const words = document.getElementById('arrival-words');
  const problem_texts = new Map();
  for (const item of words.children) problem_texts.set(item.dataset.code, item.textContent);

  const time_format = (() => {
    const form = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
    const zone = place.dataset.zone;
    try {
      return new Intl.DateTimeFormat(document.documentElement.dataset.locale, zone ? { ...form, timeZone: zone } : form);
    } catch {
      return new Intl.DateTimeFormat(undefined, form);
    }
  })();

  const pretty = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };
  const text_of = (problem) => {
    const text = problem_texts.get(problem.code);
    return text ? text.replace('%s', () => problem.subject) : problem.message;
  };

  const row_of = (event) => {
    const made = row.content.cloneNode(true).querySelector('tr');
    const fill = (name) => made.querySelector(`[data-fill="${name}"]`);
    const part = (name, shown) => { made.querySelector(`[data-part="${name}"]`).hidden = !shown; };
    const words_or_dash = (text) => text || '–';
    made.classList.toggle('gone', !event.taken);
    fill('name').textContent = words_or_dash(event.name || event.kind);
    part('nobody', !event.customer);
    fill('customer').hidden = !event.customer;
    if (event.customer) {
      fill('customer').textContent = event.customer;
      fill('customer').href = `/customers/${encodeURIComponent(event.customer)}`;
    }
    fill('key').textContent = words_or_dash(event.key);
    fill('state').textContent = !event.taken ? words.dataset.refused : event.needs_look ? words.dataset.look : words.dataset.taken;
    fill('state').className = `badge ${!event.taken ? 'gone' : event.needs_look ? 'warn' : 'good'}`;
    fill('at').textContent = time_format.format(new Date(event.at));
    fill('at').dateTime = event.at;
    fill('raw').textContent = event.raw_cut ? event.raw : pretty(event.raw);
    fill('decoded').textContent = event.decoded ? pretty(event.decoded) : '';
    part('raw', event.raw !== '');
    part('cut', event.raw_cut);
    part('decoded', event.decoded !== null);
    part('problems', event.problems.length > 0);
    fill('problems').replaceChildren(...event.problems.map((problem) => {
      const item = document.createElement('li');
      item.textContent = text_of(problem);
      return item;
    }));
    return made;
  };

  let waiting = [];
  let paused = false;
  let timer = 0;
  const say = (what) => { state.textContent = state.dataset[what]; };
  const show = () => {
    timer = 0;
    if (paused || waiting.length === 0) return;
    card.hidden = false;
    const made = waiting.slice(-rows_max).map(row_of).reverse();
    waiting = [];
    rows.prepend(...made);
    while (rows.children.length > rows_max) rows.lastElementChild.remove();
    // What the page said when it was loaded is no longer so.
    lead.textContent = rows.querySelector('.badge.warn, .badge.gone') ? lead.dataset.problems : lead.dataset.good;
  };

  const separator = place.dataset.live.includes('?') ? '&' : '?';
  const source = new EventSource(`${place.dataset.live}${separator}since=${place.dataset.last}`);
  source.addEventListener('open', () => say(paused ? 'paused' : 'live'));
  source.addEventListener('error', () => say('lost'));
  source.addEventListener('arrival', (message) => {
    waiting.push(JSON.parse(message.data));
    if (waiting.length > rows_max) waiting.shift();
    if (!timer) timer = setTimeout(show, pause_between_ms);
  });

  pause.hidden = false;
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.textContent = paused ? pause.dataset.goOn : pause.dataset.pause;
    say(paused ? 'paused' : 'live');
    show();
  });
  window.addEventListener('pagehide', () => source.close());
})();
