// What is read out of a page in the browser. Each function is sent there whole: it uses nothing of
// this file.

// Language, direction, title, and the words that a reader sees or hears.
export function readLook() {
    // Data of people, code and other languages are not ours to translate.
    const foreign = 'bdi, code, pre, kbd, samp, time[data-as-is], textarea, iframe, script, style, ' +
        'template, datalist, .code, [translate="no"]';
    const own = document.documentElement.lang;
    const isForeign = (element) => {
        const spoken = element.closest('[lang]');
        return element.closest(foreign) !== null || (spoken !== null && spoken.lang !== own);
    };
    const words = new Set();
    const add = (text) => {
        const plain = (text ?? '').replace(/[\u200e\u200f\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();
        if (plain) words.add(plain);
    };
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement && !isForeign(node.parentElement)) add(node.data);
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
        if (isForeign(element)) continue;
        for (const name of ['aria-label', 'placeholder', 'title', 'alt']) add(element.getAttribute(name));
    }
    for (const button of document.querySelectorAll('input[type=submit], input[type=button]')) add(button.value);
    return {
        language: document.documentElement.lang,
        direction: document.documentElement.dir,
        title: document.title,
        words: [...words],
        links: [...document.querySelectorAll('a[href]')].map((a) => new URL(a.getAttribute('href'), document.baseURI).href),
    };
}

// What makes the page wider than the window, by selector; nothing when it is not.
export function sticksOut() {
    const room = document.documentElement.clientWidth;
    const wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
    if (wide <= room + 1) return [];
    const inside = (element) => {
        for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
            if (getComputedStyle(at).overflowX !== 'visible') return true;
        }
        return false;
    };
    const named = (element) => {
        const classes = [...element.classList].map((name) => '.' + name).join('');
        return element.tagName.toLowerCase() + classes;
    };
    const guilty = [...document.body.querySelectorAll('*')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && (box.right > room + 1 || box.left < -1) && !inside(element);
    });
    const deepest = guilty.filter((element) => !guilty.some((other) => other !== element && element.contains(other)));
    return [`${wide} in ${room}: ` + [...new Set(deepest.slice(0, 5).map(named))].join(', ')];
}
