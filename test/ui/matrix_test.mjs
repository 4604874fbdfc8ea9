// Every page in four languages, light and dark, at three widths: nothing sticks out, nothing fails,
// nothing is left in English, nothing stops a reader who listens or sees few colours.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { auditAccess } from './access.mjs';
import { forEach, languages, openBrowser, schemes, watch, widths } from './browser.mjs';
import { Findings } from './findings.mjs';
import { readLook, sticksOut } from './look.mjs';
import { pagesOf, patternsOf } from './places.mjs';
import { leftInEnglish, spokenWell } from './words.mjs';
import { artefacts, startServer } from './world.mjs';

const pictures = join(artefacts, 'pictures');
const only = process.env.ONLY_PAGES ? process.env.ONLY_PAGES.split(',') : null;

// What a reader of this page in this language meets; `find` takes what is wrong, and where.
async function lookAt(page, { entry, language }, find) {
    const marked = `${entry.path}${entry.path.includes('?') ? '&' : '?'}lang=${language}`;
    const answer = await page.goto(entry.url(entry.anyone ? marked : entry.path), { waitUntil: 'load' });
    if (answer.status() !== entry.status) find('', `answers ${answer.status()}, not ${entry.status}`);
    const look = await page.evaluate(readLook);
    for (const scheme of schemes) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        for (const width of widths) {
            await page.setViewportSize({ width, height: 900 });
            for (const what of await page.evaluate(sticksOut)) find(scheme, `at ${width} sticks out: ${what}`);
            if (isPictured(language, scheme, width)) {
                const name = `${entry.name}-${language}-${scheme}-${width}.png`;
                await page.screenshot({ path: join(pictures, name), fullPage: true });
            }
        }
        for (const what of await auditAccess(page, scheme)) find(scheme, what);
    }
    for (const note of page.notes.found()) {
        const expected = entry.status >= 400 && note.includes(`status of ${entry.status}`);
        if (!expected) find('', note);
    }
    return look;
}

// Pictures take as long as all else: both directions, both schemes, telephone and desk.
function isPictured(language, scheme, width) {
    if (process.env.ALL_PICTURES) return true;
    const kept = scheme === 'light' ? width !== 768 : width === 1440;
    return kept && (language === 'en' || language === 'fa');
}

describe('every page, everywhere', () => {
    let server;
    let windows;
    let entries;
    const looks = new Map();
    const each = (find) => {
        for (const entry of entries) {
            for (const language of languages) {
                const look = looks.get(`${entry.name} ${language}`);
                if (look) find(entry, language, look);
            }
        }
    };

    before(async () => {
        mkdirSync(pictures, { recursive: true });
        server = await startServer();
        windows = await openBrowser(server);
        entries = (await pagesOf(server)).filter((entry) => !only || only.includes(entry.name));
    });
    after(async () => {
        await windows?.close();
        assert.equal(await server?.stop(), 0);
    });

    test('looks right', async () => {
        const contexts = new Map();
        for (const language of languages) {
            for (const signedIn of [true, false]) {
                contexts.set(`${language} ${signedIn}`, await windows.context({ language, signedIn }));
            }
        }
        const found = new Findings();
        const work = entries.flatMap((entry) => languages.map((language) => ({ entry, language })));
        await forEach(work, async ({ entry, language }) => {
            const find = (where, what) => found.add(entry.name, `${language} ${where}`.trim(), what);
            let page;
            try {
                page = await contexts.get(`${language} ${!entry.anyone}`).newPage();
                page.notes = await watch(page, server);
                looks.set(`${entry.name} ${language}`, await lookAt(page, { entry, language }, find));
            } catch (error) {
                find('', error.message.split('\n')[0]);
            }
            await page?.close();
        });
        found.expectNone();
    });

    test('speaks the language of its reader', () => {
        const found = new Findings();
        each((entry, language, look) => {
            const english = looks.get(`${entry.name} en`);
            const translated = language === 'en' || entry.theirs || !english;
            const wrong = [
                ...spokenWell(look, language),
                ...(translated ? [] : leftInEnglish(look, english, language)),
            ];
            wrong.forEach((what) => found.add(entry.name, language, what));
        });
        found.expectNone();
    });

    test('has a title of its own', () => {
        const titles = new Map();
        const found = new Findings();
        each((entry, language, { title }) => {
            if (!title.trim()) found.add(entry.name, language, 'has no title');
            const other = titles.get(language + title);
            if (other && other.pattern !== entry.pattern && other.name !== entry.as && !entry.theirs) {
                found.add(entry.name, language, `has the title of ${other.name}: ${title}`);
            }
            titles.set(language + title, entry);
        });
        found.expectNone();
    });

    test('leads only to pages that are listed', () => {
        const found = new Findings();
        const known = patternsOf();
        each((entry, language, { links }) => {
            for (const link of links) {
                const url = new URL(link, server.url);
                if (url.origin !== server.url || known.some((pattern) => pattern.test(url.pathname))) continue;
                found.add(entry.name, '', `leads to ${url.pathname}, which pages.json does not name`);
            }
        });
        found.expectNone();
    });
});
