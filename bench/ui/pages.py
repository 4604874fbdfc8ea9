"""How fast the pages answer with a million customers, quiet and while events arrive.

Fills a data folder with a made-up shop (once), serves it, and asks for every page and route of
pages.json over one connection that is kept: first alone, one after the other, then 20 a second
(a hundred people who look at a page every five seconds) with winback_load sending events at a fixed
rate. Prints a table of times and of first-load bytes, and
exits 1 when a page is beyond its limits. Times are seen by the client, so they include the
loopback and the wait for a core that load generator, client and server share; `cpu` is what the
server's threads worked for one request, which other work on the machine does not change.
"""
import argparse
import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
patience_seconds = 120
settled_inputs = 100


def percentile(sorted_times, p):
    return sorted_times[min(len(sorted_times) - 1, int(p * len(sorted_times)))]


class Server:
    """`winback serve` on a folder, with a signed-in connection to it."""

    def __init__(self, binary, data, playbook):
        self.key = self.create_key(binary, data, 'write')
        token = self.create_key(binary, data, 'sign_in', '--scope', 'admin')
        command = [binary, 'serve', '--data', data, '--port', '0', '--playbook', playbook]
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for line in self.process.stdout:
            if found := re.match(r'listening on http://.*:(\d+)', line):
                self.port = int(found[1])
                break
        else:
            sys.exit('winback serve ended')
        self.start_seconds = time.monotonic() - began
        self.connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=120)
        self.cookie = ''
        answer, _ = self.get('/sign-in?token=' + token)
        self.cookie = (answer.getheader('Set-Cookie') or '').split(';')[0]
        if not self.cookie.startswith('winback_session='):
            sys.exit(f'signing in by a link: {answer.status}')

    @staticmethod
    def create_key(binary, data, kind, *more):
        out = subprocess.run([binary, 'key', 'create', '--data', data, '--kind', kind, *more],
                             check=True, capture_output=True, text=True).stdout
        return re.search(r'[a-z]{2}_[A-Za-z0-9_-]{20,}', out)[0]

    def get(self, path):
        headers = {'Accept-Encoding': 'gzip', 'Cookie': self.cookie}
        try:
            self.connection.request('GET', path, headers=headers)
            answer = self.connection.getresponse()
        except (http.client.HTTPException, ConnectionError):  # An idle connection was closed.
            self.connection.close()
            self.connection.request('GET', path, headers=headers)
            answer = self.connection.getresponse()
        return answer, answer.read()

    def read(self, path):
        answer, body = self.get(path)
        if answer.status != 200:
            sys.exit(f'{path}: {answer.status}')
        return gzip.decompress(body) if answer.getheader('Content-Encoding') == 'gzip' else body

    def cpu_ms(self):
        """What all of its threads have worked so far."""
        tasks = pathlib.Path(f'/proc/{self.process.pid}/task')
        return sum(int((task / 'schedstat').read_text().split()[0]) for task in tasks.iterdir()) / 1e6

    def stop(self):
        self.process.terminate()
        self.process.wait()


def places(server):
    """What the paths of pages.json name in braces."""
    def first(path, kind):
        return json.loads(server.read(path))[kind][:1]
    found = {}
    for name, order in (('customer', 'id'), ('heavy', 'orders')):
        one = first(f'/api/v1/customers?limit=1&order={order}', 'customers')
        found[name] = urllib.parse.quote(one[0]['id'], safe='')
    for message in first('/api/v1/messages?limit=1', 'messages'):
        found['message'] = message['key']
    following = re.search(r'href="/customers\?([^"]*after=[^"]+)"', server.read('/customers').decode())
    found['second'] = following[1].replace('&amp;', '&')
    return found


def fill_in(found, paths):
    """Pages of what this shop does not have are left out, and named."""
    filled = [re.sub(r'{(\w+)}', lambda m: found.get(m[1], m[0]), path) for path in paths]
    missing = [path for path in filled if '{' in path]
    if missing:
        print('not in this shop: ' + ', '.join(missing))
    return [path for path in filled if '{' not in path]


def settle(args, shop):
    """Serves a new shop once: all of its customers change when the playbook is first loaded, and
    a server that runs has that behind it."""
    server = Server(args.binary, shop, 'playbook')
    try:
        for _ in range(patience_seconds):
            health = json.loads(server.read('/api/v1/health'))
            if health['lag_inputs'] < settled_inputs and health['messages_waiting'] == 0:
                return
            time.sleep(1)
    finally:
        server.stop()
        # Opened once more, the log of the store becomes tables; else every run would read it.
        Server.create_key(args.binary, shop, 'write')


def first_load_bytes(server, path):
    """The page, and what its head makes a browser fetch, as they come over the wire."""
    answer, body = server.get(path)
    total = len(body)
    text = server.read(path).decode() if answer.status == 200 else ''
    head = text.split('</head>')[0]
    files = re.findall(r'<link[^>]*rel="(?:stylesheet|icon|preload)"[^>]*href="([^"]+)"', head)
    files += re.findall(r'<script[^>]*src="([^"]+)"', head)
    return total + sum(len(server.get(file.replace('&amp;', '&'))[1]) for file in set(files))


def measure(server, paths, rounds, pause_until=None):
    """Rounds go over all paths, so that a hiccup does not fall on one of them alone."""
    times = {path: [] for path in paths}
    work = dict.fromkeys(paths, 0.0)
    for path in paths if rounds > 1 else []:  # Caches fill before, as in a server that runs.
        for _ in range(patience_seconds):
            if server.get(path)[0].status != 503:  # The first overview is on its way.
                break
            time.sleep(1)
    for _ in range(rounds):
        for path in paths:
            if pause_until:
                pause_until()
            worked = server.cpu_ms()
            began = time.perf_counter()
            answer, _ = server.get(path)
            times[path].append((time.perf_counter() - began) * 1000)
            work[path] += server.cpu_ms() - worked
            if answer.status != 200:
                sys.exit(f'{path}: {answer.status}')
    return ({path: sorted(values) for path, values in times.items()},
            {path: total / rounds for path, total in work.items()})


def measure_beside_ingest(server, paths, args):
    batch = 100
    load = subprocess.Popen(
        [args.load, '--port', str(server.port), '--key', server.key, '--connections', '8',
         '--batch', str(batch), '--rate', str(args.rate / batch), '--seconds', str(args.seconds),
         '--customers', str(args.customers), '--seed', str(int(time.time())), '--json'],
        stdout=subprocess.PIPE, text=True)
    time.sleep(2)
    times = {path: [] for path in paths}
    due = time.monotonic()

    def pause_until_due():
        nonlocal due
        due = max(due + 1 / args.pages, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))

    while load.poll() is None:
        for path, values in measure(server, paths, 1, pause_until_due)[0].items():
            times[path] += values
    report = json.loads(load.stdout.read() or '{}')
    return {path: sorted(values) for path, values in times.items()}, report


def print_table(paths, pages, measured, sizes, limits):
    quiet, work, busy = measured
    failed = []
    print(f'{"":44}{"quiet, ms":>32}{"beside ingest, ms":>26}{"first load":>13}')
    print(f'{"":44}{"p50":>8}{"p95":>8}{"max":>8}{"cpu":>8}{"p50":>10}{"p95":>8}{"max":>8}{"kB gzip":>13}')
    for path in paths:
        row = f'{path[:43]:44}'
        for index, times in enumerate((quiet[path], busy[path])):
            cells = [percentile(times, 0.5), percentile(times, 0.95), times[-1]]
            row += ''.join(f'{cell:8.1f}' for cell in cells)
            row += f'{work[path]:8.1f}  ' if index == 0 else ''
        if path in sizes:
            row += f'{sizes[path] / 1000:13.1f}'
        late = percentile(busy[path], 0.95) > limits['p95_ms']
        heavy = sizes.get(path, 0) > limits['first_load_kb'] * 1000
        if (late and path in pages) or heavy:
            failed.append(path)
        print(row + ('  late' if late else '') + ('  heavy' if heavy else ''))
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    build = ROOT / 'build/bench'
    parser.add_argument('--binary', default=build / 'src/cli/winback')
    parser.add_argument('--shop', default=build / 'bench/ui/winback_shop')
    parser.add_argument('--load', default=build / 'bench/load/winback_load')
    parser.add_argument('--data', type=pathlib.Path, help='default: build/bench/ui/CUSTOMERS')
    parser.add_argument('--customers', type=int, default=1_000_000)
    parser.add_argument('--rate', type=int, default=20_000, help='events per second')
    parser.add_argument('--rounds', type=int, default=100)
    parser.add_argument('--seconds', type=int, default=120, help='how long events arrive')
    parser.add_argument('--pages', type=float, default=20,
                        help='pages a second beside them; 1000: one after the other')
    parser.add_argument('--only', default='', help='paths that contain this')
    args = parser.parse_args()

    shop = args.data or build / 'ui' / str(args.customers)
    if not shop.exists():
        print(f'filling {shop}', flush=True)
        shop.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([args.shop, '--data', shop, '--customers', str(args.customers)], check=True)
        subprocess.run([args.binary, 'fit', 'mbg-nbd', '--save', '--data', shop], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        settle(args, shop)
    run = shop.with_name(shop.name + '-run')  # Events of a run do not stay in the shop.
    shutil.rmtree(run, ignore_errors=True)
    subprocess.run(['cp', '-r', '--reflink=auto', shop, run], check=True)
    os.sync()  # Or the server's own syncs would wait for the copy's.

    listed = json.loads((ROOT / 'bench/ui/pages.json').read_text())
    server = Server(args.binary, run, 'playbook')
    try:
        print(f'{args.customers:,} customers, started in {server.start_seconds:.1f} s')
        found = places(server)
        pages = [path for path in fill_in(found, listed['pages']) if args.only in path]
        paths = pages + [path for path in fill_in(found, listed['api']) if args.only in path]
        sizes = {path: first_load_bytes(server, path) for path in pages}
        quiet, work = measure(server, paths, args.rounds)
        busy, load = measure_beside_ingest(server, paths, args)
        print(f'ingest: {load.get("events_per_second", 0):,} of {args.rate:,} events/s, answered in '
              f'{load.get("p50_us", 0) / 1000:.0f} ms (p50), {load.get("p99_us", 0) / 1000:.0f} ms '
              f'(p99), {load.get("postponed", 0)} postponed, {load.get("failed", 0)} failed; '
              f'{len(busy[paths[0]])} rounds beside it')
        failed = print_table(paths, set(pages), (quiet, work, busy), sizes,
                             listed['limits'])
    finally:
        server.stop()
        shutil.rmtree(run, ignore_errors=True)
    if failed:
        sys.exit('beyond the limits: ' + ', '.join(failed))


main()
