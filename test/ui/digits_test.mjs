// A page of Arabic or Persian has digits of one kind, whatever the country of the shop; its pictures
// run from the right, and dates are of the calendar that their reader chose.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { forEach, openBrowser } from './browser.mjs';
import { Findings } from './findings.mjs';
import { pagesOf } from './places.mjs';
import { startServer } from './world.mjs';

// Runs in the page: texts with digits that are neither data nor to be typed so.
function foreignDigits(allowed) {
    const kinds = new RegExp(`(?![${allowed}])\\p{Nd}`, 'u');
    const typed = /\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:]+Z|UTF-8|ISO 8601|OpenAPI 3\.1|31\/12|12\/31|1\.234|12\.50/g;
    const data = 'code, pre, bdi, .lines, [translate="no"], [dir="ltr"], script, style, option, datalist, textarea, iframe';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const text = walker.currentNode.data.replace(/\u2068[^\u2069]*\u2069/g, '').replace(typed, '');
        if (kinds.test(text) && !walker.currentNode.parentElement.closest(data)) texts.push(text.trim());
    }
    return texts;
}

describe('digits and directions', () => {
    let server;
    let windows;
    let entries;

    before(async () => {
        server = await startServer({ playbook: true });
        // Alone, Arabic of the Emirates is written with Latin digits, and its money with their marks.
        const changed = await server.ask('/api/v1/workspace', {
            method: 'PATCH',
            body: JSON.stringify({ country: 'AE' }),
            headers: { 'Content-Type': 'application/json' },
        });
        assert.equal(changed.status, 200, await changed.text());
        windows = await openBrowser(server);
        const only = process.env.ONLY_PAGES?.split(',');
        entries = (await pagesOf(server)).filter((entry) => !entry.live && !entry.theirs && entry.name !== 'api' &&
            (!only || only.includes(entry.name)));
    });
    after(async () => {
        await windows?.close();
        assert.equal(await server?.stop(), 0);
    });

    for (const [language, digits] of [['ar', '٠-٩'], ['fa', '۰-۹']]) {
        test(`every page in ${language} has one kind of digits`, async () => {
            const found = new Findings();
            await forEach(entries, async (entry) => {
                const context = await windows.context({ language, signedIn: !entry.anyone });
                const page = await context.newPage();
                await page.goto(entry.url(entry.path));
                for (const text of await page.evaluate(foreignDigits, digits)) {
                    found.add(entry.name, language, `other digits: ${text.slice(0, 80)}`);
                }
                await context.close();
            });
            found.expectNone();
        });
    }

    test('pictures run from the right, and the words in them are not turned over', async () => {
        const context = await windows.context({ language: 'ar' });
        const page = await context.newPage();
        await page.goto(server.url + '/');
        const pictures = await page.evaluate(() =>
            [...document.querySelectorAll('svg')]
                .filter((one) => one.checkVisibility())
                .map((one) => ({
                    name: one.getAttribute('class') ?? '',
                    turned: getComputedStyle(one).transform.startsWith('matrix(-1'),
                    words: one.querySelector('text') !== null,
                })),
        );
        assert.ok(pictures.length > 3);
        assert.ok(pictures.some((one) => one.turned));
        for (const one of pictures) assert.ok(!(one.turned && one.words), `${one.name} turns its words over`);
        const flows = await page.locator('svg.sankey').first().evaluate((one) => {
            const sides = [...one.querySelectorAll('text')].map((text) => Number(text.getAttribute('x')));
            return { first: sides[0], middle: one.viewBox.baseVal.width / 2 };
        });
        assert.ok(flows.first > flows.middle, 'what was before stands on the right');
        await context.close();
    });
});
