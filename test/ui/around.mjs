// What stands around the tests of one `describe`: a shop with its playbook, its server and a browser.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { openBrowser, watch } from './browser.mjs';
import { startServer } from './world.mjs';

// `server` and `windows` are there once the tests run.
export function aShop() {
    const shop = {};
    before(async () => {
        shop.server = await startServer({ playbook: true });
        shop.windows = await openBrowser(shop.server);
    });
    after(async () => {
        await shop.windows?.close();
        assert.equal(await shop.server?.stop(), 0);
    });
    // A page in a context of its own, its notes watched.
    shop.open = async (path, options = {}) => {
        const context = await shop.windows.context(options);
        const page = await context.newPage();
        page.notes = await watch(page, shop.server);
        await page.goto(shop.server.url + path);
        return { page, close: () => context.close() };
    };
    return shop;
}
