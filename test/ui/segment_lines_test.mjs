// The lines of the editor of segments: what they say as text, what of a text they say, and that they
// change nothing that nobody changed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aShop } from './around.mjs';
import { segmentEditor } from './editors.mjs';

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
        const simple = [
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
        const odd = ['user.a.contains(user.b)', 'ev("Order Completed").since(user.first_seen).any()'];
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
});
