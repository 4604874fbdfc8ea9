// What the tests of both editors ask of the page.

// As it is seen: without the marks that keep a number's direction to itself.
export const shown = async (locator) => (await locator.innerText()).replace(/[\u2066-\u2069]/g, '');

export const state = (page) => page.locator('#state');

// Waits until the state is of this kind: 'good', 'bad'.
export async function said(page, kind) {
    await page.locator(`#state[data-kind=${kind}]`).waitFor();
    return state(page).innerText();
}

// Whether the browser would ask before the page is left.
export const asksBeforeLeaving = (page) =>
    page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));

// Requests with this method and ending wait until `go` is called.
export async function hold(page, method, ending) {
    let go;
    const free = new Promise((resolve) => { go = resolve; });
    const asked = [];
    await page.route((url) => url.pathname.endsWith(ending), async (route) => {
        if (route.request().method() !== method) return route.fallback();
        asked.push(route.request().postDataJSON());
        await free;
        return route.continue();
    });
    return { asked, go };
}

// The editor of segments, of a shop (around.mjs).
export function segmentEditor(shop) {
    async function open(path, options = {}) {
        const { page, close } = await shop.open(path, options);
        await page.locator('#build .root').waitFor();
        return { page, text: page.locator('#body'), lines: page.locator('#build .line'), close };
    }
    const choose = (page, name) => page.locator(`input[name=mode][value=${name}]`).click({ force: true });
    // A count of the draft as it is now.
    async function counted(page, act) {
        const answer = page.waitForResponse((response) => response.url().endsWith('/segments/preview') && response.ok());
        await act();
        const request = (await answer).request();
        await page.waitForFunction(() => !document.querySelector('#editor[aria-busy]'));
        // A body that is read while it comes cannot be read a second time: asked once more, whole.
        const again = { method: 'POST', body: request.postData(), headers: { 'Content-Type': 'application/json' } };
        return page.evaluate(async ([url, options]) => (await fetch(url, options)).json(), [request.url(), again]);
    }
    return { open, choose, counted };
}
