// The first hour of somebody with a shop's file and no manual: from an empty folder to the list of
// what is missing before anything can be sent.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBrowser, watch } from './browser.mjs';
import { ordersFile, startServer } from './world.mjs';

const import_ms_max = 120_000;

describe('the first hour', () => {
    let server;
    let windows;
    let page;
    let notes;
    const main = () => page.locator('main');
    const quiet = () => assert.deepEqual(notes.found().filter((note) => !/status of 4\d\d/.test(note)), []);

    before(async () => {
        server = await startServer({ empty: true });
        windows = await openBrowser(server);
        page = await (await windows.context({ signedIn: false })).newPage();
        notes = await watch(page, server);
    });
    after(async () => {
        await windows?.close();
        assert.equal(await server?.stop(), 0);
    });

    test('whoever started the server becomes its first user, and is led to the guide', async () => {
        await page.goto(server.firstLink());
        await page.fill('[name=name]', 'Ada Lovelace');
        await page.fill('[name=email]', 'ada@example.test');
        await page.fill('[name=password]', 'password');
        await page.locator('form button').click();
        assert.match(await page.locator('[role=alert]').innerText(), /\w/, 'a weak password is refused with words');
        await page.fill('[name=password]', 'a long pass phrase of four words');
        await page.locator('form button').click();
        await page.waitForURL(/\/start$/);
        assert.ok(await main().locator('ol.steps').isVisible());
        quiet();
    });

    test('the workspace gets its name, zone, currency and language', async () => {
        await page.goto(`${server.url}/start`);
        const form = page.locator('form[action="/start/workspace"]');
        await form.locator('[name=name]').fill('Tea & Toys');
        await form.locator('[name=country]').selectOption('GB');
        await form.locator('[name=zone]').fill('Europe/London');
        await form.locator('[name=currency]').fill('GBP');
        await form.locator('[name=language]').selectOption('en');
        await form.locator('button').click();
        await page.waitForURL(/\/start\?said=/);
        assert.match(await main().innerText(), /Tea & Toys/);
        quiet();
    });

    test('a file is looked at before anything is taken from it', async () => {
        await page.goto(`${server.url}/import`);
        await page.locator('input[type=file]').setInputFiles(ordersFile());
        await page.locator('form[action="/import"] button').click();
        await page.waitForURL(/\/import\/[^/]+$/);
        assert.equal((await server.read('/api/v1/customers?limit=1')).customers.length, 0, 'nothing was taken yet');
        const role = (column) =>
            page.locator('tr', { has: page.locator('bdi', { hasText: new RegExp(`^${column}$`) }) }).locator('select').inputValue();
        assert.equal(await role('CustomerID'), 'customer');
        assert.equal(await role('InvoiceDate'), 'time');
        // The file names no currency; its shop does.
        await page.locator('[name=currency]').fill('GBP');
        assert.ok(await page.locator('button[formaction$="/start"]').isEnabled(), await main().innerText());
        quiet();
    });

    test('it is imported, and progress is shown until it is done', async () => {
        await page.locator('button[formaction$="/start"]').click();
        await page.locator('#progress dl.stats').waitFor({ timeout: import_ms_max });
        const [file] = (await server.read('/api/v1/imports')).imports;
        assert.equal((await server.read(`/api/v1/imports/${file.id}`)).plan.currency, 'GBP', 'what was typed counts');
        const { matching } = await server.read('/api/v1/customers?limit=1');
        assert.ok(matching > 500, `${matching} customers`);
        quiet();
    });

    test('the overview says who is leaving, and leads to one of them and to the reason', async () => {
        await page.goto(`${server.url}/`);
        assert.match(await main().innerText(), /\d/);
        await page.goto(`${server.url}/customers?state=lapsed`);
        await page.locator('main a[href^="/customers/"]').first().click();
        await page.waitForURL(/\/customers\/[^?]+/);
        const text = await main().innerText();
        assert.match(text, /day/, 'how often they order, and for how long they have been silent');
        assert.ok(await page.locator('main svg[role=img]').first().isVisible(), 'their orders as a picture');
        quiet();
    });

    test('a segment is read, and a message seen as its customer would get it', async () => {
        await page.goto(`${server.url}/segments`);
        await page.locator('main a[href^="/segments/"]').first().click();
        await page.waitForURL(/\/segments\/[^?]+/);
        quiet();
        await page.goto(`${server.url}/templates`);
        await page.locator('main a[href^="/templates/"]').first().click();
        await page.waitForURL(/\/templates\/[^?]+/);
        const letter = page.frameLocator('iframe').first();
        await letter.locator('body').waitFor();
        assert.ok((await letter.locator('body').innerText()).trim().length > 40, 'a message to read');
        quiet();
    });

    test('the check-list says what is missing, and nothing goes out before', async () => {
        await page.goto(`${server.url}/start`);
        const text = await main().innerText();
        assert.match(text, /○/, 'something is missing still');
        const sending = page.locator('form[action="/start/sending"] button');
        assert.ok(await sending.isDisabled(), 'sending cannot be turned on');
        quiet();
    });
});
