// The palette under the three kinds of colour blindness, and texts on their grounds, computed from
// the tokens: states that a chart sets side by side stay apart, and all that is read has contrast.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Findings } from './findings.mjs';
import { root } from './world.mjs';

const { apart, read, apart_min } = JSON.parse(readFileSync(join(root, 'test/ui/colours.json'), 'utf8'));

// Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
const kinds = {
    trichromacy: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

// The values of `--name: #rrggbb` by scheme; the dark ones fall back to the light ones.
function readTokens() {
    const css = readFileSync(join(root, 'web/styles/tokens.css'), 'utf8');
    const dark_at = css.indexOf('prefers-color-scheme: dark');
    const colours = (text) =>
        Object.fromEntries([...text.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b/gi)].map(([, name, hex]) => [name, hex]));
    const light = colours(css.slice(0, dark_at));
    return { light, dark: { ...light, ...colours(css.slice(dark_at)) } };
}

const linear = (hex) =>
    [1, 3, 5].map((at) => {
        const part = parseInt(hex.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function contrast(a, b) {
    const [light, dark] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
}

const seen = (hex, m) => {
    const rgb = linear(hex);
    return [0, 3, 6].map((row) => Math.min(1, Math.max(0, rgb.reduce((sum, part, i) => sum + m[row + i] * part, 0))));
};

// OKLab (Ottosson 2020), in hundredths: about 2 can just be told apart.
function oklab([r, g, b]) {
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [
        0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ].map((part) => part * 100);
}
const distance = (a, b) => Math.hypot(...oklab(a).map((part, i) => part - oklab(b)[i]));

describe('colours', () => {
    const schemes = Object.entries(readTokens());

    test('states stay apart for everybody', () => {
        const found = new Findings();
        for (const [scheme, tokens] of schemes) {
            for (const group of apart) {
                for (const [i, a] of group.entries()) {
                    for (const b of group.slice(i + 1)) {
                        for (const [kind, matrix] of Object.entries(kinds)) {
                            const far = distance(seen(tokens[a], matrix), seen(tokens[b], matrix));
                            if (far < apart_min) found.add(`--${a} and --${b}`, `${scheme} ${kind}`, `only ${far.toFixed(1)} apart`);
                        }
                    }
                }
            }
        }
        found.expectNone();
    });

    test('what is read has contrast', () => {
        const found = new Findings();
        for (const [scheme, tokens] of schemes) {
            for (const { text, on, at_least } of read) {
                for (const ground of on) {
                    const ratio = contrast(tokens[text], tokens[ground]);
                    if (ratio < at_least) found.add(`--${text} on --${ground}`, scheme, `${ratio.toFixed(2)}, not ${at_least}`);
                }
            }
        }
        found.expectNone();
    });
});
