// The editor of templates: the preview follows, what is saved is what was written, nobody's text is
// lost, and a test is sent once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aShop } from './around.mjs';
import { asksBeforeLeaving, hold, said, shown, state } from './editors.mjs';

const id = 'lapsing_hello';

describe('the editor of templates', () => {
    const shop = aShop();

    async function open({ query = 'language=en', ...options } = {}) {
        const { page, close } = await shop.open(`/templates/${id}?${query}`, options);
        return { page, subject: page.locator('[name=subject]'), body: page.locator('#body'), close };
    }
    const saved = async (language = 'en') => {
        const { version, variants } = await shop.server.read(`/api/v1/templates/${id}`);
        return { version, source: variants.find((variant) => variant.language === language).source };
    };
    async function previewed(page, act) {
        const answer = page.waitForResponse((response) => response.url().endsWith('/preview') && response.ok());
        await act();
        const made = await (await answer).json();
        await page.waitForFunction(() => !document.querySelector('#editor[aria-busy]'));
        return made;
    }

    test('the preview follows what is typed', async () => {
        const { page, subject, body, close } = await open();
        await previewed(page, () => subject.fill('Hello {{ 40 | plus: 2 }}'));
        assert.equal(await page.locator('#inbox-subject').innerText(), 'Hello 42');
        assert.match(await page.locator('#subject-length').innerText(), /\b8\b/);
        const made = await previewed(page, () => body.fill('<p id="mine">{{ workspace.name }} writes.</p>'));
        const message = page.frameLocator(`iframe[src*="${made.draft}"]`).locator('#mine');
        assert.match(await message.innerText(), / writes\.$/);
        assert.ok(await asksBeforeLeaving(page));
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    test('what is saved is what was sent; what was typed meanwhile is not', async () => {
        const { page, subject, close } = await open();
        const before = await saved();
        await previewed(page, () => subject.fill('Sent off'));
        const put = await hold(page, 'PUT', '/languages/en');
        await page.locator('#save').click();
        await subject.fill('Typed meanwhile');
        put.go();
        assert.match(await said(page, 'good'), /Not saved yet/);
        assert.ok(await asksBeforeLeaving(page));
        const now = await saved();
        assert.ok(now.version > before.version);
        assert.match(now.source, /^subject: "?Sent off"?$/m);

        await page.keyboard.press('Control+s');
        await page.waitForFunction((text) => document.getElementById('state').textContent.includes(text), String(now.version + 1));
        assert.match((await saved()).source, /^subject: "?Typed meanwhile"?$/m);
        assert.ok(!(await asksBeforeLeaving(page)));
        await page.locator('#save').click();
        await page.waitForFunction(() => document.getElementById('state').textContent.includes('already'));
        await close();
    });

    test('mistakes keep it from being saved, and lead to their places', async () => {
        const { page, body, close } = await open();
        const before = await saved();
        await previewed(page, () => body.fill('<p>one</p>\n{{ customer.first_name | shout }}'));
        await page.locator('#save').click();
        assert.match(await said(page, 'bad'), /mend the mistakes/);
        assert.equal((await saved()).version, before.version);
        await page.locator('#diagnostics a[data-place=body]').first().click();
        const marked = await body.evaluate((area) => area.value.slice(0, area.selectionStart).split('\n').length);
        assert.equal(marked, 2);
        await close();
    });

    test('nobody saves over somebody else without knowing', async () => {
        const mine = await open();
        const theirs = await open();
        for (const [{ page, subject }, text] of [[theirs, 'Theirs'], [mine, 'Mine']]) {
            await previewed(page, () => subject.fill(text));
            await page.locator('#save').click();
            await said(page, text === 'Mine' ? 'bad' : 'good');
        }
        assert.match((await saved()).source, /^subject: "?Theirs"?$/m);
        assert.equal(await mine.subject.inputValue(), 'Mine');
        await mine.page.locator('#conflict button').click();
        await said(mine.page, 'good');
        assert.ok(await mine.page.locator('#conflict').isHidden());
        assert.match((await saved()).source, /^subject: "?Mine"?$/m);
        await mine.close();
        await theirs.close();
    });

    test('what waits for a second person is told on its own page', async () => {
        const { page, subject, close } = await open({ who: await shop.server.session(shop.server.keys.marketers) });
        const before = await saved();
        await previewed(page, () => subject.fill('May I?'));
        await page.locator('#save').click();
        await page.waitForURL(/\/approvals\/\d+\?said=approval_asked$/);
        assert.ok(await page.locator('[role=status]').first().isVisible());
        assert.equal((await saved()).version, before.version);
        const { approvals } = await shop.server.read('/api/v1/approvals?state=waiting');
        assert.equal(approvals.length, 1);
        assert.ok(page.url().includes(`/approvals/${approvals[0].id}?`));
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    test('a test is sent once, however often it is asked for', async () => {
        const { page, close } = await open();
        const post = await hold(page, 'POST', '/test');
        const to = page.locator('[name=to]');
        await to.fill('me@example.test');
        await to.press('Enter');
        await to.press('Enter');
        await page.locator('#test').click({ force: true });
        post.go();
        await page.locator('#test-results li').waitFor();
        assert.deepEqual(post.asked.map((body) => body.to), [['me@example.test']]);
        assert.equal(await page.locator('#test-results bdi').innerText(), 'me@example.test');
        await to.press('Enter'); // The next one is another.
        await page.waitForFunction(() => !document.getElementById('test').disabled);
        assert.equal(post.asked.length, 2);
        await close();
    });

    test('English stands as English among Arabic, and numbers stay as the server writes them', async () => {
        const { page, subject, close } = await open({ query: 'language=ar', language: 'ar' });
        const written = await shown(page.locator('#subject-length'));
        const count = [...(await page.locator('#inbox-subject').innerText())].length;
        const again = await previewed(page, () => page.locator('[name=preheader]').fill('x'));
        assert.equal([...again.message.subject].length, count);
        assert.equal(await shown(page.locator('#subject-length')), written);

        await page.locator('[name=customer]').fill('nobody-has-this');
        const unknown = page.locator('#reader-problem [lang=en][dir=ltr]');
        await unknown.waitFor();
        assert.match(await unknown.innerText(), /[a-z]/);
        await subject.fill('x');
        await page.locator('[name=version]').evaluate((field) => { field.value = '999999'; });
        await page.locator('#save').click();
        await said(page, 'bad');
        assert.match(await state(page).locator('[lang=en][dir=ltr]').innerText(), /version/);
        await page.locator('[name=to]').fill('not an address');
        await page.locator('[name=to]').press('Enter');
        await page.locator('#test-results [lang=en][dir=ltr]').waitFor();
        await close();
    });
});
