"""Kills `winback import` at random moments, imports again, and expects the shop to be whole."""
import json
import random
import subprocess
import sys
import tempfile
import time

KILLS = 15
winback, seed = sys.argv[1], int(time.time())
print('seed', seed)
random.seed(seed)
with tempfile.TemporaryDirectory() as folder:
    data = folder + '/shop'
    command = [winback, 'import', 'examples/online-retail/orders.csv.gz', '--map',
               'examples/online-retail/mapping.yaml', '--data', data, '--json']
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=random.uniform(0.02, 1.0))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.wait()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report = json.loads(subprocess.run([winback, 'report', '--data', data, '--json'], check=True,
                                       capture_output=True, text=True).stdout)
    found = (report['customers'], report['orders'], round(report['revenue'], 3))
    print(killed, 'kills;', found)
    sys.exit(found != (4338, 18532, 8911407.904) or killed == 0)
