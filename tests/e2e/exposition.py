"""Judges Prometheus's text format (exposition format 0.0.4), strictly, and prints the names of the metrics.

exposition.py [FILE]: exits with 1 and the line at the first thing that is wrong. What promtool check metrics asks of
names (a counter, and nothing else, ends in _total; base units; HELP for each) is asked here too.
"""
import re
import sys

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r'(%s)(\{%s(?:,%s)*\})? (-?[0-9]+(?:\.[0-9]+)?)' % (NAME, LABEL, LABEL))
UNITS = re.compile(r'_(milliseconds|microseconds|nanoseconds|minutes|hours|days|ms|us|ns|kilobytes|megabytes|kib|mib)(_|$)')


def check(text):
    """{name: {labels: value}}; ValueError names the line."""
    metrics, helped, typed, last, seen = {}, {}, {}, None, set()
    if not text.endswith('\n') or '\r' in text:
        raise ValueError('the last line does not end, or a line ends in CR')
    for number, line in enumerate(text.split('\n')[:-1], 1):
        def wrong(why):
            raise ValueError('line %d: %s: %r' % (number, why, line))
        if line.startswith('# HELP '):
            match = re.fullmatch(r'# HELP (%s) (\S.*\S)' % NAME, line)
            match or wrong('no help')
            match[1] in helped and wrong('a second HELP')
            helped[match[1]] = match[2]
            last = match[1]
        elif line.startswith('# TYPE '):
            match = re.fullmatch(r'# TYPE (%s) (counter|gauge)' % NAME, line)
            match or wrong('no type')
            match[1] in typed and wrong('a second TYPE')
            match[1] == last or wrong('TYPE of another metric than HELP')
            (match[1].endswith('_total') == (match[2] == 'counter')) or wrong('_total is for counters')
            typed[match[1]] = match[2]
        else:
            match = SAMPLE.fullmatch(line)
            match or wrong('no sample')
            name, labels, value = match[1], match[2] or '', float(match[3])
            name == last and name in typed or wrong('not below its own HELP and TYPE')
            (name, labels) in seen and wrong('there twice')
            seen.add((name, labels))
            UNITS.search(name) and wrong('not a base unit')
            typed[name] == 'counter' and value < 0 and wrong('a counter below 0')
            metrics.setdefault(name, {})[labels] = value
    for name in helped:
        if name not in metrics:
            raise ValueError('%s has no sample' % name)
    return metrics


if __name__ == '__main__':
    try:
        with (open(sys.argv[1], encoding='utf8') if len(sys.argv) > 1 else sys.stdin) as file:
            print('\n'.join(check(file.read())))
    except ValueError as error:
        sys.exit('exposition: ' + str(error))
