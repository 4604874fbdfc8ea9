// The lines of the editor of segments: what they say as text, what of a text they say, and that they
// change nothing that nobody changed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aShop } from './around.mjs';
import { segmentEditor } from './editors.mjs';

// Conditions that lines say, as the server prints them.
const listed = [
    'ev("Order Completed").where(e, e.products.exists(p, p.sku == "22423")).any()',
    'ev("Order Completed").where(e, e.revenue > 5 && !e.products.exists(it, it.sku.startsWith("2") && it.quantity >= 2.5 && !(it["odd name"] in ["a", "b"]) && !it.gift)).any()',
    'ev("Order Completed").where(e, "gift" in e.tags && !(3 in e["odd list"])).any()',
    '"vip" in user.team_tags',
];
const followed = [
    'ev("Order Completed").then("App Opened", "3d").any()',
    'ev(["Order Completed", "App Opened"]).within("90d").then(["Page Viewed", "Cart Updated"], "36h").count() >= 2',
    'sent("lapsing").then("Order Completed", "1w").none()',
];
const dated = [
    'ev("Order Completed").since(ago("3mo")).any()',
    'ev("Order Completed").since(user.first_seen).any()',
    'ev("Order Completed").since(timestamp("2011-07-01T00:00:00Z")).any()',
    'ev("Order Completed").before(timestamp("2011-07-01T14:30:00+05:30")).count() >= 2',
    'ev("Order Completed").between(timestamp("2011-07-01T00:00:00+01:00"), ago("3d")).any()',
    'ev("Order Completed").last_time() > timestamp("2011-07-01T00:00:00Z")',
    'ev("Order Completed").first_time() < user.first_seen',
    'user.first_seen < timestamp("2011-07-01T00:00:00Z")',
];
const valued = [
    'ev("Order Completed").last("channel") == "web"',
    'ev("Order Completed").first("channel") in ["web", "shop"]',
    '!(ev("Order Completed").last("channel") in ["web", "shop"])',
    '!(ev("Order Completed").last("revenue") > 5)',
    'ev("Order Completed").last("due") < ago("3d")',
    'ev("Order Completed").last("channel") != null',
    'ev("Order Completed").last("gift")',
];
const sets = ['in_any(["lapsing"])', '!in_any(["lapsing", "complained"])'];

const plain = [
    'ev("Order Completed").between(ago("60d"), ago("30d")).count() >= 2',
    'ev("Order Completed").before(ago("1y")).any()',
    '!(ev("Order Completed").within("3mo").sum("revenue") > 100)',
    'ev("Order Completed").distinct("sku") >= 3',
    'ev("Order Completed").first_time() < ago("1y")',
    'ev("Order Completed").median_gap() > dur("30d")',
    'ev("Order Completed").where(e, e["odd name"] == 5 && !e.sku.startsWith("A")).any()',
    'user["odd name"] != "x"',
    '!(user.age > 3)',
    '!(score("p_alive") > 0.5)',
    '!(consent("email") == "granted")',
    'sent("*").within("30d").count() < 3',
];
const simple = [...plain, ...listed, ...followed, ...dated, ...valued, ...sets];

describe('the lines of a segment', () => {
    const shop = aShop();
    const { open, choose, counted } = segmentEditor(shop);

    test('lines say what texts hold, what is one of a list, and the opposite', async () => {
        const { page, text, lines, close } = await open('/segments/new');
        const add = async (kind) => {
            await page.locator('.root > .add [data-kinds]').selectOption(kind);
            await page.locator('.root > .add [data-act=line]').click();
            return lines.last();
        };
        const trait = await add('trait');
        await trait.locator('[data-field=name]').fill('country');
        await trait.locator('[data-field=op]').selectOption('contains');
        let made = await counted(page, () => trait.locator('[data-field=piece]').fill('land'));
        assert.equal(made.condition, 'user.country.contains("land")');
        assert.ok(await trait.locator('[data-missing]').isHidden());
        made = await counted(page, () => trait.locator('[data-field=op]').selectOption('not_contains'));
        assert.equal(made.condition, '!user.country.contains("land")');
        assert.equal(await trait.locator('[data-missing]').innerText(), 'also people with no value');
        made = await counted(page, () => trait.locator('[data-field=op]').selectOption('in'));
        assert.equal(made.condition, 'user.country in ["land"]'); // What was typed stays.
        made = await counted(page, () => trait.locator('[data-field=list]').fill('France, "Korea, South"، EIRE'));
        assert.equal(made.condition, 'user.country in ["France", "Korea, South", "EIRE"]');
        made = await counted(page, () => trait.locator('[data-field=not]').check());
        assert.equal(made.condition, '!(user.country in ["France", "Korea, South", "EIRE"])');
        assert.ok(await trait.locator('[data-missing]').isVisible());

        const event = await add('event');
        await event.locator('[data-part=name] [data-field=name]').fill('Order Completed');
        await event.locator('[data-field=window]').selectOption('between');
        await event.locator('[data-act=filter]').click();
        const filter = event.locator('[data-part=filter]');
        await filter.locator('[data-field=name]').fill('revenue');
        await filter.locator('[data-field=op]').selectOption('!=');
        await filter.locator('[data-field=type]').selectOption('number');
        assert.equal(await filter.locator('[data-missing]').innerText(), 'also events with no value');
        await filter.locator('[data-field=value]').fill('abc');
        assert.equal(await event.locator('[data-open]').innerText(), 'A number is expected here; this line is not counted yet.');
        made = await counted(page, () => filter.locator('[data-field=value]').fill('٥'));
        assert.ok(made.condition.includes(
            'ev("Order Completed").between(ago("90d"), ago("30d")).where(e, e.revenue != 5).any()'), made.condition);
        assert.ok(await event.locator('[data-open]').isHidden());

        const sent = await add('sent');
        await sent.locator('[data-field=campaign]').fill('lapsing');
        made = await counted(page, () => sent.locator('[data-field=how]').selectOption('none'));
        assert.ok(made.condition.includes('sent("lapsing").none()'), made.condition);
        assert.equal(made.diagnostics.length, 0, JSON.stringify(made.diagnostics));

        // As text and back: the same lines, and the same text.
        const { condition } = made;
        await choose(page, 'text');
        await counted(page, () => text.fill(`${condition} `));
        await choose(page, 'build');
        assert.equal(await lines.count(), 3);
        assert.equal(await page.locator('#build .line.locked').count(), 0);
        assert.equal(await lines.first().locator('[data-field=list]').inputValue(), 'France, "Korea, South", EIRE');
        made = await counted(page, () => lines.last().locator('[data-field=how]').selectOption('any'));
        assert.equal(made.condition, condition.replace('.none()', '.any()'));
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    test('what is simple is a line, whatever else is locked', async () => {
        const { page, text, close } = await open('/segments/new');
        const odd = [
            'user.a.contains(user.b)',
            'ev("Order Completed").since(ev("Cart Updated").last_time()).any()',
            'ev("Order Completed").within("90d").since(ago("9d")).any()',
            'ev("Order Completed").where(e, e.products.exists(p, p.sku == "1" || p.sku == "2")).any()',
            'ev("Order Completed").where(e, e.products.exists(p, p.price > e.revenue)).any()',
            'ev("Order Completed").where(e, e.products.exists(p, !p.gift == true)).any()',
            'ev("Order Completed").where(e, e.products.size() > 3).any()',
            'ev("Order Completed").last("channel").contains("web")',
            'user.tags.exists(t, t == "a")',
        ];
        await choose(page, 'text');
        const whole = [...simple, ...odd].join('\n&& ');
        const made = await counted(page, () => text.fill(whole));
        assert.deepEqual(made.diagnostics.filter(({ warning }) => !warning), []);
        await choose(page, 'build');
        await page.locator('#build .line').first().waitFor();
        assert.equal(await page.locator('#build .line').count(), simple.length + odd.length);
        assert.deepEqual(await page.locator('#build .line.locked code').allInnerTexts(), odd);
        // One line is taken away: all others are what they were.
        const less = await counted(page, () => page.locator('#build .line').first().locator('[data-act=remove]').click());
        const squeezed = (condition) => condition.replace(/\s+/g, ' ').trim();
        assert.equal(squeezed(less.condition), [...simple.slice(1), ...odd].join(' && '));
        await close();
    });

    // Its opposite makes a line be written anew, from what stands in its fields.
    test('what is read and written again is the same tree', async () => {
        const { page, text, close } = await open('/segments/new');
        const turned = (tree) => tree.not ?? { not: tree };
        await choose(page, 'text');
        const read = await counted(page, () => text.fill(simple.join('\n&& ')));
        await choose(page, 'build');
        await page.locator('#build .line').first().waitFor();
        const ticks = page.locator('#build .foot [data-field=not]');
        const turns = await page.locator('#build .line').evaluateAll((lines) =>
            lines.map((line) => line.querySelector('.foot [data-field=not]') !== null));
        const made = await counted(page, () => ticks.evaluateAll((all) => all.forEach((tick) => tick.click())));
        assert.equal(await page.locator('#build .line.open').count(), 0);
        assert.ok(turns.filter(Boolean).length >= simple.length - sets.length - 1);
        await choose(page, 'text');
        const again = await counted(page, () => text.fill(`${made.condition} `));
        assert.deepEqual(again.tree.all, read.tree.all.map((tree, i) => (turns[i] ? turned(tree) : tree)));
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    async function begin(condition, options) {
        const opened = await open('/segments/new', options);
        await choose(opened.page, 'text');
        await counted(opened.page, () => opened.text.fill(condition));
        await choose(opened.page, 'build');
        await opened.lines.first().waitFor();
        const field = (name, at = opened.lines.first()) => at.locator(`[data-field=${name}]`);
        const part = (name, at = opened.lines.first()) => at.locator(`[data-part=${name}]`);
        // What is not in memory is asked for again and again: the text tells which answer has come.
        const says = async (condition, act) => {
            const { page, text } = opened;
            await act();
            const come = await page.waitForFunction((wanted) => document.getElementById('body').value.trim() === wanted
                && document.querySelector('#total[aria-busy=false]'), condition).catch(() => null);
            if (!come) assert.equal((await text.inputValue()).trim(), condition);
            assert.ok(come, 'the count did not come');
            assert.equal(await page.locator('#diagnostics .error').count(), 0);
        };
        // How many it holds for.
        const held = async () => {
            await opened.page.locator('#reading').waitFor({ state: 'hidden' });
            return Number((await opened.page.locator('#count').innerText()).replace(/\D/g, ''));
        };
        return { ...opened, line: opened.lines.first(), field, part, says, held };
    }

    test('who bought a product, by keyboard', async () => {
        const { page, line, field, part, says, held, close } = await begin('ev("Order Completed").any()');
        const all = await held();
        await line.locator('[data-act=item]').press('Enter');
        assert.equal(await page.evaluate(() => document.activeElement.closest('[data-part]').dataset.part), 'inner');
        await says('ev("Order Completed").where(e, e.products.exists(p, p.sku == "22423")).any()', async () => {
            await page.keyboard.type('sku');
            for (let i = 0; i < 3; ++i) await page.keyboard.press('Tab');
            await page.keyboard.type('22423');
        });
        const bought = await held();
        assert.ok(bought > 0 && bought < all, `${bought} of ${all}`);
        await line.locator('[data-act=inner]').press('Enter');
        await page.keyboard.type('quantity');
        assert.equal(await field('type', part('inner').nth(1)).inputValue(), 'number');
        await field('op', part('inner').nth(1)).selectOption('!=');
        assert.equal(await part('inner').nth(1).locator('[data-missing]').innerText(), 'also items with no value');
        await says('ev("Order Completed").where(e, e.products.exists(p, p.sku == "22423" && p.quantity != 2)).any()',
            () => field('value', part('inner').nth(1)).fill('2'));
        await part('inner').nth(1).locator('[data-act=drop]').press('Enter');
        assert.equal(await part('inner').count(), 1);
        assert.ok(await part('inner').locator('[data-act=drop]').isHidden());
        await says('ev("Order Completed").where(e, !e.products.exists(p, p.sku == "22423")).none()', async () => {
            await field('has').selectOption('none');
            await field('how').selectOption('none');
        });
        assert.ok(await part('item').locator('[data-missing]').first().isVisible());
        await says('ev("Order Completed").where(e, !e["odd list"].exists(p, p.sku == "22423")).none()',
            () => field('items').fill('odd list'));
        await says('ev("Order Completed").none()', () => part('item').locator('.sentence > [data-act=drop]').first().click());
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    test('what is read of an item stays as it is called', async () => {
        const { field, says, close } = await begin(
            'ev("Order Completed").where(e, e.products.exists(it, it.sku == "1" && it.price >= 2.5)).any()');
        await says('ev("Order Completed").where(e, e.products.exists(it, it.sku == "1" && it.price >= 3)).any()',
            () => field('value').last().fill('3'));
        await close();
    });

    test('what is followed by something else', async () => {
        const { page, line, field, part, says, close } = await begin('ev("Order Completed").any()');
        await line.locator('[data-act=then]').press('Enter');
        await says('ev("Order Completed").then("Order Completed", "3d").any()', () => page.keyboard.type('Order Completed'));
        assert.ok(await line.locator('[data-act=then]').isHidden());
        await part('then').locator('[data-act=name]').click();
        await field('step').fill('2');
        await says('ev("Order Completed").then(["Order Completed", "App Opened"], "2w").any()', async () => {
            await field('name', part('then')).nth(1).fill('App Opened');
            await field('step_unit').selectOption('w');
        });
        await says('ev("Order Completed").any()', () => part('then').locator(':scope > [data-act=drop]').click());
        assert.ok(await line.locator('[data-act=then]').isVisible());
        await close();
    });

    test('since and until when', async () => {
        const { page, line, field, part, says, held, close } = await begin('ev("Order Completed").any()');
        const from = part('from');
        const at = (name) => field(name, from);
        await says('ev("Order Completed").since(ago("90d")).any()', () => field('window').selectOption('since'));
        await at('at').selectOption('trait');
        await says('ev("Order Completed").since(user.first_seen).any()', () => at('trait').fill('first_seen'));
        assert.ok(await held() > 0);
        await at('at').selectOption('date');
        assert.ok(await line.locator('[data-open]').isVisible());
        // The sample playbook's clock is London's.
        await says('ev("Order Completed").since(timestamp("2011-07-01T00:00:00+01:00")).any()', () => at('date').fill('2011-07-01'));
        await says('ev("Order Completed").since(timestamp("2011-01-01T00:00:00Z")).any()', () => at('date').fill('2011-01-01'));
        await says('ev("Order Completed").since(timestamp("2011-01-01T18:30:00Z")).any()', () => at('time').fill('18:30'));
        await field('window').selectOption('between');
        await says('ev("Order Completed").between(timestamp("2011-01-01T18:30:00Z"), ago("7d")).any()',
            () => field('number', part('to')).fill('7'));
        await says('ev("Order Completed").last_time() > ago("30d")', async () => {
            await field('window').selectOption('ever');
            await field('how').selectOption('last_time');
            await field('side').selectOption('>');
        });
        assert.deepEqual(page.notes.found(), []);
        await close();
    });

    test('a date that nobody changed stays as it was written', async () => {
        const { field, part, says, close } = await begin(
            'ev("Order Completed").before(timestamp("2011-07-01T14:30:00+05:30")).count() >= 2');
        assert.equal(await field('date', part('from')).inputValue(), '2011-07-01');
        assert.equal(await field('time', part('from')).inputValue(), '10:00');
        await says('ev("Order Completed").before(timestamp("2011-07-01T14:30:00+05:30")).count() >= 3', () => field('times').fill('3'));
        await says('ev("Order Completed").before(timestamp("2011-07-01T11:00:00+01:00")).count() >= 3',
            () => field('time', part('from')).fill('11:00'));
        await close();
    });

    test('times are earlier or later, numbers less or more', async () => {
        const { field, says, close } = await begin('user.first_seen < timestamp("2011-07-01T00:00:00Z")');
        const shown = () => field('op').evaluate((select) => select.selectedOptions[0].label);
        assert.equal(await shown(), 'earlier than');
        await says('user.first_seen < ago("30d")', () => field('type').selectOption('ago'));
        assert.equal(await shown(), 'earlier than');
        await field('type').selectOption('number');
        assert.equal(await shown(), 'less than');
        await close();
    });

    test('the first and the last value', async () => {
        const { line, field, part, says, close } = await begin('ev("Order Completed").any()');
        const answer = part('answer');
        await field('how').selectOption('last');
        await field('of').fill('channel');
        await says('ev("Order Completed").last("channel") == "web"', () => field('value', answer).fill('web'));
        assert.ok(await line.locator('[data-missing]').first().isHidden());
        await says('ev("Order Completed").last("channel") in ["web"]', () => field('op', answer).selectOption('in'));
        await says('!(ev("Order Completed").last("channel") in ["web"])', () => field('op', answer).selectOption('not_in'));
        assert.equal(await line.locator('[data-missing]').first().innerText(), 'also people with no value');
        await says('ev("Order Completed").first("channel") == 5', async () => {
            await field('how').selectOption('first');
            await field('op', answer).selectOption('==');
            await field('type', answer).selectOption('number');
            await field('value', answer).fill('۵');
        });
        await close();
    });

    test('any of several segments', async () => {
        const { line, field, part, says, close } = await begin('in_segment("lapsing")');
        assert.ok(await part('id').locator('[data-act=drop]').isHidden());
        await line.locator('[data-act=id]').press('Enter');
        await says('in_any(["lapsing", "complained"])', () => field('id').nth(1).selectOption('complained'));
        await says('!in_any(["lapsing", "complained"])', () => field('is').selectOption('not'));
        await says('!in_segment("complained")', () => part('id').first().locator('[data-act=drop]').press('Enter'));
        await close();
    });

    test('what lists of texts hold', async () => {
        const { field, says, close } = await begin('user.team_tags == "vip"');
        await says('"vip" in user.team_tags', () => field('op').selectOption('has'));
        await says('!("vip" in user.team_tags)', () => field('op').selectOption('has_not'));
        await close();
    });
});
