import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  joinListeners,
  readClosing,
  readDisk,
  readDocker,
  readMemory,
  readOsRelease,
  readOwners,
  readSockets,
  readSshd,
  readUpdates,
  readWanted,
} from './reading.ts'

test('a distribution is read, with quotes and without', () => {
  const text = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
  assert.deepEqual(readOsRelease(text), {
    id: 'debian',
    version: '12',
    name: 'Debian GNU/Linux 12 (bookworm)',
  })
  assert.deepEqual(readOsRelease(''), { id: 'unknown', version: '', name: 'unknown' })
})

test('memory and disk are read', () => {
  assert.equal(readMemory('MemTotal:   2048 kB\nSwapTotal:  1 kB\n', 'MemTotal'), 2048 * 1024)
  assert.deepEqual(readDisk('    Avail Type\n123456789 ext2/ext3\n'), {
    freeBytes: 123456789,
    type: 'ext2/ext3',
  })
})

test('listeners are joined with their programs, once for both families', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   103        0 1001 1
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1002 1
   2: 0100007F:0050 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 1003 1
   3: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 1004 1
   4: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 1005 1`
  const owners = readOwners('/proc/12/fd/3 socket:[1002]\n/proc/12/fd/4 socket:[1004]\n')
  assert.deepEqual(joinListeners(readSockets(table), owners, new Map([[12, 'nginx']])), [
    { port: 80, open: true, pid: 12, command: 'nginx' },
    { port: 81, open: false, pid: null, command: null },
    { port: 5432, open: false, pid: null, command: null },
  ])
})

test('ports of sshd are read, several of them', () => {
  assert.deepEqual(readSshd('port 22\nport 2222\npasswordauthentication yes\n', 'port'), ['22', '2222'])
})

test('of what Docker publishes, that of loopback does not count', () => {
  const text =
    'db\t0.0.0.0:5432->5432/tcp, :::5432->5432/tcp\ncache\t127.0.0.1:6379->6379/tcp\nnone\t\nv6\t[::]:81->80/tcp\n'
  assert.deepEqual(readDocker(text), [
    { container: 'db', port: 5432 },
    { container: 'v6', port: 81 },
  ])
})

test('tables of others that refuse what comes in are found, ours is not', () => {
  const chain = (table: string, more: object) => ({ chain: { family: 'inet', table, ...more } })
  const drop = { hook: 'input', policy: 'drop' }
  const all = [
    { metainfo: {} },
    chain('filter', drop),
    chain('ours', drop),
    chain('other', { hook: 'input', policy: 'accept' }),
    chain('plain', {}),
  ]
  assert.deepEqual(readClosing(JSON.stringify({ nftables: all }), 'ours'), ['the table inet filter'])
})

test('updates are read, security first', () => {
  const text = `NOTE: This is only a simulation!
Inst tzdata [2024a-0] (2024b-0 Debian:12.9/stable [all])
Inst openssl [3.0.15-1] (3.0.17-1 Debian-Security:12/stable-security [amd64])
Inst linux-image-6.1.0-30-amd64 (6.1.124-1 Debian:12.9/stable, Debian-Security:12/stable-security [amd64])
Conf tzdata (2024b-0 Debian:12.9/stable [all])`
  assert.deepEqual(
    readUpdates(text).map(one => [one.package, one.from, one.to, one.security]),
    [
      ['linux-image-6.1.0-30-amd64', null, '6.1.124-1', true],
      ['openssl', '3.0.15-1', '3.0.17-1', true],
      ['tzdata', '2024a-0', '2024b-0', false],
    ],
  )
})

test('the packages are those of the launcher', () => {
  const launcher = readFileSync(join(import.meta.dirname, '../../../../inn'), 'utf8')
  const wanted = readWanted(launcher)
  for (const name of ['nginx', 'runit', 'postgresql', 'restic', 'nftables', 'openssl'])
    assert.ok(wanted.includes(name), name)
  assert.ok(!wanted.includes('chromium'))
})
