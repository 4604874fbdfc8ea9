// axe-core in the page: what a screen reader or weak eyes would stumble over.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Serious and critical findings; in the dark only those that depend on colours.
export async function auditAccess(page, scheme) {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
    const found = await page.evaluate(async (dark) => {
        const options = {
            resultTypes: ['violations'],
            ...(dark ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {}),
        };
        const { violations } = await window.axe.run({ exclude: ['iframe'] }, options);
        return violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, help, nodes }) => ({
                id,
                help,
                nodes: nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`),
                count: nodes.length,
            }));
    }, scheme === 'dark');
    return found.map(({ id, help, nodes, count }) => `axe ${id} (${count}): ${help}: ${nodes.join(' | ')}`);
}
