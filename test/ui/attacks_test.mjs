// What strangers and other sites may try: scripts in every field that is shown, frames, forms
// without their token, cookies. The first hundred customers of a fresh shop are all naughty.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { forEach, openBrowser, watch } from './browser.mjs';
import { Findings } from './findings.mjs';
import { listedPages } from './places.mjs';
import { cookiesOf, root, startServer } from './world.mjs';

// Each calls attacked() if it ever runs; the list of naughty strings calls alert().
const own = [
    '<script>attacked(1)</script>',
    '"><img src=x onerror=attacked(2)>',
    "'><svg/onload=attacked(3)>",
    '</title></textarea></style></script><script>attacked(4)</script>',
    'javascript:attacked(5)',
    '{{ workspace.name | append: "<script>attacked(6)</script>" }}{% raw %}<b>',
    '<iframe srcdoc="<script>parent.attacked(7)</script>">',
    '<a href="javascript:attacked(8)" autofocus onfocus=attacked(8)>x</a>',
    '--><!--<img src=x onerror=attacked(9)>',
    '<math><mtext></form><form><mglyph><style></math><img src=x onerror=attacked(10)>',
    '<meta http-equiv="refresh" content="0;url=javascript:attacked(11)">',
    '<base href="https://elsewhere.example/">',
    '<link rel=stylesheet href=https://elsewhere.example/x.css>',
    '<div hx-on:load="attacked(12)" hx-get="/sign-out" hx-trigger="load" data-hx-get="/x">',
    '\u2028</script><script>attacked(13)</script>',
    '{count, plural, one {<script>attacked(14)</script>} other {#}}',
    'x\r\nSet-Cookie: stolen=1\r\n\r\n<script>attacked(15)</script>',
    '\u202e\u2066txt.exe<script>attacked(16)</script>',
];
const naughty = JSON.parse(readFileSync(join(root, 'test/data/blns/blns.json'), 'utf8')).filter(
    (text) => text.trim() !== '' && Buffer.byteLength(text) < 200,
);
const scripts = [...own, ...naughty.filter((text) => /script|onerror|onload|onfocus|alert|src=|href=|<|\{\{/i.test(text))];
const day = 86_400_000;

// A customer whose every field is `text`.
function eventsOf(text, n) {
    const at = (days_ago) => new Date(Date.now() - days_ago * day).toISOString();
    const who = { userId: `${n} ${text}`.slice(0, 200) };
    const page = { url: text, referrer: text, title: text, path: text };
    const properties = { [text.slice(0, 60)]: text, product_id: text, name: text, category: text, url: text };
    return [
        {
            ...who,
            type: 'identify',
            messageId: `a-${n}-1`,
            timestamp: at(200),
            traits: { name: text, first_name: text, email: `${n}@example.test`, phone: text, country: text, language: text, [text.slice(0, 60)]: text, tags: [text], consent: { email: { state: 'granted', source: text } } },
            context: { page, campaign: { name: text, source: text }, locale: text, userAgent: text },
        },
        { ...who, type: 'track', event: 'Order Completed', messageId: `a-${n}-2`, timestamp: at(200 - (n % 50)), properties: { order_id: text + n, revenue: 20 + n, currency: 'EUR', coupon: text, ...properties }, context: { page } },
        { ...who, type: 'track', event: 'Order Completed', messageId: `a-${n}-3`, timestamp: at(90 - (n % 50)), properties: { order_id: `b${text}${n}`, revenue: 20, currency: 'EUR' } },
        { ...who, type: 'track', event: text.slice(0, 100) || 'x', messageId: `a-${n}-4`, timestamp: at(80), properties, context: { page } },
        { ...who, type: 'page', name: text, category: text, messageId: `a-${n}-5`, timestamp: at(70), properties: page },
    ];
}

const at_once = 20;
const follows_ms_max = 60_000;
const fields = ['q', 'state', 'segment', 'show', 'after', 'said', 'lang', 'dir', 'language', 'saved', 'view', 'columns', 'sort', 'token', 'condition', 'from', 'scheme', 'kind', 'reason'];

describe('attacks', () => {
    let server;
    let windows;

    before(async () => {
        server = await startServer({ empty: true, playbook: true });
        windows = await openBrowser(server);
        const all = scripts.flatMap(eventsOf);
        for (let i = 0; i < all.length; i += 50) await server.send(all.slice(i, i + 50));
    });
    after(async () => {
        await windows?.close();
        assert.equal(await server?.stop(), 0);
    });

    // Opens `paths` and returns what ran, was asked for, or broke the policy.
    async function visit(paths, signedIn = true) {
        const found = new Findings();
        const context = await windows.context({ signedIn });
        await forEach(Array.from({ length: 3 }), async () => {
            const page = await context.newPage();
            const notes = await watch(page, server);
            await page.exposeFunction('attacked', (n) => found.add('a script ran', page.url().slice(0, 120), `number ${n}`));
            for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
                const answer = await page.goto(server.url + path, { waitUntil: 'load' }).catch((error) => found.add(path, '', error.message.split('\n')[0]));
                if (answer && answer.status() >= 500) found.add(path, '', `answers ${answer.status()}`);
                if (new URL(page.url()).origin !== server.url) found.add(path, '', `led to ${page.url()}`);
                for (const note of notes.found()) {
                    if (!/status of 4\d\d/.test(note)) found.add(path.split('?')[0], '', note);
                }
            }
            await page.close();
        });
        await context.close();
        return found;
    }

    test('nothing that was sent runs on any page', async () => {
        // The list follows what was taken; a busy machine lets it follow late.
        let customers = [];
        for (const until = Date.now() + follows_ms_max; customers.length < scripts.length / 2 && Date.now() < until; ) {
            customers = (await server.read('/api/v1/customers?limit=200')).customers;
        }
        assert.ok(customers.length >= scripts.length / 2, 'the naughty customers came');
        const spread = customers.filter((_, i) => i % Math.ceil(customers.length / (2 * at_once)) === 0);
        const ours = scripts.slice(0, own.length).map((text, n) => ({ id: `${n} ${text}`.slice(0, 200) }));
        const paths = [
            '/', '/customers', ...listedPages().filter((path) => !path.includes('{')),
            ...[...ours, ...spread].map(({ id }) => `/customers/${encodeURIComponent(id)}`),
        ];
        (await visit([...new Set(paths)])).expectNone();
    });

    test('nothing in an address runs', async () => {
        const plain = listedPages().filter((path) => !/[{?]/.test(path));
        const paths = plain.flatMap((path, n) =>
            [own[1], own[3], own[n % own.length]].map(
                (text) => `${path}?${fields.map((name) => `${name}=${encodeURIComponent(text)}`).join('&')}`,
            ),
        );
        const others = own.flatMap((text) => ['/customers/', '/templates/', '/messages/', '/nowhere/', '/segments/', '/journeys/'].map((path) => path + encodeURIComponent(text)));
        (await visit([...paths, ...others.filter((_, n) => n % 3 === 0)])).expectNone();
    });

    test('no other site can frame a page', async () => {
        const found = new Findings();
        for (const path of listedPages().filter((at) => !at.includes('{'))) {
            const answer = await fetch(server.url + path, { headers: { Cookie: `winback_session=${windows.session.value}` }, redirect: 'manual' });
            const policy = answer.headers.get('content-security-policy') ?? '';
            if (!/frame-ancestors 'none'/.test(policy)) found.add(path, '', `frame-ancestors: ${policy}`);
            if (answer.headers.get('x-frame-options') !== 'DENY') found.add(path, '', 'has no X-Frame-Options: DENY');
            if (answer.headers.get('x-content-type-options') !== 'nosniff') found.add(path, '', 'may be sniffed');
            if (/unsafe-(inline|eval)|\*|https?:/.test(policy)) found.add(path, '', `a weak policy: ${policy}`);
        }
        found.expectNone();

        const site = createServer((_, answer) => {
            answer.setHeader('Content-Type', 'text/html');
            answer.end(`<iframe src="${server.url}/customers"></iframe>`);
        });
        await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
        const context = await windows.context();
        const page = await context.newPage();
        await page.goto(`http://127.0.0.1:${site.address().port}/`);
        const framed = page.frames().filter((frame) => frame.url().startsWith(server.url));
        const texts = await Promise.all(framed.map((frame) => frame.locator('h1').count().catch(() => 0)));
        assert.deepEqual(texts.filter((count) => count > 0), [], 'a page of ours was shown in a frame');
        await context.close();
        site.close();
    });

    // Every form that changes something, as its page writes it.
    async function formsOf() {
        const context = await windows.context();
        const page = await context.newPage();
        const forms = new Map();
        const { customers } = await server.read('/api/v1/customers?limit=1');
        const filled = listedPages().map((path) =>
            path.replace('{customer}', encodeURIComponent(customers[0].id)).replace('{template}', 'lapsing_hello'),
        );
        for (const path of filled.filter((at) => !at.includes('{'))) {
            await page.goto(server.url + path);
            const found = await page.evaluate(() =>
                [...document.forms].flatMap((form) => {
                    const targets = [form, ...form.querySelectorAll('[formaction]')];
                    return form.method !== 'post' ? [] : targets.map((target) => ({
                        action: target.formAction && target !== form ? target.formAction : form.action,
                        type: form.enctype,
                        values: Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === 'string')),
                    }));
                }),
            );
            for (const form of found) forms.set(new URL(form.action).pathname, form);
        }
        await context.close();
        return [...forms.values()];
    }

    test('a form without its token, or with another session’s, is refused', async () => {
        const found = new Findings();
        const forms = await formsOf();
        assert.ok(forms.length > 0);
        const stranger = await server.session();
        const cookie = (session) => `winback_session=${session.value}`;
        const open = ['/sign-in'];  // Before there is a session, there is nothing to ride on.
        const last = (form) => Number(form.action.endsWith('/sign-out'));  // It ends the session.
        for (const { action, values } of forms.sort((a, b) => last(a) - last(b))) {
            const path = new URL(action).pathname;
            if (open.some((at) => path.startsWith(at))) continue;
            const post = (fields, session) =>
                fetch(action, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields), headers: { Cookie: cookie(session) } });
            const { token, ...without } = values;
            const bare = await post(without, windows.session);
            if (bare.status !== 403) found.add(path, '', `answers ${bare.status} without a token`);
            const wrong = await post({ ...without, token: '0'.repeat(token?.length ?? 32) }, windows.session);
            if (wrong.status !== 403) found.add(path, '', `answers ${wrong.status} with a made-up token`);
            if (token === undefined) {
                found.add(path, '', 'has no token');
                continue;
            }
            const other = await post(values, stranger);
            if (other.status !== 403) found.add(path, '', `answers ${other.status} with another session's token`);
        }
        found.expectNone();
    });

    test('cookies stay with the browser and the site', async () => {
        const plain = windows.session.header;
        assert.match(plain, /; HttpOnly/i);
        assert.match(plain, /; SameSite=(Lax|Strict)/i);
        assert.match(plain, /; Path=\//i);
        const link = server.keys.links.pop();
        const answer = await fetch(`${server.url}/sign-in?token=${link}`, {
            redirect: 'manual',
            headers: { 'X-Forwarded-Proto': 'https' },
        });
        const secure = cookiesOf(answer).find((at) => at.startsWith('winback_session='));
        assert.match(secure ?? '', /; Secure/i);
        const again = await fetch(`${server.url}/sign-in?token=${link}`, { redirect: 'manual' });
        assert.equal(cookiesOf(again).filter((at) => /session=[^;]/.test(at)).length, 0, 'a link works once');
    });

    test('a session that the visitor brought does not become theirs', async () => {
        const chosen = 'se_' + 'A'.repeat(43);
        const answer = await fetch(`${server.url}/sign-in?token=${server.keys.links.pop()}`, {
            redirect: 'manual',
            headers: { Cookie: `winback_session=${chosen}` },
        });
        const cookie = cookiesOf(answer).find((at) => at.startsWith('winback_session='));
        assert.ok(cookie && !cookie.includes(chosen));
        const inside = await fetch(`${server.url}/customers`, { headers: { Cookie: `winback_session=${chosen}` }, redirect: 'manual' });
        assert.notEqual(inside.status, 200);
    });
});
