"""Lets strangers judge the mail sender: aiosmtpd takes its mail, Python's e-mail package reads it.

Usage: judge.py PATH/TO/winback_smtp_send, from the project's root. Needs python3-aiosmtpd and the
openssl command. Everything stays on 127.0.0.1.
"""
import email
import email.policy
import email.utils
import json
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from email.header import decode_header, make_header

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

driver = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp(prefix='winback-judge-'))


def openssl(*words):
    subprocess.run(['openssl', *words], cwd=folder, check=True, capture_output=True)


def make_certificates():
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
            '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA')
    for name, subject in [('mail', 'DNS:mail.test,IP:127.0.0.1'), ('other', 'DNS:other.test')]:
        openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout',
                f'{name}.key', '-out', f'{name}.csr', '-subj', f'/CN={name}.test')
        (folder / f'{name}.ext').write_text(f'subjectAltName={subject}\n')
        openssl('x509', '-req', '-in', f'{name}.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
                '-CAcreateserial', '-days', '2', '-extfile', f'{name}.ext', '-out', f'{name}.pem')


def server_context(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f'{name}.pem', folder / f'{name}.key')
    return context


class Handler:
    def __init__(self):
        self.envelopes = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        responses.insert(1, '250-PIPELINING')
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('unknown'):
            return '550-5.1.1 no such\r\n550 5.1.1 user here'
        if address.startswith('grey'):
            return '451 4.7.1 come back later'
        envelope.rcpt_tos.append(address)
        return '250 2.1.5 ok'

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return '554 5.7.1 spam' if b'refuse-me' in envelope.content else '250 2.0.0 taken'


class Server(Controller):
    def __init__(self, implicit=None, **options):
        self.options = {'hostname': 'judge.test', 'enable_SMTPUTF8': False, **options}
        super().__init__(Handler(), hostname='127.0.0.1', port=free_port(), ssl_context=implicit)

    def factory(self):
        return SMTP(self.handler, **self.options)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def send(server_or_port, mails, **options):
    """Outcomes by message key."""
    port = getattr(server_or_port, 'port', server_or_port)
    run = subprocess.run([driver, json.dumps({'port': port, **options})], text=True, timeout=120,
                         input='\n'.join(json.dumps(mail) for mail in mails),
                         capture_output=True, check=True)
    outcomes = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(outcomes) == len(mails), run.stdout + run.stderr
    return {outcome['key']: outcome for outcome in outcomes}


def raw_message(envelope):
    return envelope.original_content or envelope.content


def received(server):
    out = {}
    for envelope in server.handler.envelopes:
        message = email.message_from_bytes(raw_message(envelope), policy=email.policy.SMTP)
        out[message['Message-ID'].strip('<>').split('@')[0]] = (message, envelope)
    return out


def visible(text):
    return re.sub('[\x00-\x1f\x7f]', ' ', text)


def crlf(text):
    return re.sub('\r\n|\r|\n', '\r\n', text).encode()


def naughty_strings():
    return json.loads(pathlib.Path('test/data/blns/blns.json').read_text())


def passes(mail):
    return {'key': 'a1', 'subject': 'Hi', 'text': 'Hi', **mail}


class Messages(unittest.TestCase):
    def check(self, mail, message, envelope):
        raw = raw_message(envelope)
        for line in raw.split(b'\r\n'):
            self.assertLessEqual(len(line), 998)
            self.assertNotIn(b'\n', line)
            self.assertNotIn(b'\r', line)
        self.assertEqual(message.defects, [])
        self.assertEqual(str(message['Subject']), visible(mail['subject']))
        self.assertEqual(message['Subject'].defects, ())
        name = mail['to_name'].encode()[:500].decode(errors='ignore')  # A longer one is cut.
        name = visible(name).strip(' ')
        # Not by addresses[0].display_name: Python 3.11 puts spaces between the encoded words there.
        raw = email.message_from_bytes(raw_message(envelope))['To']
        phrase, _ = email.utils.parseaddr(raw)
        self.assertEqual(str(make_header(decode_header(phrase))), name)
        self.assertEqual(message['To'].addresses[0].addr_spec, 'customer@example.test')
        self.assertEqual(len(message['To'].addresses), 1)
        text, html = message.iter_parts()
        self.assertEqual(text.get_content_type(), 'text/plain')
        self.assertEqual(html.get_content_type(), 'text/html')
        self.assertEqual(text.get_payload(decode=True), crlf(mail['text']))
        self.assertEqual(html.get_payload(decode=True), crlf(mail['html']))

    def test_naughty_strings_survive_in_every_field(self):
        mails = [{'key': f'n{i}', 'subject': s, 'to_name': s, 'text': s or ' ', 'html': f'<p>{s}'}
                 for i, s in enumerate(naughty_strings())]
        with Server() as server:
            outcomes = send(server, mails)
            self.assertEqual([o for o in outcomes.values() if o['kind'] != 'sent'], [])
            got = received(server)
        for mail in mails:
            with self.subTest(mail['subject']):
                self.check(mail, *got[mail['key']])

    def test_scripts_and_lengths_survive(self):
        texts = ['Sizi özledik, Ayşe! ' * 40, 'دلمان برایتان تنگ شده است ' * 40,
                 'اشتقنا إليك ' * 60, '😀' * 120, 'x' * 480, 'a b ' * 110, '\t x ', '=?utf-8?Q?x?=',
                 'é' + 'x' * 300, '"quoted" \\ back', 'a, b; c: <d@e.test>', 'From me\n.\n..\n',
                 ' lead and trail ', 'two  spaces', '.dot', 'line\r\nline\rline\nline']
        mails = [{'key': f's{i}', 'subject': s, 'to_name': s[:240], 'text': s, 'html': '<p>' + s}
                 for i, s in enumerate(texts)]
        with Server() as server:
            send(server, mails)
            got = received(server)
        for mail in mails:
            with self.subTest(mail['subject'][:30]):
                self.check(mail, *got[mail['key']])

    def test_headers_are_understood(self):
        mail = passes({'html': '<p>Hi', 'language': 'fa', 'reply_to': 'help@shop.test',
                       'unsubscribe_url': 'https://shop.test/u?x=1&y=2,3',
                       'unsubscribe_mailto': 'leave@shop.test', 'feedback_id': 'a:b:c:winback'})
        with Server() as server:
            send(server, [mail])
            message, envelope = received(server)['a1']
        self.assertEqual(envelope.mail_from, 'news@shop.test')
        self.assertEqual(message['From'].addresses[0].display_name, 'Shop')
        self.assertEqual(message['Reply-To'].addresses[0].addr_spec, 'help@shop.test')
        self.assertEqual(message['Date'].datetime.timestamp(), 1_700_000_000)
        self.assertEqual(message['Message-ID'], '<a1@shop.test>')
        self.assertEqual(message['List-Unsubscribe'],
                         '<https://shop.test/u?x=1&y=2,3>, <mailto:leave@shop.test>')
        self.assertEqual(message['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click')
        self.assertEqual(message['Feedback-ID'], 'a:b:c:winback')
        self.assertEqual(message['Content-Language'], 'fa')
        self.assertEqual(message['Auto-Submitted'], 'auto-generated')
        self.assertEqual(message.get_content_type(), 'multipart/alternative')

    def test_one_part_needs_no_multipart(self):
        with Server() as server:
            send(server, [passes({'key': 'b1'}), passes({'key': 'b2', 'text': '', 'html': '<b>é'})])
            got = received(server)
        self.assertEqual(got['b1'][0].get_content_type(), 'text/plain')
        self.assertEqual(got['b2'][0].get_content_type(), 'text/html')

    def test_international_addresses_need_smtputf8(self):
        mail = passes({'to': 'jürgen@bücher.example', 'to_name': 'Jürgen'})
        with Server() as server:
            self.assertEqual(send(server, [mail])['a1']['enhanced'], '5.6.7')
        with Server(enable_SMTPUTF8=True) as server:
            self.assertEqual(send(server, [mail])['a1']['kind'], 'sent')
            envelope = server.handler.envelopes[0]
        self.assertEqual(envelope.rcpt_tos, ['jürgen@xn--bcher-kva.example'])
        self.assertIn('jürgen@xn--bcher-kva.example'.encode(), envelope.content)


class Replies(unittest.TestCase):
    def test_refusals_are_told_apart(self):
        with Server() as server:
            outcomes = send(server, [
                passes({'key': 'r1', 'to': 'unknown@example.test'}), passes({'key': 'r2'}),
                passes({'key': 'r3', 'to': 'grey@example.test'}),
                passes({'key': 'r4', 'text': 'refuse-me'}), passes({'key': 'r5'})], connections=1)
        self.assertEqual([(o['kind'], o['code'], o['enhanced'], o['text'])
                          for o in (outcomes[f'r{i}'] for i in range(1, 6))],
                         [('refused', 550, '5.1.1', 'no such user here'),
                          ('sent', 250, '2.0.0', 'taken'),
                          ('deferred', 451, '4.7.1', 'come back later'),
                          ('refused', 554, '5.7.1', 'spam'), ('sent', 250, '2.0.0', 'taken')])

    def test_size_limit_is_respected(self):
        with Server(data_size_limit=5000) as server:
            outcome = send(server, [passes({'text': 'x' * 9000})])['a1']
            self.assertEqual((outcome['kind'], outcome['enhanced']), ('refused', '5.3.4'))
            self.assertEqual(server.handler.envelopes, [])

    def test_a_thousand_arrive_once(self):
        mails = [passes({'key': f't{i}', 'to': f'c{i}@example.test'}) for i in range(1000)]
        for pipelining in (True, False):
            with Server() as server:
                outcomes = send(server, mails, connections=5, pipelining=pipelining)
                self.assertEqual({o['kind'] for o in outcomes.values()}, {'sent'})
                self.assertEqual(sorted(e.rcpt_tos[0] for e in server.handler.envelopes),
                                 sorted(mail['to'] for mail in mails))


class Tls(unittest.TestCase):
    ca = {'ca_file': str(folder / 'ca.pem')}

    def authenticate(self, server, session, envelope, mechanism, data):
        self.mechanism = mechanism
        success = (data.login, data.password) == (b'me', b's3cret\xc3\xa9')
        return AuthResult(success=success, handled=False)

    def starttls(self, name='mail', **options):
        return Server(tls_context=server_context(name), require_starttls=True, **options)

    def outcome(self, server, **options):
        return send(server, [passes({})], **{'tls': 'required', **self.ca, **options})['a1']

    def test_starttls_with_our_authority(self):
        with self.starttls() as server:
            self.assertEqual(self.outcome(server, tls_name='mail.test')['kind'], 'sent')
            self.assertEqual(self.outcome(server)['kind'], 'sent')  # By the address 127.0.0.1.
            self.assertEqual(self.outcome(server, tls='if_offered')['kind'], 'sent')
            self.assertIsNotNone(server.handler.envelopes[0])

    def test_wrong_host_is_refused(self):
        with self.starttls('other') as server:
            for tls in ('required', 'if_offered'):
                outcome = self.outcome(server, tls_name='mail.test', tls=tls)
                self.assertEqual(outcome['kind'], 'not_sent')
                self.assertIn('hostname mismatch', outcome['text'])
            self.assertIn('IP address mismatch', self.outcome(server)['text'])
            self.assertEqual(server.handler.envelopes, [])

    def test_unknown_authority_is_refused(self):
        with self.starttls() as server:
            outcome = self.outcome(server, ca_file='')
            self.assertEqual(outcome['kind'], 'not_sent')
            self.assertIn('certificate', outcome['text'])

    def test_missing_offer_is_refused(self):
        with Server() as server:
            outcome = self.outcome(server)
            self.assertEqual((outcome['kind'], outcome['text']), (
                'not_sent', 'the server offers no STARTTLS, but TLS is required'))

    def test_implicit_tls(self):
        with Server(implicit=server_context('mail')) as server:
            self.assertEqual(self.outcome(server, tls='implicit')['kind'], 'sent')
        with Server(implicit=server_context('other')) as server:
            self.assertEqual(self.outcome(server, tls='implicit')['kind'], 'not_sent')

    def test_large_mail_over_tls(self):
        text = 'Überraschung ' * 50_000
        with self.starttls() as server:
            send(server, [passes({'text': text})], tls='required', **self.ca)
            message, _ = received(server)['a1']
        self.assertEqual(message.get_payload(decode=True), (text + '\r\n').encode())

    def test_passwords(self):
        for exclude, mechanism in ([], 'PLAIN'), (['PLAIN'], 'LOGIN'):
            with self.starttls(authenticator=self.authenticate, auth_required=True,
                               auth_exclude_mechanism=exclude) as server:
                right = self.outcome(server, user='me', password='s3creté')
                self.assertEqual(right['kind'], 'sent', right)
                self.assertEqual(self.mechanism, mechanism)
                wrong = self.outcome(server, user='me', password='guess')
                self.assertEqual(wrong['kind'], 'not_sent')
                self.assertIn('refused user or password: 535', wrong['text'])

    def test_loss_during_the_handshake(self):
        listener = socket.create_server(('127.0.0.1', 0))

        def serve():
            connection, _ = listener.accept()
            connection.sendall(b'220 hi\r\n')
            connection.recv(1000)
            connection.sendall(b'250-x\r\n250 STARTTLS\r\n')
            connection.recv(1000)
            connection.sendall(b'220 go\r\n')
            connection.close()
        thread = threading.Thread(target=serve)
        thread.start()
        outcome = self.outcome(listener.getsockname()[1])
        thread.join()
        listener.close()
        self.assertEqual(outcome['kind'], 'not_sent')
        self.assertIn('TLS handshake', outcome['text'])

    def test_loss_after_the_dot_over_tls(self):
        listener = socket.create_server(('127.0.0.1', 0))

        def serve():
            connection, _ = listener.accept()
            tls = server_context('mail').wrap_socket(connection, server_side=True)
            tls.sendall(b'220 hi\r\n')
            tls.recv(1000)
            tls.sendall(b'250-x\r\n250 PIPELINING\r\n')
            tls.recv(1000)
            tls.sendall(b'250 ok\r\n250 ok\r\n354 go\r\n')
            data = b''
            while b'\r\n.\r\n' not in data:
                data += tls.recv(100_000)
            connection.close()
            tls.close()
        thread = threading.Thread(target=serve)
        thread.start()
        outcome = self.outcome(listener.getsockname()[1], tls='implicit')
        thread.join()
        listener.close()
        self.assertEqual(outcome['kind'], 'in_doubt')


if __name__ == '__main__':
    make_certificates()
    unittest.main(argv=sys.argv[:1])
