// Keyboard alone: the skip link, an order that follows reading, a focus that is seen, nothing out
// of reach, nothing that holds the focus, and Escape.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { forEach, openBrowser, watch } from './browser.mjs';
import { Findings } from './findings.mjs';
import { pagesOf } from './places.mjs';
import { startServer } from './world.mjs';

const steps_max = 400;  // A page with more stops is looked at up to here.

// In the page: notes the element that has the focus, where it is and how it looks. False where none
// has it, or one that had it before: at the end.
async function noteStop() {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    let at = document.activeElement;
    window.tour ??= [];
    // Into a frame and out of it, which is a page of its own, the focus comes in its own time.
    const hasFrame = document.querySelector('iframe') !== null;
    for (let i = 0; hasFrame && i < 60 && (!at || at === document.body); ++i) {
        await frame();
        at = document.activeElement;
    }
    if (!at || at === document.body) return false;
    // Inside a frame, and from day to month to year, the focus walks on; else it has come round.
    if (window.tour.some((stop) => stop.element === at)) {
        const walks = at.type === 'date' || at.type === 'datetime-local';
        return at.tagName === 'IFRAME' || (walks && at === window.tour.at(-1).element);
    }
    const inView = () => {
        const { top, bottom } = at.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    };
    // The browser scrolls in its own time.
    for (let i = 0; i < 2 || (i < 60 && !inView()); ++i) await frame();
    const look = (element) => {
        const style = getComputedStyle(element);
        const outline = style.outlineStyle === 'none' ? '' : style.outlineStyle + style.outlineWidth + style.outlineColor;
        return [outline, style.boxShadow, style.backgroundColor, style.borderColor, style.textDecoration].join('|');
    };
    // What surrounds a field may show its focus.
    window.looksAround = (element) => {
        const looks = [];
        for (let i = 0, it = element; i < 4 && it && it !== document.body; ++i, it = it.parentElement) looks.push(look(it));
        return looks.join('\n');
    };
    const box = at.getBoundingClientRect();
    // A list that scrolls within the page, and how far.
    let list = at.parentElement;
    while (list && list !== document.body && list.scrollHeight <= list.clientHeight) list = list.parentElement;
    let scrolled = 0;
    for (let it = at.parentElement; it && it !== document.body; it = it.parentElement) scrolled += it.scrollTop;
    window.tour.push({
        element: at,
        looks: window.looksAround(at),
        seen: box.width > 0 && box.height > 0 && inView(),
        box: { top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left, right: box.right },
        list,
        scrolled,
    });
    return true;
}

// In the page, afterwards: what is wrong with the tour.
function judgeTour(complete) {
    const forward = getComputedStyle(document.documentElement).direction === 'ltr';
    const named = (element) => {
        const text = element.getAttribute('aria-label') || element.innerText || element.name || '';
        return `${element.tagName.toLowerCase()} "${text.trim().replace(/\s+/g, ' ').slice(0, 30)}"`;
    };
    const tour = window.tour ?? [];
    const visited = new Set(tour.map(({ element }) => element));
    const wrong = [];
    document.activeElement?.blur();

    const mayStop = (element) => {
        const fold = element.closest('details:not([open])');
        const folded = fold && element.closest('summary')?.parentElement !== fold;
        const shown = element.checkVisibility({ checkVisibilityCSS: true });
        return shown && !folded && element.tabIndex >= 0 && !element.disabled && element.type !== 'hidden';
    };
    const chosenOther = (element) =>
        element.type === 'radio' && [...document.getElementsByName(element.name)].some((radio) => visited.has(radio));
    for (const element of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')) {
        if (element.tabIndex > 0) wrong.push(`${named(element)} has a tabindex of ${element.tabIndex}`);
        if (complete && mayStop(element) && !visited.has(element) && !chosenOther(element)) {
            wrong.push(`${named(element)} is out of reach`);
        }
    }
    const goesBack = (from, to) => {
        const sameRow = to.top < from.bottom - 4 && to.bottom > from.top + 4;
        const back = forward ? to.right <= from.left + 1 : to.left >= from.right - 1;
        const above = to.bottom <= from.top + 1;
        return (sameRow && back && to.top <= from.top + 4) || (above && (back || Math.abs(to.left - from.left) < 2));
    };
    // Two stops of one list stand where they do in it; else where they are seen.
    const placed = ({ box, list, scrolled }, other) => list !== other.list ? box
        : { ...box, top: box.top + scrolled, bottom: box.bottom + scrolled };
    tour.forEach((stop, i) => {
        const { element, looks, seen } = stop;
        if (!seen) wrong.push(`${named(element)} gets the focus out of sight`);
        if (element.tagName !== 'IFRAME' && window.looksAround(element) === looks) {
            wrong.push(`${named(element)} does not show that it has the focus`);
        }
        const next = tour[i + 1];
        if (!next || !seen || !next.seen) return;
        const follows = element.compareDocumentPosition(next.element) & Node.DOCUMENT_POSITION_FOLLOWING;
        if (!follows || goesBack(placed(stop, next), placed(next, stop))) {
            wrong.push(`after ${named(element)} the focus goes back to ${named(next.element)}`);
        }
    });
    return wrong;
}

describe('keyboard alone', () => {
    let server;
    let windows;
    let entries;

    before(async () => {
        server = await startServer();
        windows = await openBrowser(server);
        const all = await pagesOf(server);
        entries = all.filter((entry, i) => all.findIndex((other) => other.pattern === entry.pattern) === i);
    });
    after(async () => {
        await windows?.close();
        assert.equal(await server?.stop(), 0);
    });

    async function tour(entry, language, found) {
        const context = await windows.context({ language, signedIn: !entry.anyone });
        const page = await context.newPage();
        const notes = await watch(page, server);
        const find = (what) => found.add(entry.name, language, what);
        await page.goto(entry.url(entry.path));
        if (!entry.theirs) {
            await page.keyboard.press('Tab');
            const skip = await page.evaluate(() => document.activeElement?.getAttribute('href'));
            if (skip === '#content') {
                await page.keyboard.press('Enter');
                const inside = await page.evaluate(() => document.activeElement?.id ?? location.hash.slice(1));
                if (inside !== 'content') find('the skip link does not move the focus');
                await page.goto(entry.url(entry.path));
            } else {
                find('the first stop is no skip link');
                await page.reload();
            }
        }
        // A frame that is loaded while the focus comes in drops it: the next Tab goes on behind it.
        const drops_max = (await page.locator('iframe').count()) > 0 ? 2 : 0;
        let steps = 0;
        for (let drops = 0; drops <= drops_max && steps < steps_max; ++steps) {
            await page.keyboard.press('Tab');
            drops = (await page.evaluate(noteStop)) ? 0 : drops + 1;
        }
        (await page.evaluate(judgeTour, steps < steps_max)).forEach(find);
        notes.found().filter((note) => !note.includes('status of')).forEach(find);
        await context.close();
    }

    test('every page', async () => {
        const found = new Findings();
        const work = entries.flatMap((entry) => ['en', 'ar'].map((language) => ({ entry, language })));
        await forEach(work, ({ entry, language }) =>
            tour(entry, language, found).catch((error) => found.add(entry.name, language, error.message.split('\n')[0])),
        );
        found.expectNone();
    });

    test('Escape closes what opens over a page', async () => {
        const found = new Findings();
        await forEach(entries, async (entry) => {
            const context = await windows.context({ signedIn: !entry.anyone });
            const page = await context.newPage();
            await page.goto(entry.url(entry.path));
            // Menus lie over the page; a fold in its text stays open as long as its reader wants.
            const openers = page.locator('[popovertarget], details.menu > summary, [aria-haspopup]');
            for (let i = 0; i < (await openers.count()); ++i) {
                const opener = openers.nth(i);
                if (!(await opener.isVisible())) continue;
                await opener.focus();
                await page.keyboard.press('Enter');
                await page.keyboard.press('Escape');
                const open = await page.evaluate(() => document.querySelectorAll('details.menu[open], :popover-open, dialog[open]').length);
                if (open > 0) found.add(entry.name, '', `Escape does not close what opener ${i + 1} opens`);
            }
            await context.close();
        });
        found.expectNone();
    });
});
