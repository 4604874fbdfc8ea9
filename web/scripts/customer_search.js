// Suggests customers while somebody types an id, an address or a name.
(() => {
  'use strict';
  const pause_ms = 200;
  const suggestions_max = 10;

  const start = (input) => {
    const list = document.getElementById(input.getAttribute('list'));
    let timer = 0;
    let request = null;

    const ask = async () => {
      const text = input.value.trim();
      if (request) request.abort();
      if (text.length < 2) return;
      request = new AbortController();
      const query = new URLSearchParams({ q: text, limit: String(suggestions_max) });
      try {
        const answer = await fetch(`/api/v1/customers?${query}`, { signal: request.signal });
        if (!answer.ok) return;
        const { customers } = await answer.json();
        list.replaceChildren(...customers.map((customer) => {
          const option = document.createElement('option');
          option.value = customer.id;
          option.label = [customer.name, customer.email].filter(Boolean).join(', ') || customer.id;
          return option;
        }));
      } catch {
        // Stopped by the next letter, or the server is gone: the field works without.
      }
    };

    input.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(ask, pause_ms);
    });
  };

  for (const input of document.querySelectorAll('input[name="customer"][list]')) start(input);
})();
