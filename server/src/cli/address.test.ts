import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAddress } from './address.ts'

test('a server is a name of ssh, with a user, a port and the home there where they are said', () => {
  const home = '/var/lib/innkeeper'
  for (const [text, destination, port, at] of [
    ['prod', 'prod', null, home],
    ['root@10.0.0.1', 'root@10.0.0.1', null, home],
    ['anna@shop.example.com:/srv/inn/', 'anna@shop.example.com', null, '/srv/inn'],
    ['ssh://prod', 'prod', null, home],
    ['ssh://root@prod:2222', 'root@prod', 2222, home],
    ['ssh://root@prod:2222/', 'root@prod', 2222, home],
    ['ssh://prod/srv/inn', 'prod', null, '/srv/inn'],
    ['root@[2001:db8::1]', 'root@2001:db8::1', null, home],
    ['ssh://[2001:db8::1]:22/srv', '2001:db8::1', 22, '/srv'],
  ] as const)
    assert.deepEqual(readAddress(text), { destination, port, home: at }, text)
})

test('what ssh would take for an option, or for something else than a server, is refused', () => {
  for (const text of [
    ...[
      '',
      '-oProxyCommand=x',
      'root@-x',
      'a b',
      'prod:2222',
      'prod:srv',
      'ssh://prod:99999',
      'ssh://prod:0',
    ],
    ...['http://prod', 'a@b@c', 'prod;id', 'ssh://', 'prod\n'],
  ])
    assert.throws(() => readAddress(text), { code: 'usage.host' }, text)
})
