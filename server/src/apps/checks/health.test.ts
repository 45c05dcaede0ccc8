import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { look, mismatch, type Probe } from './health.ts'

const health = (text: string) =>
  readConfig(`name: a\nservices: { a: { start: node a, health: ${text} } }`).config!.services[0]!.health
const answer = (body: string, status = 200, contentType = 'application/json') => ({
  status,
  contentType,
  body,
})

test('a status alone is enough only when nothing more is asked', () => {
  assert.equal(mismatch(answer('{}'), health('{ path: /h }')), null)
  assert.match(mismatch(answer('no', 500), health('{ path: /h }'))!, /^500, not 200: no/)
})

test('200 with index.html, or with ready: false, is not healthy', () => {
  const wanted = health('{ path: /h, expect: { json: { path: checks.ready, equals: true } } }')
  assert.match(mismatch(answer('<!doctype html>', 200, 'text/html'), wanted)!, /the body is not JSON/)
  assert.match(mismatch(answer('{"checks":{"ready":false}}'), wanted)!, /checks.ready = false, not true/)
  assert.match(mismatch(answer('{"checks":null}'), wanted)!, /has no checks.ready/)
  assert.equal(mismatch(answer('{"checks":{"ready":true}}'), wanted), null)
})

test('text and content type are matched when asked for', () => {
  assert.match(mismatch(answer('nope'), health('{ path: /h, expect: { text: fine } }'))!, /without "fine"/)
  assert.match(
    mismatch(answer('x', 200, 'text/html'), health('{ path: /h, contentType: application/json }'))!,
    /content type text\/html/,
  )
})

test('what cannot be asked says where and why, and HTML is remembered', async () => {
  const probe: Probe = {
    http: async () => answer('<!DOCTYPE html>', 200, 'text/html'),
    tcp: async () => Promise.reject(new Error('refused')),
  }
  assert.deepEqual(await look(probe, 4000, health('{ path: /h }')), {
    ok: true,
    detail: 'GET http://127.0.0.1:4000/h answered 200',
    status: 200,
    html: true,
  })
  assert.deepEqual(await look(probe, 4000, health('{}')), {
    ok: false,
    detail: '127.0.0.1:4000: refused',
    status: null,
    html: false,
  })
})

test('an answer that may be JSON is kept, also of an instance that is not well', async () => {
  const asked = (body: string, status = 200) =>
    look({ http: async () => answer(body, status), tcp: async () => {} }, 4000, health('{ path: /h }'))
  assert.equal((await asked(' {"ready":true}')).body, ' {"ready":true}')
  const sick = await asked('{"db":"down"}', 503)
  assert.deepEqual([sick.ok, sick.body], [false, '{"db":"down"}'])
  assert.equal((await asked('OK')).body, undefined)
})

test('a redirect says where it led, and what the file can say about it', () => {
  const to = (location: string, text = '{ path: /h }') =>
    mismatch({ ...answer('', 301), location }, health(text))
  assert.match(
    to('https://127.0.0.1:4000/h')!,
    /^301 to https:\/\/127.0.0.1:4000\/h, not 200; with proto: https/,
  )
  assert.match(
    to('https://shop.example/h', '{ path: /h, proto: https }')!,
    /; with host: shop.example under health/,
  )
  assert.equal(
    to('https://shop.example/login', '{ path: /h, proto: https, host: shop.example }'),
    '301 to https://shop.example/login, not 200',
  )
  assert.equal(to('/login'), '301 to /login, not 200')
  assert.equal(mismatch({ ...answer('', 302), location: '/' }, health('{ path: /h, status: 302 }')), null)
})

test('an app is asked by the name and as the scheme that the file says', async () => {
  const asked: unknown[] = []
  const probe: Probe = {
    http: async (_port, _path, _timeout, as) => {
      asked.push({ host: as?.host, proto: as?.proto })
      return answer('{}')
    },
    tcp: async () => {},
  }
  await look(probe, 4000, health('{ path: /h, host: shop.example, proto: https }'))
  await look(probe, 4000, health('{ path: /h }'))
  assert.deepEqual(asked, [
    { host: 'shop.example', proto: 'https' },
    { host: undefined, proto: undefined },
  ])
})
