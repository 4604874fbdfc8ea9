// A winback server on a fresh data folder, and what its JSON API says of a customer.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export async function startServer(binary) {
    const folder = mkdtempSync(join(tmpdir(), 'winback-sdk-'));
    const createKey = (kind, ...scopes) =>
        execFileSync(binary, ['key', 'create', '--data', folder, '--kind', kind, ...scopes], {
            encoding: 'utf8',
        }).match(/[a-z]{2}_[A-Za-z0-9_-]{20,}/)[0];
    const writeKey = createKey('write');
    const token = createKey('api', '--scope', 'read', '--scope', 'personal');
    const child = spawn(binary, ['serve', '--data', folder, '--port', '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const url = await new Promise((resolve, reject) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
            const found = line.match(/listening on (http:\/\/[0-9.]+:\d+)/);
            if (found) resolve(found[1]);
        });
        ended.then((code) => reject(new Error(`winback serve ended with ${code}`)));
    });

    const read = async (path) => {
        const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } });
        if (answer.status === 404) return null;
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return answer.json();
    };

    return {
        url,
        host: url.replace('http://', ''),
        writeKey,
        events: async (customer) =>
            eventsIn(await read(`/api/v1/customers/${encodeURIComponent(customer)}/timeline`)),
        customer: (id) => read(`/api/v1/customers/${encodeURIComponent(id)}`),
        async stop() {
            child.kill('SIGTERM');
            const code = await ended;
            rmSync(folder, { recursive: true });
            return code;
        },
    };
}

// Every event of a timeline, wherever the answer's outer shape puts it.
function eventsIn(value) {
    if (value === null || typeof value !== 'object') return [];
    if (value.kind === 'event') return [value];
    return Object.values(value).flatMap(eventsIn);
}

// Calls `check` until it stops throwing: identities that meet in two shards are joined a moment
// after both events were acknowledged.
export async function eventually(check, seconds = 10) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        try {
            return await check();
        } catch (error) {
            if (Date.now() > deadline) throw error;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }
}
