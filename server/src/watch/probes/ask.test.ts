import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../kernel/secret.ts'
import { ask } from './ask.ts'
import type { Asker } from './ports.ts'
import type { Probing, Target } from './probe.ts'

const DAY = 86_400_000
const NOW = 20_000 * DAY

/** What comes of asking a target, when what is asked does this. */
async function asked(target: Target, does: Partial<Asker>) {
  const probing = { target, timeoutMs: 1_000 } as Probing
  const { ok, said } = await ask(does as Asker, probing, { now: () => NOW, sleep: async () => {} })
  return [ok, said]
}

test('a certificate is good while it is trusted and lasts for the days that are wanted', async () => {
  const target: Target = { kind: 'certificate', host: 'a.example', port: 443, days: 14 }
  const shows = (days: number, problem: string | null = null) =>
    asked(target, { certificate: async () => ({ notAfter: NOW + days * DAY, problem }) })
  assert.deepEqual(await shows(14), [true, '14 days are left'])
  assert.deepEqual(await shows(13.9), [false, '13 days are left'])
  assert.deepEqual(await shows(-1), [false, 'it has ended'])
  assert.deepEqual(await shows(90, 'self-signed'), [
    false,
    'it is not trusted (self-signed); 90 days are left',
  ])
})

test('an answer is compared with what is wanted, and said without its line breaks and colours', async () => {
  const expected = { status: 200, expect: { json: { path: 'ready', equals: true } } }
  const target: Target = { kind: 'http', url: new Secret('http://a'), as: {}, expected }
  const answers = (status: number, body: string) =>
    asked(target, { http: async () => ({ status, contentType: 'application/json', body }) })
  assert.deepEqual(await answers(200, '{"ready":true}'), [true, 'it answered 200'])
  assert.deepEqual(await answers(200, '{"ready":false}'), [
    false,
    'it answered 200 with ready = false, not true',
  ])
  assert.deepEqual(await answers(500, '\u001b[31mno\nway'), [false, 'it answered 500, not 200: no way'])
})

test('what a command says as it fails is one line of a bounded length', async () => {
  const target: Target = { kind: 'command', app: 'shop', release: 'r1', argv: ['x'] }
  const fails = async () => Promise.reject(new Error(`it ended with 1:\nERROR ${'x'.repeat(1_000)}`))
  const [ok, said] = await asked(target, { command: fails })
  assert.equal(ok, false)
  assert.match(String(said), /^it ended with 1: ERROR x{270,}$/)
  assert.equal(String(said).length, 300)
})
