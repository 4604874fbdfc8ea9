// The real client libraries of the Segment API against a running winback server.
//
//     npm ci && node run.mjs ../../build/release/winback
//
// Each test sends through one library and then asks the JSON API what arrived.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Analytics } from '@segment/analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { openBrowser } from './browser.mjs';
import { eventually, startServer } from './server.mjs';

const binary = process.argv[2] ?? process.env.WINBACK;
let server;

const names = (events) => events.map((event) => event.name || event.call).sort();
const called = (events, name) => events.find((event) => event.name === name);

describe('winback takes what the libraries send', () => {
    before(async () => {
        assert.ok(binary, 'usage: node run.mjs PATH-TO-WINBACK');
        server = await startServer(binary);
    });
    after(async () => {
        if (server) assert.equal(await server.stop(), 0);
    });

    test('@segment/analytics-node', async () => {
        const problems = [];
        const analytics = new Analytics({ writeKey: server.writeKey, host: server.url, maxRetries: 0 });
        analytics.on('error', (error) => problems.push(error));
        analytics.identify({ userId: 'u-node', traits: { email: 'node@example.test', plan: 'pro' } });
        analytics.track({
            userId: 'u-node',
            event: 'Order Completed',
            properties: { order_id: 'n-1', revenue: 27.5, currency: 'EUR', products: [{ sku: 'a' }] },
        });
        analytics.page({ userId: 'u-node', category: 'Docs', name: 'Start', properties: { url: 'http://x/' } });
        analytics.screen({ userId: 'u-node', name: 'Home' });
        analytics.group({ userId: 'u-node', groupId: 'g-1', traits: { name: 'Acme' } });
        await analytics.closeAndFlush();
        assert.deepEqual(problems, []);

        const events = await server.events('u-node');
        assert.equal(called(events, 'Order Completed').properties.revenue, 27.5);
        assert.deepEqual(
            events.map((event) => event.call).sort(),
            ['group', 'identify', 'page', 'screen', 'track'],
        );
        assert.match(JSON.stringify(await server.customer('u-node')), /node@example\.test/);
    });

    test('an alias joins what came before under another id', async () => {
        const analytics = new Analytics({ writeKey: server.writeKey, host: server.url, maxRetries: 0 });
        analytics.track({ userId: 'u-old', event: 'Cart Viewed' });
        await analytics.flush();
        analytics.alias({ previousId: 'u-old', userId: 'u-new' });
        analytics.track({ userId: 'u-new', event: 'Checkout Started' });
        await analytics.closeAndFlush();
        await eventually(async () => {
            const events = await server.events('u-new');
            assert.ok(called(events, 'Cart Viewed'), names(events).join());
            assert.ok(called(events, 'Checkout Started'), names(events).join());
        });
    });

    test('@rudderstack/rudder-sdk-node, gzipped', async () => {
        const rudder = new RudderAnalytics(server.writeKey, {
            dataPlaneUrl: server.url,
            gzip: true,
            flushInterval: 100,
        });
        const sent = (call) =>
            new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
        await Promise.all([
            sent((done) => rudder.identify({ userId: 'u-rudder', traits: { email: 'r@example.test' } }, done)),
            sent((done) =>
                rudder.track(
                    { userId: 'u-rudder', event: 'Order Completed', properties: { order_id: 'r-1', revenue: 10 } },
                    done,
                )),
        ]);
        assert.equal(called(await server.events('u-rudder'), 'Order Completed').properties.order_id, 'r-1');
    });

    test('@segment/analytics-next in a browser, settings from our server', async () => {
        const browser = openBrowser('https://shop.example.test/mug?utm_source=mail&utm_campaign=spring');
        const [analytics] = await browser.AnalyticsBrowser.load(
            { writeKey: server.writeKey, cdnURL: server.url },
            { obfuscate: false },
        );
        await analytics.track('Product Viewed', { product_id: 'mug' });
        await analytics.page('Shop', 'Mug');
        await analytics.identify('u-browser', { email: 'browser@example.test' });
        await analytics.track('Product Added', { product_id: 'mug' });
        await eventually(async () => {
            const events = await server.events('u-browser');
            assert.ok(called(events, 'Product Added'), names(events).join());
            assert.ok(called(events, 'Product Viewed'), 'the anonymous history: ' + names(events).join());
        });
        analytics.reset();

        const [batching] = await browser.AnalyticsBrowser.load({
            writeKey: server.writeKey,
            cdnSettings: {
                metrics: { sampleRate: 0 },
                integrations: {
                    'Segment.io': {
                        apiKey: server.writeKey,
                        apiHost: `${server.host}/v1`,
                        protocol: 'http',
                        deliveryStrategy: { strategy: 'batching', config: { size: 2, timeout: 100 } },
                    },
                },
            },
        });
        await batching.identify('u-batching', { email: 'batching@example.test' });
        await batching.track('Product Viewed', { product_id: 'cup' });
        await eventually(async () => {
            const events = await server.events('u-batching');
            assert.ok(called(events, 'Product Viewed'), names(events).join());
        });
        browser.close();
    });

    test('a key in the body only, as the Python client sends it', async () => {
        const post = (body, headers = {}) =>
            fetch(`${server.url}/v1/batch`, { method: 'POST', body: JSON.stringify(body), headers });
        const event = { type: 'track', event: 'Signed Up', userId: 'u-python', messageId: 'python-1' };
        const answer = await post({ batch: [event], writeKey: server.writeKey, sentAt: '2026-01-01T00:00:00+00:00' });
        assert.equal(answer.status, 200);
        assert.deepEqual(await answer.json(), { success: true });
        await post({ batch: [event], writeKey: server.writeKey });
        assert.equal((await server.events('u-python')).length, 1, 'the same messageId counts once');

        const refused = await post({ batch: [event], writeKey: 'wk_unknown' });
        assert.equal(refused.status, 401);
        assert.ok((await refused.json()).code);
        const broken = await fetch(`${server.url}/v1/track`, {
            method: 'POST',
            body: '{',
            headers: { Authorization: 'Basic ' + Buffer.from(server.writeKey).toString('base64') },
        });
        assert.equal(broken.status, 400);
        const { code, message } = await broken.json();
        assert.ok(code && message);
    });

    test('a browser may ask from anywhere', async () => {
        const answer = await fetch(`${server.url}/v1/t`, {
            method: 'OPTIONS',
            headers: { Origin: 'https://shop.example.test', 'Access-Control-Request-Method': 'POST' },
        });
        assert.equal(answer.headers.get('access-control-allow-origin'), '*');
        assert.match(answer.headers.get('access-control-allow-headers'), /authorization/);
    });
});
