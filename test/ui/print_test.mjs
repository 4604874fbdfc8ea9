// On paper: what leads about is gone, what the page says is there, and nothing is cut off.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { forEach, openBrowser } from './browser.mjs';
import { Findings } from './findings.mjs';
import { pagesOf } from './places.mjs';
import { startServer } from './world.mjs';

// A4 at 96 dots an inch.
const paper = { width: 794, height: 1123 };

describe('in print', () => {
    let server;
    let windows;
    let entries;

    before(async () => {
        server = await startServer();
        windows = await openBrowser(server);
        entries = (await pagesOf(server)).filter((entry) => !entry.live);
    });
    after(async () => {
        await windows?.close();
        assert.equal(await server?.stop(), 0);
    });

    for (const language of ['en', 'ar']) {
        test(`every page fits, in ${language}`, async () => {
            const found = new Findings();
            await forEach(entries, async (entry) => {
                const context = await windows.context({ language, signedIn: !entry.anyone, viewport: paper });
                const page = await context.newPage();
                await page.emulateMedia({ media: 'print' });
                await page.goto(entry.url(entry.path));
                const seen = await page.evaluate(() => ({
                    leads: [...document.querySelectorAll('.side, .skip, .tabs, .pager, .filter, .walk')]
                        .filter((one) => one.checkVisibility())
                        .map((one) => one.className || one.getAttribute('aria-label')),
                    title: document.querySelector('h1')?.checkVisibility() ?? false,
                    wide: document.documentElement.scrollWidth - window.innerWidth,
                }));
                for (const what of seen.leads) found.add(entry.name, language, `prints what leads about: ${what}`);
                if (!seen.title) found.add(entry.name, language, 'prints no title');
                if (seen.wide > 0) found.add(entry.name, language, `is ${seen.wide} px wider than the paper`);
                await context.close();
            });
            found.expectNone();
        });
    }
});
