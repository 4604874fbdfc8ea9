// Our Liquid beside liquidjs on the benchmark templates of the suite, in one run.
//
// Both take turns, template by template and round by round, so that what else the machine does
// meets both. Each figure is the best of its rounds; ratios are liquidjs / winback. Outputs that
// differ are marked: a peer that prints something else does not do the same work.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const [binary, casesFile, modules, rounds = '3', milliseconds = '150'] = process.argv.slice(2);
const require = createRequire(join(modules, 'package.json'));
const { Liquid } = require('liquidjs');
const version = require('liquidjs/package.json').version;

const cases = readFileSync(casesFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  .filter((test) => test.name.startsWith('bench_'));

function bestMicroseconds(work) {
  let calls = 1;
  const batch = () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; ++i) work();
    return Number(process.hrtime.bigint() - start) / 1000;
  };
  let spent = batch();
  while (spent < 2000) {
    calls *= 2;
    spent = batch();
  }
  let best = spent / calls;
  const end = Date.now() + Number(milliseconds);
  while (Date.now() < end) best = Math.min(best, batch() / calls);
  return best;
}

function peer(test) {
  const files = Object.fromEntries(Object.entries(test.filesystem ?? {})
    .map(([name, source]) => [name.replace(/\.liquid$/, ''), source]));
  const engine = new Liquid({ templates: files, cache: true, timezoneOffset: 'UTC' });
  const parsed = engine.parse(test.template);
  const environment = test.environment ?? {};
  const render = () => engine.renderSync(parsed, environment);
  return {
    text: render(),
    render_us: bestMicroseconds(render),
    parse_us: bestMicroseconds(() => engine.parse(test.template)),
  };
}

function ours(test, folder) {
  const file = join(folder, 'case.jsonl');
  writeFileSync(file, JSON.stringify(test) + '\n');
  const run = spawnSync(binary, [file, milliseconds], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${test.name}: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

const folder = mkdtempSync(join(tmpdir(), 'winback-liquid-'));
const better = (a, b) => (a === undefined ? b : { ...b,
  render_us: Math.min(a.render_us, b.render_us), parse_us: Math.min(a.parse_us, b.parse_us) });
const rows = [];
for (const test of cases) {
  let mine;
  let theirs;
  let problem = '';
  for (let round = 0; round < Number(rounds); ++round) {
    mine = better(mine, ours(test, folder));
    try {
      theirs = better(theirs, peer(test));
    } catch (error) {
      problem = `liquidjs: ${String(error.message).split('\n')[0]}`;
    }
  }
  rows.push({ name: test.name.replace('bench_', ''), mine, theirs, problem,
    same: theirs !== undefined && theirs.text === mine.text });
}
// Allocations that grow with what is printed would show between these two.
const loop = (rounds) => ours({
  name: `bench_${rounds}_rounds`,
  template: `{% for i in (1..${rounds}) %}{{ i }}{{ name }}{{ order.price }}{{ i | plus: 1 }}` +
    '{{ order.note | upcase }}{{ order.items | size }}{% endfor %}',
  environment: { name: 'Ann', order: { price: 1.5, note: 'abc', items: [1, 2] } },
}, folder);
const [few, many] = [loop(10), loop(1000)];
rmSync(folder, { recursive: true });

const cell = (value, width) => String(value).padStart(width);
const us = (value) => (value === undefined ? '-' : value.toFixed(value < 10 ? 2 : 1));
console.log(`winback against liquidjs ${version} on node ${process.version}, µs, best of ${rounds} rounds`);
console.log(`${'template'.padEnd(30)}   bytes  render   liquidjs  ratio   parse  liquidjs  ratio  allocations`);
let logRender = 0;
let logParse = 0;
let counted = 0;
for (const { name, mine, theirs, same, problem } of rows) {
  const render = theirs && theirs.render_us / mine.render_us;
  const parse = theirs && theirs.parse_us / mine.parse_us;
  if (theirs) {
    logRender += Math.log(render);
    logParse += Math.log(parse);
    ++counted;
  }
  console.log(`${name.padEnd(30)} ${cell(mine.bytes, 7)} ${cell(us(mine.render_us), 7)} ` +
    `${cell(us(theirs?.render_us), 10)} ${cell(render ? render.toFixed(1) : '-', 6)} ` +
    `${cell(us(mine.parse_us), 7)} ${cell(us(theirs?.parse_us), 9)} ` +
    `${cell(parse ? parse.toFixed(1) : '-', 6)} ${cell(mine.allocations, 12)}` +
    (problem ? `  ${problem}` : same ? '' : '  (liquidjs prints something else)'));
}
console.log(`geometric mean of ${counted}: render ${Math.exp(logRender / counted).toFixed(1)} x, ` +
  `parse ${Math.exp(logParse / counted).toFixed(1)} x`);
console.log(`allocations of a render that prints 60 values: ${few.allocations}; 6,000 values: ${many.allocations}`);
