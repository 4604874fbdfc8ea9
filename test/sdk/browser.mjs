// The browser library under a DOM: the globals that it looks for, from jsdom.
import { JSDOM } from 'jsdom';
import { createRequire } from 'node:module';

export function openBrowser(pageUrl) {
    const dom = new JSDOM('<!doctype html><title>Shop</title><script></script>', {
        url: pageUrl,
        referrer: 'https://search.example.test/',
        pretendToBeVisual: true,
    });
    const { window } = dom;
    for (const name of ['window', 'document', 'navigator', 'location', 'localStorage',
        'sessionStorage', 'XMLHttpRequest', 'CustomEvent', 'Event', 'HTMLElement']) {
        Object.defineProperty(globalThis, name, {
            value: name === 'window' ? window : window[name],
            configurable: true,
            writable: true,
        });
    }
    window.fetch = globalThis.fetch;
    // The library is CommonJS and reads the globals when it is loaded.
    const { AnalyticsBrowser } = createRequire(import.meta.url)('@segment/analytics-next');
    return { AnalyticsBrowser, close: () => window.close() };
}
