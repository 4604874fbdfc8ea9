// Shops to look at: data folders made by the binary itself, a server on each, and ways in.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = resolve(process.argv[2] ?? join(root, 'build/release/winback'));
// Beside the binary's own build: shops to copy, screenshots, reports.
export const artefacts = process.env.UI_ARTEFACTS ?? join(root, 'build/ci/test/ui');

const one_customer_of = 8;
const run = (...args) =>
    execFileSync(binary, args, { encoding: 'utf8', cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });

// Every eighth customer of the sample shop, with all of their orders.
function sampleOrders() {
    const packed = readFileSync(join(root, 'examples/online-retail/orders.csv.gz'));
    const [head, ...lines] = gunzipSync(packed).toString('utf8').trimEnd().split('\n');
    const kept = lines.filter((line) => {
        const customer = line.match(/,(\d+),[^,]+,[^,]+$/);
        return customer && Number(customer[1]) % one_customer_of === 3;
    });
    return [head, ...kept].join('\n') + '\n';
}

// Imported, fitted and replayed once for each build of the binary; the same bytes in, the same shop.
function sampleShop() {
    const made = join(artefacts, 'shop');
    const stamp = join(made, 'complete');
    const identity = execFileSync('stat', ['-c', '%s %Y', binary], { encoding: 'utf8' });
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === identity) return made;
    rmSync(made, { recursive: true, force: true });
    mkdirSync(made, { recursive: true });
    const orders = join(made, 'orders.csv');
    writeFileSync(orders, sampleOrders());
    const shop = join(made, 'shop');
    run('import', orders, '--map', 'examples/online-retail/mapping.yaml', '--data', shop);
    run('fit', 'mbg-nbd', '--data', shop, '--until', '2011-09-10', '--unit', 'week');
    run('replay', '--data', shop, '--playbook', 'playbook', '--out', join(made, 'data'), '--days', '90');
    writeFileSync(stamp, identity);
    return made;
}

// An export of the sample shop, as its owner has it.
// The cookies that an answer sets, one text each. Node 18 of Debian has no getSetCookie; none of
// ours has a date, and so no comma.
export const cookiesOf = (answer) => (answer.headers.get('set-cookie') ?? '').split(', ');

export const ordersFile = () => join(sampleShop(), 'orders.csv');

// `empty`: a folder without anything, as on the first day; else the sample shop. `playbook`: with a
// copy of the shipped one, which pages may write to.
export async function startServer({ empty = false, playbook = false } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'winback-ui-'));
    const data = join(folder, 'data');
    if (!empty) cpSync(join(sampleShop(), 'data'), data, { recursive: true });
    const args = playbook ? ['--playbook', join(folder, 'playbook')] : [];
    if (empty) args.push('--sign-in');
    if (playbook) cpSync(join(root, 'playbook'), join(folder, 'playbook'), { recursive: true });
    const createKey = (kind, scopes = []) =>
        run('key', 'create', '--data', data, '--kind', kind, ...scopes.flatMap((s) => ['--scope', s]))
            .match(/[a-z]{2}_[A-Za-z0-9_-]{20,}/)[0];
    const keys = {
        write: createKey('write'),
        api: createKey('api', ['admin']),
        links: Array.from({ length: 6 }, () => createKey('sign_in', ['admin'])),
        marketers: [createKey('sign_in', ['read', 'write', 'personal'])], // May not send.
    };
    const child = spawn(binary, ['serve', '--data', data, '--port', '0', ...args], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = [];
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const url = await new Promise((resolve, reject) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
            lines.push(line);
            const found = line.match(/listening on (http:\/\/[0-9.]+:\d+)/);
            if (found) resolve(found[1]);
        });
        ended.then((code) => reject(new Error(`winback serve ended with ${code}`)));
    });
    const ask = async (path, options = {}) =>
        fetch(url + path, {
            ...options,
            headers: { Authorization: `Bearer ${keys.api}`, ...options.headers },
        });
    return {
        url,
        keys,
        folder,
        lines,
        ask,
        async read(path) {
            const answer = await ask(path);
            if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
            return answer.json();
        },
        async send(events) {
            const answer = await fetch(`${url}/v1/batch`, {
                method: 'POST',
                body: JSON.stringify({ batch: events, sentAt: new Date().toISOString() }),
                headers: { Authorization: 'Basic ' + Buffer.from(keys.write + ':').toString('base64') },
            });
            if (!answer.ok) throw new Error(`events were refused: ${answer.status}`);
            return answer.json();
        },
        // Of an empty folder: as it is printed for whoever started the server.
        firstLink: () => lines.join('\n').match(/sign in once.*?: (\S+)/)[1],
        // A cookie for one more session; links work once.
        async session(links = keys.links) {
            const answer = await fetch(`${url}/sign-in?token=${links.pop()}`, { redirect: 'manual' });
            const cookie = cookiesOf(answer).find((c) => c.startsWith('winback_session='));
            if (!cookie) throw new Error(`signing in by a link: ${answer.status}`);
            return { header: cookie, value: cookie.split(';')[0].split('=')[1] };
        },
        async stop() {
            child.kill('SIGTERM');
            const code = await ended;
            rmSync(folder, { recursive: true, force: true });
            return code;
        },
    };
}
