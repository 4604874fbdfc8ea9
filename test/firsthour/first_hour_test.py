"""The first hour with the real program: an empty folder, the guide, a file, numbers on the overview.

Usage: first_hour_test.py PATH/TO/winback, from the project's root. A browser without scripts is
played by urllib: what works here works without JavaScript.
"""
import html
import http.cookiejar
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

WINBACK = sys.argv[1]
PATIENCE_S = 120
HEAD = "Order Number,Order Date,Email (Billing),Country Code (Billing),Order Total Amount,Order Status"


def shop(customers):
    """Orders of a small shop; every third customer came back, one line cannot be read."""
    lines = [HEAD]
    for n in range(customers):
        for order in range(1 + (n % 3 == 0) * 2):
            day = f"2026-{1 + (n + order * 3) % 9:02d}-{1 + n % 28:02d}"
            lines.append(f"{n}-{order},{day} 10:{n % 60:02d},c{n}@example.test,GB,{20 + n % 7}.50,Completed")
    lines.append("x-1,not a date,late@example.test,GB,1.00,Completed")
    lines.append("x-2,2026-03-01 10:00,gone@example.test,GB,5.00,Cancelled")
    return "\r\n".join(lines) + "\r\n", len(lines) - 1


class Browser:
    def __init__(self, address):
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.page, self.url, self.status = "", "", 0

    def open(self, path, data=None, headers=None):
        request = urllib.request.Request(urllib.parse.urljoin(self.address, path), data, headers or {})
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        self.page, self.url, self.status = answer.read().decode(), answer.url, answer.status
        return self.page

    def token(self):
        return re.search(r'name="token" value="([^"]+)"', self.page)[1]

    def post(self, path, **fields):
        fields["token"] = self.token()
        return self.open(path, urllib.parse.urlencode(fields).encode())

    def upload(self, path, name, content):
        boundary = "----firsthour"
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="token"\r\n\r\n{self.token()}\r\n',
                 f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                 f"Content-Type: text/csv\r\n\r\n{content}\r\n--{boundary}--\r\n"]
        return self.open(path, "".join(parts).encode(),
                         {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def press_start(self, number, **typed):
        """The button of the mapping's form: all its fields, some of them typed over."""
        action = f"/import/{number}/start"
        assert f'form="plan" formaction="{action}"' in self.page, self.page
        form = re.search(r'<form[^>]* id="plan".*?</form>', self.page, re.S)[0]
        fields = {}
        for tag, name in re.findall(r'(<input[^>]* name="([^"]+)"[^>]*>)', form):
            value = re.search(r' value="([^"]*)"', tag)
            if "radio" not in tag or "checked" in tag:
                fields[name] = html.unescape(value[1]) if value else ""
        for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.S):
            fields[name] = re.search(r'value="([^"]*)" selected', options)[1]
        for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
            fields[name] = html.unescape(text)
        fields.update(typed)
        return self.open(action, urllib.parse.urlencode(fields).encode())

    def api(self, path):
        return json.loads(self.open("/api/v1/" + path))


class FirstHour(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.data = str(pathlib.Path(scratch.name) / "shop")
        self.browser = self.serve()

    def serve(self, *more):
        process = subprocess.Popen([WINBACK, "serve", "--data", self.data, "--port", "0", "--sign-in", *more],
                                   stdout=subprocess.PIPE, text=True)
        self.process = process
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        said = ""
        while "sign in once" not in said:
            line = process.stdout.readline()
            self.assertTrue(line, said)
            said += line
        browser = Browser(re.search(r"listening on (\S+)", said)[1])
        self.sign_in(browser, re.search(r"sign in once\S*.*?: (\S+)", said)[1])
        return browser

    def sign_in(self, browser, link):
        """The first link makes the first user; later ones let in at once."""
        browser.open(link)
        if 'name="password"' in browser.page:
            secret = re.search(r'name="link" value="([^"]+)"', browser.page)[1]
            browser.open("/sign-in/link", urllib.parse.urlencode(
                {"link": secret, "name": "Ada", "email": "ada@shop.example",
                 "password": "a long enough pass phrase 7"}).encode())
        browser.open("/")

    def customers(self):
        """As the overview counts them, which is at most five seconds old."""
        end = time.monotonic() + 30
        count = self.browser.api("overview").get("customers")
        while count != 300 and time.monotonic() < end:
            time.sleep(0.5)
            count = self.browser.api("overview").get("customers")
        return count

    def wait_until_done(self, number):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            job = self.browser.api(f"imports/{number}")
            if job["state"] in ("done", "failed"):
                return job
            time.sleep(0.1)
        self.fail(job)

    def test_from_nothing_to_the_overview(self):
        browser = self.browser
        self.assertTrue(browser.url.endswith("/start"), browser.url)
        version = re.search(r'name="version" value="(\d+)"', browser.page)[1]
        browser.post("/start/workspace", version=version, name="Tea & Cups", country="GB",
                     zone="Europe/London", currency="GBP", language="en")
        self.assertIn("Tea &amp; Cups", browser.page)
        # The shop's name is the sender's, too; what else is an example keeps sending off.
        missing = [one["id"] for one in browser.api("sending")["checks"] if not one["ok"]]
        self.assertEqual(missing, ["sender", "replies", "postal", "site", "links", "mail_server", "consent",
                                   "test"])

        browser.open("/import")
        browser.upload("/import", "nothing.csv", "")
        self.assertIn("The file is empty.", browser.page)
        content, rows = shop(300)
        browser.upload("/import", "C:\\orders <1>.csv", content)
        self.assertRegex(browser.url, r"/import/1$")
        self.assertIn("c0@example.test", browser.page)
        self.assertNotIn("<1>", browser.page)
        job = browser.api("imports/1")
        self.assertEqual([c["role"] for c in job["guess"]["columns"]],
                         ["order", "time", "email", "country", "total", "status"])
        preview = browser.api("imports/1/preview")
        self.assertEqual(preview["rejected"], {"bad_date": 1})
        self.assertEqual(preview["skipped"], {"state": 1})

        self.assertEqual(preview["currencies"], ["GBP"])

        # The money of another country is said before anything is taken.
        browser.open("/import/1")
        self.assertNotIn("the shop counts in", browser.page)
        browser.post("/import/1/plan", currency="EUR")
        self.assertIn("These orders are in EUR, and the shop counts in GBP", browser.page)
        # What is wrong is said instead of starting.
        browser.press_start(1, role_1="ignore")
        self.assertEqual(browser.status, 400)
        self.assertIn("The import was not started", browser.page)
        self.assertIn("No column says when it was", browser.page)
        self.assertEqual(browser.api("imports/1")["state"], "ready")
        # One press saves the corrections and starts.
        browser.open("/import/1")
        browser.press_start(1, currency="GBP", role_1="time")
        job = self.wait_until_done(1)
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(job["plan"]["currency"], "GBP")
        self.assertEqual(job["result"]["rows"], rows)
        self.assertEqual(job["result"]["customers"], 300)
        self.assertEqual(job["fit"]["problem"], "")
        self.assertIn("not a date", browser.open("/import/1/rejected.csv"))
        self.assertEqual(self.customers(), 300)
        browser.open("/")
        self.assertEqual(urllib.parse.urlparse(browser.url).path, "/")
        # The guide, which was looked at before, knows of it at once.
        self.assertIn("300 customers", browser.open("/start"))

        # Again: nothing is doubled.
        browser.open("/import")
        browser.upload("/import", "orders.csv", content)
        self.assertIn("What these columns mean is as you last said it", browser.page)
        browser.post("/import/2/start")
        self.assertEqual(self.wait_until_done(2)["result"]["new_events"], 0)
        self.assertEqual(self.customers(), 300)

        # Nothing may leave yet, and the check-list says why; after a restart, too.
        browser.open("/start")
        self.assertIn("Sending is off", browser.page)
        browser.post("/start/sending", on="yes")
        self.assertEqual(browser.status, 400)
        sending = browser.api("sending")
        self.assertEqual((sending["switch"], sending["on"]), (True, False))
        self.assertIn("mail_server", [one["id"] for one in sending["checks"] if not one["ok"]])
        self.process.terminate()
        self.process.wait()
        self.browser = self.serve()
        self.browser.open("/start")
        self.assertIn("Sending is off", self.browser.page)
        self.assertIn("Tea &amp; Cups", self.browser.page)
        self.assertEqual(len(self.browser.api("imports")["imports"]), 2)

    def test_a_key_made_first_takes_nothing_from_the_guide(self):
        self.process.terminate()
        self.process.wait()
        self.data += "-later"
        subprocess.run([WINBACK, "key", "create", "--data", self.data, "--kind", "write"], check=True,
                       stdout=subprocess.DEVNULL)
        browser = self.serve()
        self.assertTrue(browser.url.endswith("/start"), browser.url)
        browser.open("/start")
        self.assertIn("Sending is off", browser.page)

    def test_the_folder_is_for_its_user_alone(self):
        whole = [pathlib.Path(self.data), *pathlib.Path(self.data).rglob("*")]
        self.assertGreater(len(whole), 5)
        self.assertEqual([str(path) for path in whole if path.stat().st_mode & 0o077 and path.is_file()], [])
        self.assertEqual(whole[0].stat().st_mode & 0o777, 0o700)
        self.process.terminate()
        self.process.wait()
        key = [WINBACK, "key", "create", "--data", self.data, "--kind", "write"]
        self.assertEqual(subprocess.run(key, check=True, capture_output=True, text=True).stderr, "")
        whole[0].chmod(0o755)
        said = subprocess.run(key, check=True, capture_output=True, text=True).stderr
        self.assertIn("every user of this machine may look into the data folder", said)

    def test_forms_of_other_sites_change_nothing(self):
        browser = self.browser
        browser.open("/start/dismiss", b"token=0000")
        self.assertEqual(browser.status, 403)
        browser.open("/import", b"--x\r\n", {"Content-Type": "multipart/form-data; boundary=x"})
        self.assertGreaterEqual(browser.status, 400)
        stranger = Browser(browser.address)
        self.assertIn("sign", stranger.open("/import").lower())
        self.assertEqual(stranger.status, 401)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
