"""The same twelve groups of customers counted by winback, DuckDB, PostgreSQL and SQLite.

Makes the base (the same for the same seed), loads it into each database with the schema and the
indexes that serve it best, then asks winback and each of them the questions of questions.json in the
same run, and prints a table of medians and ratios. Exits 1 when two counts differ.

DuckDB answers from two tables: events as they arrive, and sorted by name, customer and time.
"""
import argparse
import datetime
import json
import math
import pathlib
import pwd
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

import duckdb
import psycopg

HERE = pathlib.Path(__file__).resolve().parent
UNTIL = datetime.datetime(2026, 2, 15, 12, tzinfo=datetime.timezone.utc)
NAMES = {'page': 0, 'product': 1, 'cart': 2, 'order': 3, 'opened': 4, 'clicked': 5}
ARRIVING = 50_000  # Events a second.
LONG_SECONDS = 20  # What takes so long is asked once.


def milliseconds(moment):
    return int(moment.timestamp() * 1000)


def words():
    """What the braces of the questions mean. Days are days: the clock of this base is UTC."""
    days = {f'{n}d': milliseconds(UNTIL - datetime.timedelta(days=n)) for n in (30, 60, 90, 180, 365)}
    return {'now': milliseconds(UNTIL), 'toys': 0, **NAMES, **days}


class DuckDb:
    """Columns of the narrowest types; a sorted table needs no index, zone maps do."""

    def __init__(self, folder, threads, order):
        self.database = duckdb.connect(str(folder / f'duckdb-{"sorted" if order else "arrival"}'))
        self.database.execute(f'SET threads = {threads}')
        self.database.execute(f'''
            CREATE TABLE customers AS SELECT * FROM read_csv('{folder}/customers.csv', header = false, columns = {{
                'id': 'INTEGER', 'country': 'UTINYINT', 'plan': 'UTINYINT'}});
            CREATE TABLE events AS SELECT * FROM read_csv('{folder}/events.csv', header = false, columns = {{
                'customer': 'INTEGER', 'name': 'UTINYINT', 'time': 'BIGINT', 'total': 'INTEGER',
                'category': 'UTINYINT', 'machine': 'UTINYINT'}}) {order}''')

    def ask(self, sql):
        return self.database.execute(sql).fetchone()[0]

    def close(self):
        self.database.close()


class PostgreSql:
    """A cluster of its own on a socket; index-only scans by name and time, joins by customer."""

    SETTINGS = {'shared_buffers': '2GB', 'work_mem': '512MB', 'maintenance_work_mem': '2GB',
                'effective_cache_size': '8GB', 'random_page_cost': '1.1', 'fsync': 'off',
                'max_wal_size': '8GB', 'checkpoint_timeout': '30min', 'listen_addresses': ''}

    def __init__(self, folder, threads):
        self.binaries = sorted(pathlib.Path('/usr/lib/postgresql').glob('*/bin'))[-1]
        self.folder = folder / 'postgresql'
        self.folder.mkdir()
        if os.geteuid() == 0:  # The server refuses to be root.
            owner = pwd.getpwnam('postgres')
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            for parent in [folder, *folder.parents][:-1]:
                parent.chmod(parent.stat().st_mode | 0o111)
        self.run('initdb', '-D', self.folder, '-A', 'trust', '-U', 'bench', '--no-sync')
        settings = {**self.SETTINGS, 'max_parallel_workers_per_gather': threads - 1, 'max_parallel_workers': threads,
                    'unix_socket_directories': self.folder}
        with open(self.folder / 'postgresql.conf', 'a', encoding='utf-8') as out:
            out.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.run('pg_ctl', '-D', self.folder, '-w', '-l', self.folder / 'log', 'start')
        self.database = psycopg.connect(f'host={self.folder} user=bench dbname=postgres', autocommit=True)
        self.load(folder)

    def run(self, program, *arguments):
        command = [str(self.binaries / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ['runuser', '-u', 'postgres', '--', *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd='/')

    def load(self, folder):
        self.database.execute('CREATE UNLOGGED TABLE customers (id integer PRIMARY KEY, country smallint, plan smallint)')
        self.database.execute('CREATE UNLOGGED TABLE events (time bigint, customer integer, total integer, '
                              'name smallint, category smallint, machine smallint)')
        for table, columns in (('customers', 'id, country, plan'), ('events', 'customer, name, time, total, category, machine')):
            with self.database.cursor().copy(f'COPY {table} ({columns}) FROM STDIN (FORMAT csv)') as copy, \
                    open(folder / f'{table}.csv', 'rb') as data:
                while block := data.read(1 << 20):
                    copy.write(block)
        self.database.execute('CREATE INDEX ON events (name, time) INCLUDE (customer, total, category, machine)')
        self.database.execute('CREATE INDEX ON events (name, customer, time)')
        self.database.execute('CREATE INDEX ON customers (country, plan)')
        self.database.execute('VACUUM ANALYZE')

    def ask(self, sql):
        return self.database.execute(sql).fetchone()[0]

    def close(self):
        self.database.close()
        self.run('pg_ctl', '-D', self.folder, '-m', 'fast', '-w', 'stop')


class Sqlite:
    """Covering indexes, the whole file mapped into memory."""

    def __init__(self, folder):
        file = folder / 'sqlite.db'
        script = f'''
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000;
            CREATE TABLE customers (id INTEGER PRIMARY KEY, country INTEGER, plan INTEGER);
            CREATE TABLE events (customer INTEGER, name INTEGER, time INTEGER, total INTEGER, category INTEGER, machine INTEGER);
            .mode csv
            .import {folder}/customers.csv customers
            .import {folder}/events.csv events
            CREATE INDEX by_time ON events (name, time, customer, total, category, machine);
            CREATE INDEX by_customer ON events (name, customer, time);
            CREATE INDEX by_place ON customers (country, plan);
            CREATE INDEX by_any_time ON events (time, customer);
            ANALYZE;'''
        subprocess.run(['sqlite3', str(file)], input='\n'.join(line.strip() for line in script.splitlines()), text=True,
                       check=True, stdout=subprocess.DEVNULL)
        self.database = sqlite3.connect(file)
        for pragma in ('mmap_size = 30000000000', 'cache_size = -2000000', 'temp_store = MEMORY', 'threads = 2'):
            self.database.execute(f'PRAGMA {pragma}').fetchall()

    def ask(self, sql):
        return self.database.execute(sql).fetchone()[0]

    def close(self):
        self.database.close()


def measure(ask, rounds):
    times = []
    while len(times) < rounds:
        began = time.perf_counter()
        count = ask()
        times.append(time.perf_counter() - began)
        if times[-1] > LONG_SECONDS:
            break
    return count, statistics.median(times)


def count_with_winback(binary, base, threads, rounds, arriving=0):
    command = [binary, *base, '--threads', str(threads), '--rounds', str(rounds), '--arriving', str(arriving), 'count',
               str(HERE / 'questions.json')]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    head, *answers = map(json.loads, out.splitlines())
    return head, {answer['name']: (answer['count'], answer['seconds']) for answer in answers}


def print_median(answers, when=''):
    median = statistics.median(seconds for _, seconds in answers.values())
    print(f'median condition of winback{when}: {median * 1000:.1f} ms', flush=True)


def print_table(questions, results):
    names = list(results)
    print(f'\n{"":38}{"customers":>10}' + ''.join(f'{name:>20}' for name in names))
    for question in questions:
        own = results['winback'][question['name']]
        cells = []
        for name in names:
            _, seconds = results[name][question['name']]
            ratio = '' if name == 'winback' else f' {seconds / own[1]:6.1f} x'
            cells.append(f'{seconds * 1000:.1f} ms{ratio}'.rjust(20))
        print(f'{question["name"]:38}{own[0]:>10,}' + ''.join(cells))
    behavioural = [q['name'] for q in questions if q['behavioural']]
    cells = []
    for name in names:
        ratios = [results[name][q][1] / results['winback'][q][1] for q in behavioural]
        mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
        cells.append(('' if name == 'winback' else f'{mean:.1f} x').rjust(20))
    print(f'{"geometric mean, behavioural":48}' + ''.join(cells))


def print_memory(head, customers):
    parts = sorted(head['parts'].items(), key=lambda part: -part[1])
    print(f'winback: loaded in {head["load_seconds"]:.0f} s, {head["bytes"] / customers:.0f} bytes a customer: '
          + ', '.join(f'{name} {size / customers:.0f}' for name, size in parts if size), flush=True)


def compare(questions, results):
    """Every database must find as many as winback."""
    wrong = 0
    for question in questions:
        counts = {name: answers[question['name']][0] for name, answers in results.items()}
        if len(set(counts.values())) > 1:
            print(f'{question["name"]}: counts differ: {counts}', file=sys.stderr)
            wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('binary', help='winback_segments')
    parser.add_argument('--folder', default='build/bench/segments', help='for the data: about 15 GB')
    parser.add_argument('--customers', type=int, default=1_000_000)
    parser.add_argument('--events-each', type=int, default=50)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--without', default='', help='databases to leave out, separated by commas')
    options = parser.parse_args()
    folder = pathlib.Path(options.folder).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = ['--customers', str(options.customers), '--events-each', str(options.events_each), '--seed',
            str(options.seed), '--until', UNTIL.strftime('%Y-%m-%dT%H:%M:%SZ')]
    questions = json.loads((HERE / 'questions.json').read_text(encoding='utf-8'))['questions']
    made = subprocess.run([options.binary, *base, 'csv', str(folder)], check=True, capture_output=True, text=True).stdout
    print(f'base: {made.strip()}', flush=True)

    makers = {
        'DuckDB arrival': ('duckdb', lambda: DuckDb(folder, options.threads, '')),
        'DuckDB sorted': ('duckdb', lambda: DuckDb(folder, options.threads, 'ORDER BY name, customer, time')),
        'PostgreSQL': ('postgresql', lambda: PostgreSql(folder, options.threads)),
        'SQLite': ('sqlite', lambda: Sqlite(folder)),
    }
    databases = {}
    for name, (dialect, make) in makers.items():
        if dialect in options.without.split(','):
            continue
        began = time.perf_counter()
        database = make()
        print(f'{name}: loaded in {time.perf_counter() - began:.0f} s', flush=True)
        databases[name] = (dialect, database)
    for file in folder.glob('*.csv'):
        file.unlink()
    results = {}
    head, results['winback'] = count_with_winback(options.binary, base, options.threads, options.rounds)
    print_memory(head, options.customers)
    print_median(results['winback'])
    _, meanwhile = count_with_winback(options.binary, base, options.threads, options.rounds, ARRIVING)
    print_median(meanwhile, f' while {ARRIVING:,} events a second arrive')
    for name, (dialect, database) in databases.items():
        results[name] = {}
        for question in questions:
            sql = question.get(dialect, question.get('sql')).format(**words())
            results[name][question['name']] = measure(lambda: database.ask(sql), options.rounds)
        database.close()
    print_table(questions, results)
    shutil.rmtree(folder)
    return 1 if compare(questions, results) else 0


if __name__ == '__main__':
    sys.exit(main())
