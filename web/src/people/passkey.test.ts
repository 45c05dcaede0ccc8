import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byName, missingIn, nameOf } from './passkey.ts'

test('passkeys work at a name, with TLS or on this machine, in a browser that knows them', () => {
  const around = (hostname: string, secure = true, able = true) => missingIn({ hostname, secure, able })
  assert.deepEqual([around('localhost'), around('inn.example.com')], [null, null])
  assert.deepEqual(
    ['127.0.0.1', '192.0.2.7', '[::1]'].map(name => around(name)),
    Array(3).fill('address'),
  )
  assert.equal(around('inn.example.com', false, false), 'plain')
  assert.equal(around('inn.example.com', true, false), 'browser')
})

test('a page of this machine has a name, and one of another has none that we know', () => {
  const of = (hostname: string, port: string) => byName({ hostname, port, pathname: '/sign-in' })
  assert.equal(of('127.0.0.1', '7777'), 'http://localhost:7777/sign-in')
  assert.equal(of('[::1]', ''), 'http://localhost/sign-in')
  assert.equal(of('192.0.2.7', '7777'), null)
})

test('a name is told apart by its port, but where tunnels end', () => {
  const of = (text: string) => nameOf(new URL(text))
  assert.equal(of('http://localhost:7777'), 'localhost')
  assert.equal(of('https://inn.example.com'), 'inn.example.com')
  assert.equal(of('https://inn.example.com:8443'), 'inn.example.com:8443')
})
