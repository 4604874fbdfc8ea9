"""How long events wait while conditions are tried out that were made to take long.

Serves a shop in which a few customers are dear to look at (thousands of events, long texts, long
lists), sends one event after the other, and meanwhile has previews of conditions counted. Prints for
each condition how long it took and how long the events waited: half of them, 99 of 100, the longest.
The first line is without a preview; what it says comes from the disk, HTTP and this client.
"""
import argparse
import concurrent.futures
import http.client
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BEGIN = time.time() - 300 * 86_400


def conditions():
    views = [f'ev("View").within("{day}d").where(e, e.price > {day}.5).count() > {day % 7}'
             for day in range(1, 76)]
    kinds = [f'ev("View").within("{day}d").distinct("price") > {day}' for day in range(100, 150)]
    gaps = [f'ev("View").within("{day}d").median_gap() > dur("{day}h")' for day in range(100, 200)]
    note = 'ev("Note").where(e, e.text.matches("{}")).any()'
    return {
        'one window': 'ev("View").within("30d").count() >= 3',
        '(a|b)*a(a|b){200}c': note.format('(a|b)*a(a|b){200}c'),
        '.*a.{500}b.{400}c': note.format('.*a.{500}b.{400}c'),
        'a.{0,300}c': note.format('a.{0,300}c'),
        'two of them, negated': '!' + note.format('.*a.{500}b.{400}c') + ' && !' + note.format('b.{400}c'),
        'text in text': f'ev("Note").where(e, e.text.contains("{"ab" * 1500}c")).any()',
        'lists in lists': 'user.list.exists(x, user.list.exists(y, x == y + "!"))',
        '75 windows': '\n|| '.join(views),
        '50 counts of kinds': '\n&& '.join(kinds),
        '100 usual gaps': '\n|| '.join(gaps),
        '75 windows, each counted': '\n&& '.join(f'({one})' for one in views),
        'list of gaps of orders': 'user.list.exists(x, user.orders.gap > dur("100d") && x == "")',
        '100 gaps of orders': '\n|| '.join(f'user.orders.gap > dur("{day}d")' for day in range(50, 150)),
        '50 scores': '\n|| '.join(f'score("overdue") > {1000 + one}.0' for one in range(50)),
        'all events, median': 'ev("*").median_gap() > dur("1h")',
        'all events, 20 windows': '\n|| '.join(f'ev("*").within("{day}d").days_active() > {day}'
                                               for day in range(200, 220)),
        'all events, twice 20 windows': '\n&& '.join(f'ev("*").within("{day}d").count() >= 0'
                                                     for day in range(200, 240)),
        'rare events, median': 'ev("rare.*").median_gap() > dur("1h")',
        'rare events, sequences': 'ev("rare.*").then("rare.*", "1d").then("rare.*", "2d").count() > 3',
    }


def playbook_beside(data):
    """The shipped one, and segments that read what the conditions read: else it is not in memory."""
    folder = data.with_name(data.name + '-playbook')
    shutil.copytree(ROOT / 'playbook', folder, dirs_exist_ok=True)
    for name, condition in {'notes': 'ev("Note").where(e, e.text == "x").any()',
                            'prices': 'ev("View").where(e, e.price == 1).any()'}.items():
        (folder / 'segments' / f'{name}.yaml').write_text(f"name: {name}\ncondition: '{condition}'\n")
    return folder


class Server:
    def __init__(self, binary, data):
        self.keys = {kind: self.key(binary, data, kind, *more) for kind, more in
                     {'write': (), 'api': ('--scope', 'admin')}.items()}
        command = [binary, 'serve', '--data', data, '--port', '0', '--playbook', playbook_beside(data)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for line in self.process.stdout:
            if found := re.match(r'listening on http://.*:(\d+)', line):
                self.port = int(found[1])
                return
        sys.exit('winback serve ended')

    @staticmethod
    def key(binary, data, kind, *more):
        out = subprocess.run([binary, 'key', 'create', '--data', data, '--kind', kind, *more],
                             check=True, capture_output=True, text=True).stdout
        return re.search(r'[a-z]{2}_[A-Za-z0-9_-]{20,}', out)[0]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Client:
    """One connection that is kept."""

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=600)

    def post(self, path, body):
        headers = {'Content-Type': 'application/json'}
        if path.startswith('/v1/'):
            body['writeKey'] = self.server.keys['write']
        else:
            headers['Authorization'] = 'Bearer ' + self.server.keys['api']
        self.connection.request('POST', path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit(f'{path}: {answer.status} {text[:300]}')
        return json.loads(text)


def event(user, name, at, **properties):
    return {'type': 'track', 'userId': user, 'event': name, 'properties': properties,
            'timestamp': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at))}


def events(args):
    chance = random.Random(1)

    def moment():
        return BEGIN + chance.random() * 299 * 86_400
    for n in range(args.customers):
        for _ in range(10):
            yield event(f'user{n}', 'View', moment(), price=chance.randrange(300) / 2)
    for n in range(args.dear):
        for _ in range(600):
            yield event(f'writer{n}', 'Note', moment(), text=''.join(chance.choices('ab', k=4_000)))
        for _ in range(10_000):
            yield event(f'viewer{n}', 'View', moment(), price=chance.randrange(300) / 2)
        for kind in range(args.names):
            for _ in range(10_000):
                yield event(f'everywhere{n}', f'Kind {kind}', moment(), price=kind)
        for number in range(4_000):
            yield event(f'buyer{n}', 'Order Completed', moment(), revenue=9, order_id=f'{n} {number}')
        yield {'type': 'identify', 'userId': f'buyer{n}',
               'traits': {'list': [f'{n} {i}' for i in range(1_000)]}}
        for kind in range(1_400):
            for _ in range(20):
                yield event(f'collector{n}', f'rare.{kind}', moment(), price=kind)
    for _ in range(10_000 if args.novel else 0):
        yield event('novelist', 'Note', moment(), text=''.join(chance.choices('ab', k=4_000)))


def fill(server, args):
    def send(batch):
        if not hasattr(local, 'client'):
            local.client = Client(server)
        local.client.post('/v1/batch', {'batch': batch})
    local = threading.local()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waiting, batch, size = [], [], 0
        for one in events(args):
            batch.append(one)
            size += len(str(one))
            if len(batch) == 200 or size > 200_000:
                waiting.append(pool.submit(send, batch))
                batch, size = [], 0
                while len(waiting) > 16:
                    waiting.pop(0).result()
        for one in [*waiting, pool.submit(send, batch)]:
            one.result()


def wait_until_settled(server):
    """Whoever was filled in is looked at, and their rows are written: else the log would be."""
    client = Client(server)
    for _ in range(300):
        client.connection.request('GET', '/api/v1/health',
                                  headers={'Authorization': 'Bearer ' + server.keys['api']})
        if json.loads(client.connection.getresponse().read())['lag_inputs'] < 100:
            return
        time.sleep(1)


def beside(server, work):
    """What `work` took, and how long each event took to be stored meanwhile; sorted, in ms."""
    client, times, done = Client(server), [], threading.Event()

    def send():
        number = 0
        while not done.is_set():
            number += 1
            began = time.perf_counter()
            client.post('/v1/track', event(f'user{number % 997}', 'Seen', time.time()))
            times.append((time.perf_counter() - began) * 1000)
    thread = threading.Thread(target=send)
    thread.start()
    began = time.perf_counter()
    found = work()
    took = time.perf_counter() - began
    done.set()
    thread.join()
    return took, sorted(times), found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    build = ROOT / 'build/bench'
    parser.add_argument('--binary', default=build / 'src/cli/winback')
    parser.add_argument('--data', type=pathlib.Path, default=build / 'segments-beside')
    parser.add_argument('--customers', type=int, default=20_000, help='with ten events each')
    parser.add_argument('--dear', type=int, default=4, help='of each kind')
    parser.add_argument('--names', type=int, default=10, help='of events of who has 10,000 of each')
    parser.add_argument('--novel', action='store_true', help='somebody wrote 10,000 long notes')
    parser.add_argument('--only', default='', help='conditions whose name has this')
    args = parser.parse_args()
    is_new = not args.data.exists()
    server = Server(args.binary, args.data)
    try:
        if is_new:  # One that broke off in between is to be deleted.
            fill(server, args)
            wait_until_settled(server)
        preview = Client(server)
        rows = [('nothing', lambda: time.sleep(3))]
        rows += [(name, lambda text=text: preview.post('/api/v1/segments/preview', {'condition': text}))
                 for name, text in conditions().items() if args.only in name]
        print(f'{"":28}{"took, s":>9}{"events":>9}{"p50, ms":>9}{"p99":>9}{"longest":>9}  customers')
        for name, work in rows:
            took, times, found = beside(server, work)
            if found and found['customers'] is None:
                sys.exit(f'{name}: ' + '; '.join(one['message'] for one in found['diagnostics']))
            print(f'{name:28}{took:9.2f}{len(times):9}{times[len(times) // 2]:9.1f}'
                  f'{times[int(len(times) * 0.99)]:9.1f}{times[-1]:9.1f}  '
                  + (f'{found["customers"]:,}' if found else ''), flush=True)
    finally:
        server.stop()


if __name__ == '__main__':
    main()
