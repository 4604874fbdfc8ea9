// Segments without their editor: sets are laid over each other by keyboard, on a phone and from right
// to left, and every number opens as many people; columns go along to the list and into the file; a
// segment is deleted on a page that asks first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aShop } from './around.mjs';

const number_in = (text) => Number([...text].map((sign) => {
    const digit = '٠١٢٣٤٥٦٧٨٩'.indexOf(sign);
    return digit >= 0 ? String(digit) : sign;
}).join('').replace(/\D/g, ''));

describe('the pages of segments', () => {
    const shop = aShop();

    // How many people the API lists at an address of the list.
    async function people_at(address) {
        const query = new URL(address, shop.server.url).search;
        return (await (await shop.server.ask(`/api/v1/customers${query}`)).json()).matching;
    }

    // The numbers that lead to people: where to, how many are said, and by which condition.
    async function links_of(page, selector) {
        const links = await page.locator(selector).evaluateAll((all) =>
            all.map((link) => [link.getAttribute('href'), link.textContent]));
        return links.map(([address, text]) => ({
            address, count: number_in(text), where: new URL(address, shop.server.url).searchParams.get('where'),
        }));
    }

    const ways = [
        { name: 'wide, from left to right', language: 'en', viewport: { width: 1440, height: 900 } },
        { name: 'on a phone, from right to left', language: 'ar', viewport: { width: 360, height: 740 }, hasTouch: true },
    ];
    for (const { name, ...options } of ways) {
        test(`sets over each other: ${name}`, async () => {
            const { page, close } = await shop.open('/overlap', options);
            const lead = page.locator('#lead');
            const before_any = await lead.innerText();
            const tick = async (key) => {
                const box = page.locator(`input[name=set][value="segment:${key}"]`);
                const answer = page.waitForResponse((response) => response.url().includes('/overlap?'));
                if (options.hasTouch) {
                    await box.tap();
                } else {
                    await box.focus();
                    await page.keyboard.press('Space');
                }
                await answer;
                assert.ok(await box.isChecked());
                return box;
            };
            const everybody = (await (await shop.server.ask('/api/v1/customers')).json()).matching;
            await tick('lapsing');
            await page.waitForFunction((text) => document.querySelector('#lead').innerText !== text, before_any);
            // One set has an inside and an outside: all customers without its members.
            const inside_and_outside = await links_of(page, 'svg.overlap a');
            assert.equal(inside_and_outside.length, 2);
            assert.equal(inside_and_outside[0].count + inside_and_outside[1].count, everybody);
            assert.ok(inside_and_outside.every(({ count }) => count > 0));
            assert.equal(inside_and_outside[1].where, '!in_segment("lapsing")');
            assert.deepEqual(await links_of(page, '#overlap td.num a'), inside_and_outside);
            for (const { address, count } of inside_and_outside) {
                assert.equal(count, await people_at(address), address);
            }
            await tick('best_customers');
            await page.locator('svg.overlap circle.set2').waitFor();
            const third = await tick('worth_winning');
            await page.locator('svg.overlap circle.set3').waitFor();
            if (!options.hasTouch) {
                assert.ok(await third.evaluate((box) => box === document.activeElement), 'the focus stays on the box');
            }
            // Seven parts and the outside in the picture and in the table, and one sum: each opens as many people.
            const drawn = await links_of(page, 'svg.overlap a');
            const told = await links_of(page, '#overlap td.num a');
            assert.equal(drawn.length, 8);
            assert.equal(told.length, 9);
            assert.equal(new Set(told.map(({ where }) => where)).size, 9, 'no row says what another says');
            for (const { address, count } of [...drawn, ...told]) {
                assert.equal(count, await people_at(address), address);
            }
            assert.ok(drawn.some(({ count }) => count > 0));
            assert.equal(drawn.reduce((sum, { count }) => sum + count, 0), everybody, 'everybody is in one part');
            const outside = told.at(-1);
            assert.equal(outside.where,
                '!in_segment("best_customers") && !in_segment("lapsing") && !in_segment("worth_winning")');
            assert.ok(drawn.some(({ where }) => where === outside.where));
            assert.equal(outside.count, everybody - told[0].count);
            // Every number has room for a finger, and none lies over another.
            const boxes = await page.locator('svg.overlap a').evaluateAll((links) =>
                links.map((link) => link.getBoundingClientRect().toJSON()));
            for (const [i, box] of boxes.entries()) {
                assert.ok(box.width >= 24 && box.height >= 24, JSON.stringify(box));
                for (const other of boxes.slice(i + 1)) {
                    const apart = box.right <= other.left || other.right <= box.left ||
                        box.bottom <= other.top || other.bottom <= box.top;
                    assert.ok(apart, `${JSON.stringify(box)} and ${JSON.stringify(other)}`);
                }
            }
            const last = drawn.findIndex(({ where }) => where === outside.where);
            for (const circle of ['set1', 'set2', 'set3']) {
                const round = await page.locator(`svg.overlap circle.${circle}`).evaluate((shape) => shape.getBoundingClientRect().toJSON());
                const far = Math.hypot((boxes[last].left + boxes[last].right - round.left - round.right) / 2,
                    (boxes[last].top + boxes[last].bottom - round.top - round.bottom) / 2);
                assert.ok(far > round.width / 2 + 10, `the outside lies outside of ${circle}`);
            }
            const set_a = await page.locator('svg.overlap circle.set1').boundingBox();
            const set_b = await page.locator('svg.overlap circle.set2').boundingBox();
            assert.equal(set_a.x < set_b.x, options.language === 'en', 'the first set stands where reading begins');
            // The address says it all.
            const Cookie = `winback_session=${shop.windows.session.value}`;
            const again = await (await fetch(page.url(), { headers: { Cookie } })).text();
            assert.ok(again.includes('class="overlap"'));
            await tick('silent_half_year');
            await page.waitForFunction(() => !document.querySelector('svg.overlap'));
            assert.ok((await lead.innerText()).length > 0);
            assert.deepEqual(page.notes.found(), []);
            await close();
        });
    }

    test('columns go along to the list and into the file', async () => {
        const { page, close } = await shop.open('/segments/lapsing');
        await page.locator('form details summary').first().click();
        await page.locator('input[name=column][value=revenue]').check();
        await page.locator('form details button').first().click();
        await page.waitForURL(/column=revenue/);
        assert.ok(await page.locator('.people thead', { hasText: 'Revenue' }).count() === 1);
        const file = page.waitForEvent('download');
        await page.locator('a[href^="/customers/export?segment=lapsing"]').first().click();
        const download = await file;
        assert.match(download.suggestedFilename(), /^customers-lapsing-\d{4}-\d\d-\d\d\.csv$/);
        const lines = (await (await import('node:fs/promises')).readFile(await download.path(), 'utf8')).trim().split('\n');
        assert.ok(lines[0].split(',').includes('revenue'), lines[0]);
        const segment = await shop.server.read('/api/v1/segments/lapsing');
        assert.equal(lines.length - 1, segment.customers);
        await page.locator('a[href^="/customers?segment=lapsing"]').first().click();
        await page.waitForURL(/\/customers\?segment=lapsing.*columns=/);
        assert.ok(await page.locator('.people thead', { hasText: 'Revenue' }).count() === 1);
        await close();
    });

    test('how many there were is told in words and by the API alike', async () => {
        const { page, close } = await shop.open('/segments');
        const { segments } = await shop.server.read('/api/v1/segments');
        const lapsing = segments.find(({ id }) => id === 'lapsing');
        assert.equal(lapsing.series.length, 31);
        assert.equal(lapsing.series.at(-1).customers, lapsing.customers);
        const row = page.locator('tr', { has: page.locator('a[href="/segments/lapsing"]') }).first();
        const words = await row.locator('svg.course-line').getAttribute('aria-label');
        for (const point of [lapsing.series[0], lapsing.series.at(-1)]) {
            assert.ok(words.replaceAll(',', '').includes(String(point.customers)), words);
        }
        assert.equal(number_in(await row.locator('.trend').innerText()), Math.abs(lapsing.trend.change));
        await close();
    });

    test('who stood in it at a past moment, and why', async () => {
        const then = '2011-06-01T12:00';
        const { page, close } = await shop.open('/segments/lapsing');
        const past = page.locator('section[aria-labelledby=past]');
        await past.locator('input[name=at]').fill(then);
        await past.locator('button').click();
        await page.waitForURL(/at=2011-06-01T12/);
        await past.locator('p.lead').waitFor();  // The page comes again by itself until the pass has ended.
        const { condition } = await shop.server.read('/api/v1/segments/lapsing');
        const counted = await shop.server.read(
            `/api/v1/segments/count?condition=${encodeURIComponent(condition)}&at=${then}`);
        assert.equal(counted.ready, true);
        assert.ok(counted.customers > 0);
        assert.ok((await past.locator('p.lead').innerText()).includes(counted.customers.toLocaleString('en')));
        const shown = await past.locator('ul.plain a').evaluateAll((links) =>
            links.map((link) => decodeURIComponent(link.getAttribute('href').split('/').at(-1))));
        assert.equal(shown.length, Math.min(50, counted.customers));
        const one = await shop.server.read(
            `/api/v1/segments/lapsing/members/${encodeURIComponent(shown[0])}?at=${then}`);
        assert.equal(one.member, true, JSON.stringify(one));
        // The moment goes along to the question why.
        await page.locator('input[name=customer]').last().fill(shown[0]);
        await page.locator('section[aria-labelledby=explain] button').click();
        await page.waitForURL(new RegExp(`customer=${shown[0]}.*at=2011-06-01T12`));
        const why = page.locator('section[aria-labelledby=explain] .card');
        await why.last().locator('.badge.good').waitFor();
        assert.match(await why.last().innerText(), /2011/);
        // What is no moment is said, and the rest of the page is there.
        await page.goto(`${shop.server.url}/segments/lapsing?at=the+other+day`);
        assert.equal(await past.locator('p.notice').count(), 1);
        assert.equal(await past.locator('input[name=at]').count(), 1);
        assert.ok(await page.locator('#members').count() === 1);
        await close();
    });

    test('a customer is found by name or address, and past members have names and ids', async () => {
        const { page, close } = await shop.open('/segments/lapsing');
        const { customers } = await shop.server.read('/api/v1/customers?limit=2&order=value_at_risk');
        const [one] = customers;
        const explain = page.locator('section[aria-labelledby=explain]');
        await explain.locator('input[name=customer]').fill(one.email ?? one.name ?? one.id);
        await explain.locator('button').click();
        await page.waitForURL(/customer=/);
        await explain.locator('ol.gates, ul.plain a').first().waitFor();
        // Something that several have: a choice, and from it the answer.
        await explain.locator('input[name=customer]').fill('1');
        await explain.locator('button').click();
        const choices = explain.locator('ul.plain a');
        await choices.first().waitFor();
        assert.ok(await choices.count() > 1);
        await choices.first().click();
        await explain.locator('ol.gates').waitFor();
        await explain.locator('input[name=customer]').fill('nobody-has-this');
        await explain.locator('button').click();
        await explain.locator('p.notice').waitFor();
        await close();
    });

    test('segments stand in the order of their names and are found by them', async () => {
        const { page, close } = await shop.open('/segments');
        const rows = page.locator('tbody th a');
        const names = await rows.allInnerTexts();
        assert.ok(names.length > 12);
        assert.deepEqual(names, [...names].sort(new Intl.Collator('en').compare));
        await page.locator('input[name=q]').focus();
        await page.keyboard.type('LAPS');
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/segments\?q=LAPS/);
        assert.ok((await rows.allInnerTexts()).includes('Lapsing'));
        assert.ok(await rows.count() < names.length);
        await page.getByRole('link', { name: 'All segments' }).click();
        await page.waitForURL(/\/segments$/);
        assert.equal(await rows.count(), names.length);
        await close();
    });

    test('a long name lies over no other', async () => {
        const { version } = await shop.server.read('/api/v1/segments/lapsing');
        const made = await shop.server.ask('/api/v1/segments/long_name', {
            method: 'PUT',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ name: 'a'.repeat(200), condition: 'user.orders.count > 3', version }),
        });
        assert.equal(made.status, 200, await made.text());
        for (const width of [1440, 360]) {
            const { page, close } = await shop.open('/overlap', { viewport: { width, height: 800 } });
            const boxes = await page.locator('.choices label').evaluateAll((labels) => labels.map((label) => {
                const text = label.querySelector('bdi').getBoundingClientRect();
                return { left: text.left, right: text.right, top: text.top, bottom: text.bottom };
            }));
            for (const [i, box] of boxes.entries()) {
                for (const other of boxes.slice(i + 1)) {
                    const apart = box.right <= other.left || other.right <= box.left ||
                        box.bottom <= other.top || other.bottom <= box.top;
                    assert.ok(apart, `${width}: ${JSON.stringify(box)} and ${JSON.stringify(other)}`);
                }
            }
            await close();
        }
    });

    test('a segment is deleted on a page that asks first', async () => {
        const { page, close } = await shop.open('/segments/lapsing/delete');
        assert.equal(await page.locator('button.danger').count(), 0, 'a journey asks for it');
        await page.goto(`${shop.server.url}/segments/new`);
        const made = await shop.server.ask('/api/v1/segments/short_lived', {
            method: 'PUT',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({
                name: 'Short lived', condition: 'user.orders.count > 3',
                version: (await shop.server.read('/api/v1/segments/lapsing')).version,
            }),
        });
        assert.equal(made.status, 200, await made.text());
        await page.goto(`${shop.server.url}/segments/short_lived`);
        await page.locator('a[href="/segments/short_lived/delete"]').click();
        await page.locator('button.danger').click();
        await page.waitForURL(/\/segments\?said=segment_deleted$/);
        assert.equal((await shop.server.ask('/api/v1/segments/short_lived')).status, 404);
        await close();
    });
});
