// Whether a page speaks its reader's language: the right lang and dir, no key, no English rest.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { direction } from './browser.mjs';
import { root } from './world.mjs';

// Names that are the same in every language.
const names = new Set(
    ('winback csv json api html css sms id rfm url http https ndjson gzip utf-8 smtp tls totp ics openapi pdf ' +
     'liquid yaml segment analytics node curl gmail webhook webhooks prometheus jsonl e-mail english türkçe eur usd gbp ' +
     'mbg nbd bg pareto gamma auc brier mae')
        .split(' '),
);

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
        const key = text.split(/[\s,;:()]+/).find((word) => keys.has(word) || /^[a-z_]+\.[a-z_]{2,}$/.test(word) && !/\.(com|example|test|csv|json)$/.test(word));
        if (key) found.push(`a key instead of words: ${key}`);
    }
    return found;
}

// Words that the English page has, too, beyond names; in Arabic and Persian any Latin words.
export function leftInEnglish(look, english, language) {
    const said = new Set(english.words);
    const found = [];
    for (const text of look.words) {
        const words = latinWords(text);
        if (words.length === 0) continue;
        const foreignScript = direction(language) === 'rtl' && words.length > 1 && !/[\u0600-\u06ff]/.test(text);
        if (said.has(text) || foreignScript) found.push(`left in English: ${text.slice(0, 80)}`);
    }
    return found;
}
