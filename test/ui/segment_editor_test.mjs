// The editor of segments: lines (segment_lines_test.mjs) and text stay in step, names are completed by
// keyboard, counts follow, and what is saved is what was built.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aShop } from './around.mjs';
import { asksBeforeLeaving, hold, said, segmentEditor, shown, state } from './editors.mjs';

describe('the editor of segments', () => {
    const shop = aShop();
    const { open, choose, counted } = segmentEditor(shop);

    test('lines become text, and text becomes lines', async () => {
        const { page, text, lines, close } = await open('/segments/new');
        await page.getByRole('button', { name: 'Add a line' }).click();
        assert.equal(await lines.count(), 1);
        const made = await counted(page, () => page.locator('#build').getByLabel('Name of the event').fill('Order Completed'));
        assert.equal(made.condition, 'ev("Order Completed").any()');
        const shown = await page.locator('#count').innerText();
        assert.equal(Number(shown.replace(/\D/g, '')), made.customers);
        await choose(page, 'text');
        assert.equal(await text.inputValue(), 'ev("Order Completed").any()');

        await text.press('End');
        const both = await counted(page, () => text.pressSequentially(' && user.orders.count >= 3'));
        assert.equal(both.parts.length, 2);
        assert.equal(await page.locator('#funnel li').count(), 3);
        await choose(page, 'build');
        await page.locator('#build .line').nth(1).waitFor();
        assert.equal(await lines.nth(1).locator('[data-field=name]').inputValue(), 'orders.count');
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    test('each line of a group says for how many it holds', async () => {
        const { page, text, lines, close } = await open('/segments/new');
        await choose(page, 'text');
        const made = await counted(page, () => text.fill(
            'user.country == "United Kingdom" && (user.orders.count >= 5 || !(user.orders.count == 2 || user.orders.count == 3))'));
        await choose(page, 'build');
        await lines.nth(3).waitFor();
        const shown = async (line) => Number((await line.locator('[data-count]').innerText()).match(/[\d,]+/)[0].replace(/\D/g, ''));
        const [, group] = made.parts;
        assert.equal(await shown(lines.nth(0)), made.parts[0].customers);
        assert.equal(await shown(lines.nth(1)), group.parts[0].alone);
        assert.equal(await shown(lines.nth(2)), group.parts[1].parts[0].alone);
        assert.equal(await shown(lines.nth(3)), group.parts[1].parts[1].alone);
        assert.notEqual(group.parts[0].alone, group.parts[1].parts[0].alone);

        await choose(page, 'text');
        const any = await counted(page, () => text.fill('user.orders.count >= 5 || user.orders.count == 2'));
        await choose(page, 'build');
        await page.waitForFunction(() => document.querySelectorAll('#build .line').length === 2);
        assert.equal(await shown(lines.nth(0)), any.parts[0].parts[0].alone);
        assert.equal(await shown(lines.nth(1)), any.parts[0].parts[1].alone);
        await close();
    });

    test('what no line can say is kept as it is', async () => {
        const { page, text, lines, close } = await open('/segments/new');
        await choose(page, 'text');
        const odd = 'ev("Order Completed").since_last() > user.orders.gap * 2.0';
        await counted(page, () => text.fill(`${odd} && user.country == "GB"`));
        await choose(page, 'build');
        await page.locator('#build .line.locked').waitFor();
        const made = await counted(page, () => lines.nth(1).locator('[data-field=value]').fill('DE'));
        assert.ok(made.condition.includes(odd), made.condition);
        assert.ok(made.condition.includes('user.country == "DE"'), made.condition);
        await close();
    });

    // Of a large base the first answers say how far the histories are read; here such a one is put
    // before the true ones.
    test('what is not in memory is counted from the histories', async () => {
        const { page, text, close } = await open('/segments/new');
        await choose(page, 'text');
        let early = 1;
        await page.route('**/segments/preview', async (route) => {
            const headers = { ...route.request().headers(), accept: 'application/json' };
            const answer = await route.fetch({ headers });
            if (early-- <= 0) return route.fulfill({ response: answer });
            const made = { ...(await answer.json()), customers: null, of: null, entering: null, leaving: null,
                histories: { ready: false, looked_at: 1200, all: 3000 } };
            return route.fulfill({ status: 202, json: made });
        });
        await text.fill('ev("Order Completed").where(e, e.no_such_thing == null).count() >= 2');
        await page.locator('#reading').waitFor();
        assert.match(await page.locator('#reading').innerText(), /1,200 of 3,000/);
        assert.equal(await page.locator('#reading progress').evaluate((bar) => bar.position), 0.4);
        await page.locator('#reading').waitFor({ state: 'hidden' });
        const count = Number((await page.locator('#count').innerText()).replace(/\D/g, ''));
        assert.ok(count > 0);
        assert.match(await page.locator('#diagnostics').innerText(), /no_such_thing.*counted from the histories/);
        const opened = page.waitForEvent('popup');
        await page.locator('#count a').click();
        const people = await opened; // What is not saved stays where it is.
        const found = await people.locator('.found [role=status]').innerText();
        assert.equal(Number(found.match(/[\d,]+/)[0].replace(/\D/g, '')), count);
        await people.close();
        await close();
    });

    // Each of its parts compares eight thousand sums for each customer.
    const costly = (() => {
        const numbers = `[${Array.from({ length: 90 }, (_, i) => i).join(', ')}]`;
        const part = (i) => `${numbers}.all(x, ${numbers}.all(y, x + y < ${1000 + i} + size(user.country)))`;
        return [0, 1, 2, 3, 4, 5].map(part).join(' && ');
    })();
    test('a count that takes long grows before it ends, and gives way to what is typed', async () => {
        const { page, text, close } = await open('/segments/new');
        await choose(page, 'text');
        const all = (await counted(page, () => text.fill('true'))).customers;
        const done = counted(page, () => text.fill(costly));
        const bar = page.locator('#reading progress');
        await bar.waitFor();
        const seen = [];
        for (let last = -1; await bar.isVisible();) {
            const [looked_at, shown] = await page.evaluate(() => [
                document.querySelector('#reading progress').value, document.querySelector('#count').innerText]);
            if (looked_at !== last) seen.push([looked_at, Number(shown.replace(/\D/g, ''))]);
            last = looked_at;
        }
        const whole = await done;
        assert.ok(seen.length > 2, JSON.stringify(seen));
        for (let i = 1; i < seen.length; ++i) {
            assert.ok(seen[i][0] >= seen[i - 1][0] && seen[i][1] >= seen[i - 1][1], JSON.stringify(seen));
        }
        assert.equal(whole.of, all);
        assert.ok(seen[0][1] < whole.customers, JSON.stringify(seen));

        await text.fill(`${costly} && true`);
        await bar.waitFor();
        assert.equal((await counted(page, () => text.fill('user.orders.count >= 1'))).parts.length, 1);
        assert.ok(await bar.isHidden());
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    test('names are completed by keyboard', async () => {
        const { page, text, close } = await open('/segments/new');
        await choose(page, 'text');
        await text.pressSequentially('ev("Order Comp');
        const names = page.locator('#names [role=option]');
        await names.first().waitFor();
        assert.equal(await text.getAttribute('aria-activedescendant'), await names.first().getAttribute('id'));
        await text.press('Escape');
        assert.ok(await page.locator('#names').isHidden());
        await text.press('Control+ ');
        await text.press('Enter');
        assert.equal(await text.inputValue(), 'ev("Order Completed"');
        await close();
    });

    test('a mistake is shown under its place, and the text stays', async () => {
        const { page, text, close } = await open('/segments/new');
        await choose(page, 'text');
        await counted(page, () => text.fill('user.plan ==\n&& user.age > 3'));
        const mistake = page.locator('#diagnostics li.error').first();
        assert.match(await mistake.innerText(), /Line \d/);
        await choose(page, 'build');
        await page.waitForFunction(() => document.getElementById('state').dataset.kind === 'bad');
        assert.ok(await text.isVisible());
        await close();
    });

    test('no number stands beside a condition of which it is not', async () => {
        const { page, text, close } = await open('/segments/lapsing/edit');
        const number = async (place) => Number((await page.locator(place).innerText()).replace(/\D/g, ''));
        await choose(page, 'text');
        const before = await number('#count');
        assert.ok(before > 0);
        const kept = await text.inputValue();
        const answers = await hold(page, 'POST', '/segments/preview');
        await text.fill(`${kept} &&`);
        // Until the answer comes the old number says that it is old.
        await page.locator('#anew', { hasText: 'Counting anew' }).waitFor();
        assert.equal(await page.locator('#total').getAttribute('aria-busy'), 'true');
        assert.equal(await number('#count'), before);
        answers.go();
        await page.locator('#uncounted', { hasText: 'not finished' }).waitFor();
        assert.equal(await page.locator('#total').getAttribute('aria-busy'), 'false');
        assert.equal(await page.locator('#total').getAttribute('aria-live'), 'polite');
        assert.equal(await page.locator('#count').innerText(), '–');
        assert.equal(await page.locator('#share').innerText(), '');
        for (const gone of ['#anew', '#parts', '#entering', '#leaving', '#funnel li']) {
            assert.ok(!(await page.locator(gone).first().isVisible()) || gone === '#anew', gone);
        }
        assert.equal(await page.locator('#anew').innerText(), '');
        await counted(page, () => text.fill('user.orders.cuont > 3'));
        await page.locator('#uncounted', { hasText: 'has mistakes' }).waitFor();
        await text.fill('');
        await page.locator('#uncounted', { hasText: 'Write a condition' }).waitFor();
        await counted(page, () => text.fill(kept));
        assert.equal(await number('#count'), before);
        assert.equal(await page.locator('#uncounted').innerText(), '');
        assert.ok(await page.locator('#funnel li').first().isVisible());
        await close();
    });

    test('the caret under a mistake is seen on a phone', async () => {
        const narrow = { viewport: { width: 360, height: 740 } };
        const condition = 'user.plan == "gold" && user.orders.revenue > 100 && user.orders.cuont > 3';
        const seen = (quote) => quote.evaluate((pre) => {
            const at = pre.textContent.lastIndexOf('^');
            const range = document.createRange();
            range.setStart(pre.firstChild, at);
            range.setEnd(pre.firstChild, at + 1);
            const [caret, box] = [range.getBoundingClientRect(), pre.getBoundingClientRect()];
            return caret.left >= box.left && caret.right <= Math.min(box.right, innerWidth);
        });
        const { page, text, close } = await open('/segments/new', narrow);
        await choose(page, 'text');
        await counted(page, () => text.fill(condition));
        assert.ok(await seen(page.locator('#diagnostics .error pre')));
        await close();

        const plain = await shop.windows.context({ ...narrow, javaScriptEnabled: false });
        const bare = await plain.newPage();
        await bare.goto(`${shop.server.url}/segments/new`);
        await bare.locator('#body').fill(condition);
        await bare.locator('button[formnovalidate]').click(); // Without a name: counting needs none.
        const quote = bare.locator('#diagnostics .error pre');
        await quote.waitFor();
        const [first, second] = (await quote.innerHTML()).split('\n');
        assert.ok(first.startsWith('  …') && second.indexOf('^') < 30, first);
        assert.match(await bare.locator('#uncounted').innerText(), /has mistakes/);
        await plain.close();
    });

    test('comments stand before and behind their line', async () => {
        const { page, text, lines, close } = await open('/segments/new');
        await choose(page, 'text');
        await counted(page, () => text.fill('// One\n// more\nuser.age > 3 // behind\n&& user.plan == "gold"'));
        await choose(page, 'build');
        const notes = lines.first().locator('[data-comment]');
        assert.deepEqual(await notes.allInnerTexts(), ['One\nmore', 'behind']);
        const [above, sentence, below] = await Promise.all(
            [notes.first(), lines.first().locator('.sentence'), notes.last()].map((one) => one.boundingBox()));
        assert.ok(above.y + above.height <= sentence.y && sentence.y + sentence.height <= below.y);
        await close();
    });

    test('what applies at the caret is offered first', async () => {
        const { page, text, close } = await open('/segments/new');
        await choose(page, 'text');
        const offered = async (typed) => {
            await text.fill('');
            await text.pressSequentially(typed);
            return page.locator('#names [role=option]').evaluateAll((items) => items.map((item) => item.dataset.value));
        };
        assert.ok((await offered('sent("')).includes('lapsing'));
        const steps = await offered('ev("Order (Completed").where(e, e.total > size("a)")).');
        assert.deepEqual(steps.slice(0, 8), ['within', 'between', 'since', 'before', 'where', 'then', 'count', 'any']);
        assert.ok((await offered('ev("Order Completed").last_time().')).includes('getFullYear'));
        assert.ok((await offered('user.country.')).includes('contains'));
        assert.ok((await offered('score("')).includes('p_alive'));
        assert.ok((await offered('consent("')).includes('email'));
        const properties = await offered('ev("Order Completed").where(one, one.');
        assert.ok(properties.length > 0 && !properties.includes('within'), properties.join());
        assert.deepEqual(await offered('ev("Order Completed").where(e, e.'), properties);
        await close();
    });

    test('what was built is saved, and a change says who comes and goes', async () => {
        const { page, close } = await open('/segments/new');
        await page.locator('input[name=name]').fill('Came back');
        await page.locator('[data-kinds]').first().selectOption('trait');
        await page.getByRole('button', { name: 'Add a line' }).click();
        const line = page.locator('#build .line').first();
        await line.locator('[data-field=name]').fill('orders.count');
        await line.locator('[data-field=op]').selectOption('>=');
        assert.equal(await line.locator('[data-field=type]').inputValue(), 'number');
        await counted(page, () => line.locator('[data-field=value]').fill('2'));
        await page.locator('#save').click();
        await page.waitForURL(/\/segments\/came_back\?/);
        const saved = await shop.server.read('/api/v1/segments/came_back');
        assert.equal(saved.condition.trim(), 'user.orders.count >= 2');

        await page.goto(`${shop.server.url}/segments/came_back/edit`);
        await page.locator('#build .line').waitFor();
        const made = await counted(page, () => page.locator('#build .line [data-field=value]').fill('3'));
        assert.ok(made.leaving.customers > 0);
        const shown = await page.locator('#leaving b').innerText();
        assert.equal(Number(shown.replace(/\D/g, '')), made.leaving.customers);
        assert.ok(await page.locator('#leaving li a').first().isVisible());
        const opened = page.waitForEvent('popup');
        await page.locator('#leaving b a').click();
        const people = await opened; // Everybody who would go out, beside the editor.
        const found = await people.locator('.found [role=status]').innerText();
        assert.equal(Number(found.match(/[\d,]+/)[0].replace(/\D/g, '')), made.leaving.customers);
        await people.close();
        // A condition that is too long for an address has a number without a link.
        await choose(page, 'text');
        await counted(page, () => page.locator('#body').fill(`user.orders.count >= 3 // ${'long '.repeat(900)}`));
        assert.equal(await page.locator('#leaving b').count(), 1);
        assert.equal(await page.locator(':is(#count, #leaving b) a').count(), 0);
        await close();
    });

    test('a name of any script makes an id, and a second of the name takes nothing away', async () => {
        const { page, text, close } = await open('/segments/new');
        const save = async (name, condition, fields = {}) => {
            await page.goto(`${shop.server.url}/segments/new`);
            await page.locator('#build .root').waitFor();
            await page.locator('input[name=name]').fill(name);
            for (const [field, value] of Object.entries(fields)) await page.locator(`input[name=${field}]`).fill(value);
            await choose(page, 'text');
            await counted(page, () => text.fill(condition));
            await page.locator('#save').click();
        };
        await save('مشتریان', 'user.orders.count >= 5');
        await page.waitForURL(/\/segments\/mshtryan\?/);
        await save('مشتریان', 'user.orders.count >= 6');
        await page.waitForURL(/\/segments\/mshtryan_2\?/);
        assert.equal((await shop.server.read('/api/v1/segments/mshtryan')).condition.trim(), 'user.orders.count >= 5');

        // As when the page has too many names to know this one.
        await page.route('**/segments/new', async (route) => {
            const answer = await route.fetch();
            const body = (await answer.text()).replace(/<option value="mshtryan">[^<]*<\/option>/, '');
            await route.fulfill({ response: answer, body });
        });
        await save('Other', 'user.orders.count >= 7', { id: 'mshtryan' });
        await said(page, 'bad');
        assert.match(await state(page).innerText(), /there is a segment 'mshtryan' already/i);
        assert.equal((await shop.server.read('/api/v1/segments/mshtryan')).name, 'مشتریان');
        await close();
    });

    test('what was typed while it was saved is not saved', async () => {
        const { page, close } = await open('/segments/came_back/edit');
        const description = page.locator('input[name=description]');
        await description.fill('Sent off');
        const put = await hold(page, 'PUT', '/segments/came_back');
        await page.locator('#save').click();
        await description.fill('Typed meanwhile');
        put.go();
        assert.match(await said(page, 'good'), /Not saved yet/);
        assert.equal((await shop.server.read('/api/v1/segments/came_back')).description, 'Sent off');
        assert.ok(await asksBeforeLeaving(page));
        await close();
    });

    test('a server without time is asked again before anybody says that a text cannot be read', async () => {
        const { page, text, close } = await open('/segments/new');
        await choose(page, 'text');
        let refused = 0;
        await page.route('**/api/v1/segments/preview', (route) => {
            if (refused++ > 0) return route.fallback();
            return route.fulfill({ status: 429, json: { code: 'too_many_requests', message: 'too much at once' } });
        });
        await text.fill('user.orders.count >= 2');
        await choose(page, 'build');
        await page.waitForFunction(() => document.getElementById('state').textContent.includes('Reading'));
        await page.locator('#build .line').waitFor();
        assert.notEqual(await state(page).getAttribute('data-kind'), 'bad');
        await close();
    });

    test('numbers stay as the server writes them, and English stands as English', async () => {
        for (const language of ['ar', 'fa']) {
            const plain = await shop.windows.context({ language, javaScriptEnabled: false });
            const page = await plain.newPage();
            await page.goto(`${shop.server.url}/segments/lapsing/edit`);
            const places = ['#count', '#share', '#funnel li:last-child > b'];
            const written = await Promise.all(places.map((place) => shown(page.locator(place))));
            await plain.close();
            assert.doesNotMatch(written.join(''), /[0-9]/);

            const { page: lively, close } = await open('/segments/lapsing/edit', { language });
            assert.deepEqual(await Promise.all(places.map((place) => shown(lively.locator(place)))), written);
            await lively.locator('[name=version]').evaluate((field) => { field.value = '999999'; });
            await lively.locator('#save').click();
            await said(lively, 'bad');
            assert.match(await state(lively).locator('[lang=en][dir=ltr]').innerText(), /version/);
            await close();
        }
    });
});
