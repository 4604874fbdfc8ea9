// The list of pages with its {…} filled in: a customer to open, a message to read, signed links.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './world.mjs';

const list = JSON.parse(readFileSync(join(root, 'test/ui/pages.json'), 'utf8'));

// A customer who got a message, and has the most at stake among those looked through.
async function findCustomer(server) {
    const { customers } = await server.read('/api/v1/customers?order=value_at_risk&limit=100');
    for (const { id } of customers) {
        const answer = await server.read(`/api/v1/customers/${encodeURIComponent(id)}/timeline?limit=1000`);
        const entries = Array.isArray(answer) ? answer : answer.timeline ?? answer.entries;
        const message = entries.find((entry) => entry.kind === 'message' && /previewed|sent/.test(entry.state));
        if (message) return { customer: id, message: message.key };
    }
    throw new Error('nobody in the sample shop got a message');
}

async function makeWebhook(server) {
    const answer = await server.ask('/api/v1/webhooks', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ url: 'https://example.com/hook', events: ['message.sent'], description: 'Till' }),
    });
    if (!answer.ok) throw new Error(`no webhook was made: ${answer.status}`);
    return (await answer.json()).id;
}

// A list with the first customers, and a line that names nobody.
async function makeList(server) {
    const post = async (path, body) => {
        const answer = await server.ask(path, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return answer.json();
    };
    const { customers } = await server.read('/api/v1/customers?limit=50');
    const { id } = await post('/api/v1/lists', { name: 'Guests' });
    await post(`/api/v1/lists/${id}/members`, { members: [...customers.map(({ id }) => id), 'nobody@example.test'] });
    return id;
}

// A file that waits to be looked at.
async function uploadFile(server) {
    const rows = ['order,customer,date,total,currency', '1,a@example.test,2011-10-01,20.00,GBP', '2,b@example.test,,x,GBP'];
    const answer = await server.ask('/api/v1/imports?name=orders.csv', {
        method: 'POST',
        headers: { 'Content-Type': 'text/csv' },
        body: rows.join('\n') + '\n',
    });
    if (!answer.ok) throw new Error(`no file was taken: ${answer.status}`);
    return (await answer.json()).id;
}

// A template that would reach who never said yes: it waits for a second person.
async function askForApproval(server, template) {
    const send = (path, body) =>
        server.ask(path, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    await send('/api/v1/approvals/rule', { above: 0 });
    const { version, variants } = await server.read(`/api/v1/templates/${template}`);
    const { language, source } = variants.find((variant) => variant.language === 'en') ?? variants[0];
    const body = source.slice(source.indexOf('\n---\n') + 5);
    const answer = await send(`/api/v1/templates/${template}/languages/${language}`, {
        version,
        body,
        fields: { transactional: 'true' },
    });
    if (answer.status !== 202) throw new Error(`nothing waits for an approval: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).approval;
}

// A page with a past moment looks again by itself until the histories are read: they are, then.
async function readThePast(server) {
    const { condition } = await server.read('/api/v1/segments/lapsing');
    const path = `/api/v1/segments/count?condition=${encodeURIComponent(condition)}&at=2011-06-01T12:00`;
    while (!(await server.read(path)).ready);
}

export async function findPlaces(server) {
    await readThePast(server);
    const { customer, message } = await findCustomer(server);
    const text = JSON.stringify(await server.read(`/api/v1/messages/${message}`));
    const link = (kind) => text.match(new RegExp(`/${kind}/[A-Za-z0-9_.~-]{20,}`))?.[0];
    return {
        customer: encodeURIComponent(customer),
        message,
        template: 'lapsing_hello',
        approval: await askForApproval(server, 'lapsing_hello'),
        list: await makeList(server),
        webhook: await makeWebhook(server),
        import: await uploadFile(server),
        unsubscribe: link('u'),
        preferences: link('p'),
    };
}

export async function pagesOf(server) {
    const places = await findPlaces(server);
    return list.pages.map((page) => {
        const path = page.path.replace(/\{(\w+)\}/g, (_, name) => {
            if (places[name] === undefined) throw new Error(`there is no place {${name}} for ${page.name}`);
            return places[name];
        });
        return { status: 200, anyone: false, theirs: false, ...page, path, url: (at) => server.url + at };
    });
}

// What a link of ours may lead to: the listed patterns but for the one that stands for everything
// else, the API and the forms.
export function patternsOf() {
    const named = [...list.pages, ...list.other].map(({ pattern }) => pattern);
    const own = named.filter((pattern) => pattern !== '/*path');
    return [...own, '/api/v1/*rest', '/metrics', '/sign-out', '/nowhere'].map(
        (pattern) =>
            new RegExp('^' + pattern.replace(/[.]/g, '\\.').replace(/\/:\w+/g, '/[^/]+').replace(/\*\w+/, '.*') + '$'),
    );
}

// The paths of the list as they stand there, for shops in which the {…} have no meaning.
export const listedPages = () => list.pages.map(({ path }) => path);
