// The list of customers by keyboard: "/" goes to the search, arrows move between rows, Enter opens.
(() => {
  'use strict';
  const typed_in = 'input, textarea, select, [contenteditable]';
  const typing = (element) => element && element.closest(typed_in);
  const links = () => [...document.querySelectorAll('#list .who-link')];

  const step = (by) => {
    const all = links();
    if (all.length === 0) return false;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    if (next < 0) {
      document.getElementById('q').focus();
    } else if (next < all.length) {
      all[next].focus();
    }
    return true;
  };

  // Addresses are shared: fields that say nothing stay out of them.
  document.addEventListener('htmx:configRequest', (event) => {
    const { path, formData } = event.detail;
    if (path !== '/customers' || !formData) return;
    for (const [name, value] of [...formData.entries()]) {
      if (value !== '') continue;
      const rest = formData.getAll(name).filter((other) => other !== '');
      formData.delete(name);
      for (const other of rest) formData.append(name, other);
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.getElementById('q');
    if (!search) return;
    if (event.key === '/' && !typing(event.target)) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === 'ArrowDown' && (event.target === search || !typing(event.target))) {
      if (step(1)) event.preventDefault();
    } else if (event.key === 'ArrowUp' && event.target.matches?.('.who-link')) {
      if (step(-1)) event.preventDefault();
    }
  });
})();
