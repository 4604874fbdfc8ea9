// What a test found, told at once: the same finding in several languages or schemes is one line.
export class Findings {
    #places = new Map();

    add(subject, place, what) {
        const key = `${subject}: ${what}`;
        this.#places.set(key, [...(this.#places.get(key) ?? []), place]);
    }

    lines() {
        return [...this.#places]
            .map(([key, places]) => {
                const where = [...new Set(places)].filter((place) => place !== '').sort().join(' ');
                return where ? `${key} [${where}]` : key;
            })
            .sort();
    }

    // Throws when anything was found.
    expectNone() {
        const lines = this.lines();
        if (lines.length === 0) return;
        const error = new Error(`${lines.length} findings\n    ${lines.join('\n    ')}\n`);
        error.stack = error.message;
        throw error;
    }
}
