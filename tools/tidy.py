"""Rules of the tree that no compiler checks: layers, purity of the core, sizes, names.

Prints each breach as file:line: what and how to mend it; exits 1 when there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE_MAX = 100
FILE_MAX = 600
FUNCTION_MAX = 70
README_MAX = 20

BANS = {  # What the core must not reach for, and what to use instead.
    r'#include <(random|thread|mutex|fstream|iostream|filesystem|condition_variable|atomic)>':
        'the core has no randomness, threads or I/O; take it as an input',
    r'\b(system_clock|steady_clock|high_resolution_clock)\b': 'time is an input (Input::at)',
    r'\b(getenv|rand|srand|time)\s*\(\s*(nullptr|NULL|0|")': 'settings and time are inputs',
    r'\bstd::(cout|cerr|clog)\b': 'the core does not print',
}
EVERYWHERE = {
    r'\bstd::regex\b': 'use RE2: std::regex can be made to hang by its input',
    r'\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))': 'name the issue: TODO(#12)',
}
# What hides braces that are none: raw strings, comments, strings, characters (not 1'000).
NO_CODE = re.compile(r'R"(\w*)\((?:.|\n)*?\)\1"|//[^\n]*|/\*(?:.|\n)*?\*/|"(?:\\.|[^"\\\n])*"|'
                     r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'")
NO_BODY = re.compile(r'(namespace|struct|class|enum|union|extern)\b')
BODY = re.compile(r'\)\s*(const|noexcept|override|final|->[\w:<>,&*\s]+|:\s.*)*$', re.DOTALL)
TEST_SUFFIXES = ('_test.cc', '_test.h', '_fuzz.cc', '_bench.cc')


def read_layers():
    allowed, core = {}, set()
    for line in (ROOT / 'tools/layers.txt').read_text().splitlines():
        if line and not line.startswith('#'):
            name, _, names = line.partition(':')
            if name == 'core':
                core = set(names.split())
            else:
                allowed[name] = {name, *names.split()}
    return allowed, core


def functions(text):
    """First and last line of each body that stands in no other: what is inside counts with it."""
    code = NO_CODE.sub(lambda hidden: '\n' * hidden[0].count('\n'), text)
    line, head, open_braces = 1, '', []
    for letter in code:
        line += letter == '\n'
        if letter == '{':
            head = head.strip()
            open_braces.append((bool(BODY.search(head)) and not NO_BODY.match(head), line))
        elif letter == '}' and open_braces:
            is_body, first = open_braces.pop()
            if is_body and not any(outer for outer, _ in open_braces):
                yield first, line
        head = '' if letter in '{};' else head + letter


def check_functions(path, say):
    for first, last in functions(path.read_text()):
        if last - first >= FUNCTION_MAX:
            say(path, first, f'a function of {last - first + 1} lines; split it by meaning '
                             f'(at most {FUNCTION_MAX})')


def check_columns(path, say):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if len(line) > LINE_MAX and 'http' not in line:
            say(path, number, f'{len(line)} columns; at most {LINE_MAX}')


def check_source(path, allowed, core, say):
    module = path.relative_to(ROOT / 'src').parts[0]
    text = path.read_text()
    lines = text.splitlines()
    is_test = path.name.endswith(TEST_SUFFIXES)
    if module not in allowed:
        say(path, 1, f'the folder src/{module} is not named in tools/layers.txt')
        return
    if len(lines) > FILE_MAX:
        say(path, len(lines), f'{len(lines)} lines; split the file by meaning (at most {FILE_MAX})')
    if path.suffix == '.h' and not text.startswith('// '):
        say(path, 1, 'a header begins with a // sentence that says what it is for')
    for number, line in enumerate(lines, 1):
        include = re.match(r'#include "([a-z_]+)/', line)
        if include and include[1] not in allowed[module] and not is_test:
            say(path, number, f'{module} may not include {include[1]} (tools/layers.txt)')
        bans = dict(EVERYWHERE) if not (module in core and not is_test) else {**BANS, **EVERYWHERE}
        for pattern, advice in bans.items():
            if re.search(pattern, line):
                say(path, number, advice)


def check_folder(folder, say):
    readme = folder / 'README.md'
    if not readme.exists():
        say(folder, 1, 'a folder has a README.md of at most 20 lines')
    elif len(readme.read_text().splitlines()) > README_MAX:
        say(readme, 1, f'at most {README_MAX} lines')
    cmake = (folder / 'CMakeLists.txt').read_text()
    for source in folder.rglob('*.cc'):
        if source.name not in cmake:
            say(source, 1, 'not named in CMakeLists.txt')


def check_document(path, say):
    titles, fenced = 0, False
    for line in path.read_text().splitlines():
        if line.startswith('```'):
            fenced = not fenced
        titles += line.startswith('# ') and not fenced
    if titles != 1:
        say(path, 1, f'{titles} titles; a document has one')


def main():
    breaches = []

    def say(path, line, advice):
        breaches.append(f'{path.relative_to(ROOT)}:{line}: {advice}')

    allowed, core = read_layers()
    sources = sorted(p for p in (ROOT / 'src').rglob('*') if p.suffix in ('.h', '.cc'))
    for path in sources:
        check_source(path, allowed, core, say)
    scripts = sorted((ROOT / 'web/scripts').glob('*.js'))
    beside = sorted(p for top in ('test', 'bench') for p in (ROOT / top).rglob('*.*')
                    if p.suffix in ('.h', '.cc'))
    for path in sources + beside:
        check_functions(path, say)
    for path in sources + beside + scripts:
        check_columns(path, say)
    for folder in sorted(p for p in (ROOT / 'src').iterdir() if p.is_dir()):
        check_folder(folder, say)
    for path in sorted(ROOT.glob('*.md')) + sorted((ROOT / 'docs').rglob('*.md')):
        check_document(path, say)
    print('\n'.join(breaches))
    sys.exit(bool(breaches))


main()
