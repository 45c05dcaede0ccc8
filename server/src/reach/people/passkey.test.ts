import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passkeyHost } from './passkey.ts'

test('a passkey belongs to a name with TLS and its port, or to this machine, on whichever port a tunnel ends', () => {
  const hosts = {
    'https://inn.example.com': 'inn.example.com',
    'https://inn.example.com:8443': 'inn.example.com:8443',
    'http://inn.example.com': null,
    'http://localhost:7777': 'localhost',
    'http://localhost:41234': 'localhost',
    'https://localhost': 'localhost',
    'http://shop.localhost:7777': 'shop.localhost',
    'http://notlocalhost:7777': null,
    'http://127.0.0.1:7777': null,
    'https://192.0.2.7': null,
    'https://0x7f.1': null,
    'https://[2001:db8::1]:8443': null,
    null: null,
    '': null,
  }
  const found = Object.fromEntries(Object.keys(hosts).map(origin => [origin, passkeyHost(origin)]))
  assert.deepEqual(found, hosts)
})
