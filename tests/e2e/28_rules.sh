#!/usr/bin/env bash
# Rules: scan and explain with rules; the daemon reloads them, keeps the old ones when new ones are bad
# and says which line, records name rule and revision, and the ruleset's id covers their text.
# check: uring poll asan
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import subprocess

RULE = '''rules:
- id: %s
  rev: %d
  marks: M1
  class: %s
  any: [%s]
  terms: {copy: [mirror], box: [carton]}
  examples: ["Squishmallow mirror carton"]
  negative_examples: ["Squishmallow"]
'''
MARKS = 'mark_id\tmark\tcategory\tgeneric\taliases\nM1\tSquishmallow\ttoys\t0\t\n'

d = Daemon(marks=MARKS)
def rules(*values, text=None):
    with open(os.path.join(d.dir, 'rules.new'), 'w') as f:
        f.write(text or RULE % values)
    os.rename(os.path.join(d.dir, 'rules.new'), os.path.join(d.dir, 'rules.yaml'))
rules('first', 1, 'counterfeit', 'copy')
with open(d.config, 'a') as f:
    f.write('rules: [rules.yaml]\n')
d.start()
check('1 rules' in d.logged(), 'the log counts rules')
status = d.command('status')['ruleset']
check(status['rules'] == 1, 'status counts rules')
c = d.client(source='s')
c.pump(line(listing(1, 'Squishmallow mirror')), 1)
c.pump(line(listing(2, 'Squishmallow carton')), 2)

rules('second', 7, 'mention', 'box')
reply = d.command('reload')
check(reply['ok'] and reply['sha256'] != status['sha256'], 'other rules are another set: %r' % reply)
c.pump(line(listing(3, 'Squishmallow mirror')), 3)
c.pump(line(listing(4, 'Squishmallow carton')), 4)

for text, error in ((RULE % ('third', 1, 'mark', 'bax'), 'rules.yaml:6:9: conditions: there are no terms of the name bax'),
                    ((RULE % ('third', 1, 'mark', 'box')).replace('mirror carton', 'mirror'),
                     'rules.yaml:8:14: rule third does not find this example'),
                    ((RULE % ('third', 1, 'mark', 'box')) + '  regex: "("\n',
                     'rules.yaml:10:10: regex: the engine refuses it: Missing close parenthesis'),
                    (' ', 'rules.yaml:1:1: holds nothing')):
    rules(text=text)
    bad = d.command('reload')
    check(not bad['ok'] and error in bad['error'], 'bad rules: %r' % bad)
check(d.command('status')['ruleset']['sha256'] == reply['sha256'], 'the old set stays')
c.pump(line(listing(5, 'Squishmallow carton')), 5)
d.stop()

hits = [(r['class'], r['hits'][0]['rule'], r['hits'][0].get('rev')) for r in d.records() if r['kind'] == 'match']
check(hits == [('counterfeit', 'first', 1), ('mark', 'default.mark', None), ('mark', 'default.mark', None),
               ('mention', 'second', 7), ('mention', 'second', 7)], 'hits: %r' % hits)
sets = [r for r in d.records() if r['kind'] == 'ruleset']
check([s['rules'] for s in sets] == [1, 1], 'sets: %r' % sets)
check([s['kind'] for s in sets[0]['sources']][-1] == 'rules', 'the source of rules: %r' % sets[0])

# The tools read them too, whatever the order of the options.
rules('third', 3, 'counterfeit', 'box')
files = ['--rules', os.path.join(d.dir, 'rules.yaml'), '--marks', os.path.join(d.dir, 'marks.tsv')]
tool = os.environ['NOTICECTL']
out = subprocess.run([tool, 'scan'] + files, input=line(listing(1, 'Squishmallow carton')), capture_output=True)
check(out.returncode == 0 and b'"rule":"third","rev":3,' in out.stdout, 'scan: %r' % out)
out = subprocess.run([tool, 'explain'] + files + ['Squishmallow carton'], capture_output=True)
check(out.returncode == 0 and b'rule third, revision 3' in out.stdout, 'explain: %r' % out)
rules(text='rules: 1\n')
out = subprocess.run([tool, 'scan'] + files, input=b'', capture_output=True)
check(out.returncode == 2 and b'rules.yaml:1:8: rules: must be a list' in out.stderr, 'scan: %r' % out)
PYTHON
