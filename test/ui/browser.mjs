// A browser whose pages keep what went wrong in them: errors, broken policies, other hosts.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './world.mjs';

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
export const executable = candidates.find((path) => path && existsSync(path));
// Tells a page that hangs from a machine that is busy: two cores under a load of 20 took 20 s for a
// page of 0.1 s. Speed is measured by bench/ui, not here.
const hang_ms = 90_000;
export const widths = [360, 768, 1440];
export const schemes = ['light', 'dark'];
// Those that have a file of texts.
export const languages = ['en', 'tr', 'ar', 'fa'].filter(
    (language) => language === 'en' || existsSync(join(root, `web/languages/${language}.yaml`)),
);
export const direction = (language) => (language === 'ar' || language === 'fa' ? 'rtl' : 'ltr');

export async function openBrowser(server) {
    const session = await server.session();  // First: when it fails, no browser is left behind.
    const browser = await chromium.launch({
        executablePath: executable,
        args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    });
    const cookie = (name, value) => ({ name, value, url: server.url, sameSite: 'Lax' });

    // A window of its own: signed in unless told otherwise, as `who` (a session of the server) or as
    // everybody else.
    async function context({ language = 'en', signedIn = true, who = session, ...options } = {}) {
        const made = await browser.newContext({
            viewport: { width: 1440, height: 900 },
            reducedMotion: 'reduce',
            locale: language,
            ...options,
        });
        made.setDefaultTimeout(hang_ms);
        await made.addCookies([
            ...(signedIn ? [{ ...cookie('winback_session', who.value), httpOnly: true }] : []),
            cookie('winback_language', language),
        ]);
        return made;
    }
    return { browser, session, context, close: () => browser.close() };
}

// Begins to note what goes wrong on `page`; `found()` tells it and begins anew.
export async function watch(page, server) {
    let found = [];
    const note = (kind, text) => found.push(`${kind}: ${text}`);
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) note('console', message.text());
    });
    page.on('pageerror', (error) => note('script error', error.message));
    page.on('dialog', (dialog) => {
        note('dialog', dialog.message());
        dialog.dismiss().catch(() => {});
    });
    page.on('request', (request) => {
        const address = request.url();
        if (!address.startsWith(server.url + '/') && !/^(data|blob|about):/.test(address)) {
            note('request to another host', address);
        }
    });
    page.on('response', (response) => {
        const own = response.url().startsWith(server.url + '/');
        if (own && response.status() >= 400 && response.request().resourceType() !== 'document') {
            note('missing', `${response.status()} ${response.url()}`);
        }
    });
    await page.exposeFunction('reportViolation', (text) => note('policy', text));
    await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
            const { violatedDirective, blockedURI, sample } = event;
            window.reportViolation(`${violatedDirective} ${blockedURI} ${sample}`);
        });
    });
    return {
        found() {
            const told = found;
            found = [];
            return told;
        },
    };
}

// Calls `work` for every item, `lanes` at a time; two cores make good use of four.
export async function forEach(items, work, lanes = 4) {
    const waiting = [...items.entries()];
    const results = new Array(items.length);
    const lane = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
            results[next[0]] = await work(next[1]);
        }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return results;
}
