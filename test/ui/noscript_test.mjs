// Without JavaScript: every page says what it says with it, and the main forms do their work.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { forEach, openBrowser } from './browser.mjs';
import { Findings } from './findings.mjs';
import { readLook } from './look.mjs';
import { pagesOf } from './places.mjs';
import { startServer } from './world.mjs';

// Words that scripts add, or that depend on the moment, are few.
const missing_max = 0.1;

describe('without JavaScript', () => {
    let server;
    let windows;
    let entries;

    before(async () => {
        server = await startServer();
        windows = await openBrowser(server);
        entries = await pagesOf(server);
    });
    after(async () => {
        await windows?.close();
        assert.equal(await server?.stop(), 0);
    });

    test('every page reads', async () => {
        const found = new Findings();
        await forEach(entries, async (entry) => {
            const looks = [];
            for (const javaScriptEnabled of [true, false]) {
                const context = await windows.context({ signedIn: !entry.anyone, javaScriptEnabled });
                const page = await context.newPage();
                await page.goto(entry.url(entry.path));
                looks.push(await page.evaluate(readLook));
                if (!(await page.locator('h1').first().isVisible())) found.add(entry.name, '', 'has no title to read');
                await context.close();
            }
            const [withScripts, without] = looks;
            const kept = new Set(without.words);
            const missing = withScripts.words.filter((text) => !kept.has(text));
            if (missing.length > missing_max * withScripts.words.length) {
                found.add(entry.name, '', `lacks without scripts: ${missing.slice(0, 5).join(' | ')}`);
            }
        });
        found.expectNone();
    });

    async function open(path) {
        const context = await windows.context({ javaScriptEnabled: false });
        const page = await context.newPage();
        await page.goto(server.url + path);
        return { page, close: () => context.close() };
    }

    test('a search finds, and its address brings the finding back', async () => {
        const { customers } = await server.read('/api/v1/customers?limit=1');
        const { page, close } = await open('/customers');
        await page.locator('input[type=search]').first().fill(customers[0].id);
        await page.keyboard.press('Enter');
        await page.waitForURL(/[?&]q=/);
        const link = page.locator(`main a[href^="/customers/${customers[0].id}"]`).first();
        assert.ok(await link.isVisible());
        await page.reload();
        await link.click();
        await page.waitForURL(/\/customers\/[^?]/);
        await close();
    });

    test('a draft is shown, and a text is saved', async () => {
        const { page, close } = await open('/templates/lapsing_hello');
        const subject = page.locator('input[name=subject]');
        const before = await subject.inputValue();
        await subject.fill('Quiet words');
        await page.locator('button:not([formaction])[form=editor], #editor button:not([formaction])').first().click();
        await page.waitForURL(/\/preview$/);
        assert.equal(await page.locator('input[name=subject]').inputValue(), 'Quiet words');
        await page.locator('button[formaction$="/save"]').first().click();
        await page.waitForURL(/saved=/);
        await page.locator('input[name=subject]').fill(before);
        await page.locator('button[formaction$="/save"]').first().click();
        await page.waitForURL(/saved=/);
        await close();
    });
});
