// Whether a page speaks its reader's language: the right lang and dir, no key, no English rest.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { direction } from './browser.mjs';
import { root } from './world.mjs';

// Names that are the same in every language.
const names = new Set(
    ('winback csv json api html css sms id rfm url http https ndjson gzip utf-8 smtp tls totp ics openapi pdf ' +
     'liquid yaml segment analytics node curl gmail webhook webhooks prometheus jsonl e-mail english türkçe eur usd gbp ' +
     'mbg nbd bg pareto gamma auc brier mae ' +
     // The short names of months in Turkish that are those of English.
     'mar may')
        .split(' '),
);

// What the playbook calls its things: data of the shop, in the shop's language.
function readData() {
    const folder = join(root, 'playbook');
    const said = new Set();
    for (const file of readdirSync(folder, { recursive: true })) {
        if (!/\.(yaml|liquid)$/.test(file)) continue;
        // A folded text is one line.
        const text = readFileSync(join(folder, file), 'utf8').replace(/: >-?\n((?: +.*\n)+)/g, (_, lines) => `: ${lines.trim().replace(/\s*\n\s*/g, ' ')}\n`);
        for (const [, value] of text.matchAll(/^\s*(?:name|description|subject|preheader|unsubscribe_text): *(.+)$/gm)) {
            said.add(value.replace(/^["']|["']$/g, ''));
        }
    }
    return said;
}
const data = readData();

function readKeys() {
    const file = join(root, 'web/languages/en.yaml');
    if (!existsSync(file)) return new Set();
    return new Set([...readFileSync(file, 'utf8').matchAll(/^([a-z][a-z0-9_.]+):/gm)].map((found) => found[1]));
}
const keys = readKeys();

const latinWords = (text) =>
    (text.match(/[A-Za-zÀ-ž][A-Za-zÀ-ž'’-]{2,}/g) ?? []).filter((word) => !names.has(word.toLowerCase()));

export function spokenWell(look, language) {
    const found = [];
    if (look.language !== language) found.push(`lang is "${look.language}"`);
    if ((look.direction || 'ltr') !== direction(language)) found.push(`dir is "${look.direction}"`);
    for (const text of [...look.words, look.title]) {
        const key = text.split(/[\s,;:()]+/).find((word) => keys.has(word));
        if (key) found.push(`a key instead of words: ${key}`);
    }
    return found;
}

// Words that the English page has, too, beyond names; in Arabic and Persian any Latin words.
export function leftInEnglish(look, english, language) {
    const said = new Set(english.words);
    const found = [];
    for (const text of look.words) {
        const plain = text.replace(/ · Sample Gifts$/, '');
        const words = latinWords(plain);
        if (words.length === 0 || data.has(plain)) continue;
        const foreignScript = direction(language) === 'rtl' && words.length > 1 && !/[\u0600-\u06ff]/.test(plain);
        if (said.has(text) || foreignScript) found.push(`left in English: ${text.slice(0, 80)}`);
    }
    return found;
}
