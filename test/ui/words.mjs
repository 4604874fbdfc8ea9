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
     // Keys, Turkish words that are those of English, and words of HTTP.
     'program ctrl enter mar may disk get post put patch delete header path query')
        .split(' '),
);

// What the playbook calls its things: data of the shop, in the shop's language. Subjects with
// {{ … }} in them become patterns; ids are shown with spaces.
function readData() {
    const folder = join(root, 'playbook');
    const said = new Set();
    const patterns = [];
    const add = (value) => {
        if (!value.includes('{{')) return said.add(value.toLowerCase().replaceAll('_', ' '));
        const parts = value.split(/\{\{.*?\}\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
        return patterns.push(new RegExp(`^${parts.join('.*')}$`));
    };
    for (const file of readdirSync(folder, { recursive: true })) {
        if (!/\.(yaml|liquid)$/.test(file)) continue;
        add(file.replace(/^.*\//, '').replace(/\..*$/, ''));
        const text = readFileSync(join(folder, file), 'utf8');
        // A folded text is one line.
        const flat = text.replace(/: >-?\n((?: +.*\n)+)/g, (_, lines) => `: ${lines.trim().replace(/\s*\n\s*/g, ' ')}\n`);
        for (const [, value] of flat.matchAll(/^\s*(?:name|description|subject|preheader|topic): *(.+)$/gm)) {
            add(value.replace(/^["']|["']$/g, ''));
        }
        for (const [, id] of flat.matchAll(/\bid: *(\w+)/g)) add(id);
        for (const [, en] of flat.matchAll(/\ben: *([^,}\n]+)/g)) add(en);
        for (const [, en] of flat.matchAll(/^ *en: *(.+)$/gm)) add(en.replace(/^["']|["']$/g, ''));
        for (const [, topic] of flat.matchAll(/^ {2}(\w+): *\{en:/gm)) add(topic);
    }
    const isFile = (text) => /^[\w/-]+\.(yaml|liquid)$/.test(text);
    return (text) => isFile(text) || said.has(text.toLowerCase().replaceAll('_', ' ')) || patterns.some((pattern) => pattern.test(text));
}
const isData = readData();

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
        const plain = text.replace(/ · Sample Gifts$/, '').replace(/^(\S+@|https?:\/\/)\S+$/, '');
        const words = latinWords(plain);
        if (words.length === 0 || isData(plain)) continue;
        const foreignScript = direction(language) === 'rtl' && words.length > 1 && !/[\u0600-\u06ff]/.test(plain);
        if (said.has(text) || foreignScript) found.push(`left in English: ${text.slice(0, 80)}`);
    }
    return found;
}
