// Line numbers beside a text area, and marks under its text where mistakes stand.
//
// A copy of the text lies behind the text area, one block for each line, with the same type and
// width: so long lines may wrap and their numbers still stand where they begin. Listens for
// "winback:mistakes" and "winback:first-line" on the element around both.
(() => {
  'use strict';
  const marked_lines_max = 5000; // Beyond them typing would feel it; the text area stays as it is.
  const liquid = /\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)/g;

  const start = (code) => {
    const area = code.querySelector('textarea');
    const lines = code.querySelector('.lines');
    let mistakes = [];
    let first_line = Number(code.dataset.firstLine) || 1;
    let drawn = [];

    // Columns count bytes of UTF-8, strings count UTF-16.
    const index_of = (text, column) => {
      let bytes = 1;
      let index = 0;
      for (const letter of text) {
        if (bytes >= column) break;
        const point = letter.codePointAt(0);
        bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        index += letter.length;
      }
      return index;
    };

    const block_of = (text) => {
      const block = document.createElement('div');
      let at = 0;
      for (const match of text.matchAll(liquid)) {
        block.append(text.slice(at, match.index));
        const mark = document.createElement('i');
        mark.textContent = match[0];
        block.append(mark);
        at = match.index + match[0].length;
      }
      block.append(text.slice(at) || (at === 0 ? '\u200b' : ''));
      return block;
    };

    // Only lines that changed are made again.
    const draw = () => {
      const texts = area.value.split('\n');
      code.classList.toggle('too-long', texts.length > marked_lines_max);
      if (texts.length > marked_lines_max) {
        lines.replaceChildren();
        drawn = [];
        return;
      }
      code.style.setProperty('--first-line', String(first_line - 1));
      let same = 0;
      while (same < texts.length && same < drawn.length && texts[same] === drawn[same]) ++same;
      let same_end = 0;
      while (same_end < texts.length - same && same_end < drawn.length - same &&
             texts[texts.length - 1 - same_end] === drawn[drawn.length - 1 - same_end]) ++same_end;
      for (let i = drawn.length - same_end - 1; i >= same; --i) lines.children[i].remove();
      const after = lines.children[same] || null;
      for (let i = same; i < texts.length - same_end; ++i) {
        lines.insertBefore(block_of(texts[i]), after);
      }
      drawn = texts;
      for (const block of lines.children) block.className = '';
      for (const mistake of mistakes) {
        const block = lines.children[mistake.line - first_line];
        if (block) block.classList.add(mistake.warning ? 'doubt' : 'wrong');
      }
    };

    const follow = () => {
      lines.style.transform = `translateY(${-area.scrollTop}px)`;
    };
    // The scroll bar takes room from the text area that the copy must leave free, too.
    const measure = () => {
      code.style.setProperty('--bar', `${area.offsetWidth - area.clientWidth}px`);
    };

    code.addEventListener('winback:mistakes', (event) => {
      mistakes = event.detail.filter((mistake) => mistake.place && mistake.line >= first_line);
      draw();
    });
    code.addEventListener('winback:first-line', (event) => {
      first_line = event.detail;
      draw();
    });
    code.addEventListener('winback:go', (event) => {
      const { line, column, length } = event.detail;
      const texts = area.value.split('\n');
      const index = Math.min(Math.max(line - first_line, 0), texts.length - 1);
      const before = texts.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0);
      const from = before + index_of(texts[index], column);
      const to = before + index_of(texts[index], column + length);
      area.focus();
      area.setSelectionRange(from, Math.max(to, from));
      const block = lines.children[index];
      if (block) area.scrollTop = Math.max(block.offsetTop - area.clientHeight / 3, 0);
    });
    area.addEventListener('input', draw);
    area.addEventListener('scroll', follow);
    new ResizeObserver(measure).observe(area);
    code.classList.add('numbered');
    measure();
    draw();
    follow();
  };

  for (const code of document.querySelectorAll('.code')) start(code);
})();
