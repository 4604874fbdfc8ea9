// The pictures of the README, made from the sample shop: make screenshots.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from './browser.mjs';
import { pagesOf } from './places.mjs';
import { root, startServer } from './world.mjs';

const chosen = JSON.parse(readFileSync(join(root, 'test/ui/screenshots.json'), 'utf8')).pictures;
const folder = join(root, 'docs/images');

mkdirSync(folder, { recursive: true });
const server = await startServer();
const windows = await openBrowser(server);
const entries = await pagesOf(server);
for (const { file, page: name, language = 'en', scheme = 'light', width = 1280, height = 800 } of chosen) {
    const entry = entries.find((at) => at.name === name);
    if (!entry) throw new Error(`${file}: pages.json has no page ${name}`);
    const context = await windows.context({ language, colorScheme: scheme, viewport: { width, height } });
    const page = await context.newPage();
    await page.goto(entry.url(entry.path), { waitUntil: entry.live ? 'load' : 'networkidle' });
    await page.screenshot({ path: join(folder, file) });
    await context.close();
    console.log(`docs/images/${file}`);
}
await windows.close();
process.exit(await server.stop());
