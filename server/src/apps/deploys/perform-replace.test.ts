import assert from 'node:assert/strict'
import { test } from 'node:test'
import { api, context, machine, mail, refused } from './instances.fixture.ts'
import { replace } from './perform-replace.ts'

type Ports = Parameters<typeof replace>[0]
const replaced = (ports: Ports, slot = api, spare = true) =>
  replace(ports, { kind: 'instances.replace', app: 'shop', release: 'r2', slot, spare }, context)
const well = { status: 200, contentType: 'text/plain', body: 'ok' }
const ended = ['stop shop.api.green.1', 'start shop.api.green.1']

test('an instance that is well again is left as it is: it was only slow', async () => {
  const { ports, did } = machine()
  assert.equal(await replaced(ports), 'it is well again, and was left as it is')
  assert.deepEqual(did, [])
})

test('one that still fails is ended, and its next process waited for', async () => {
  const { ports, did, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  state.answer = new Error('no answer within 1.5 s')
  state.tick = () => {
    state.answer = well
  }
  assert.equal(await replaced(ports), 'ready after 200 ms')
  assert.deepEqual(did, ended)
})

test('one with too much memory is ended although it is well', async () => {
  const { ports, did, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  assert.equal(await replaced(ports, api, false), 'ready after 0 ms')
  assert.deepEqual(did, ended)
})

test('a worker has no health that could spare it', async () => {
  const { ports, did, state } = machine()
  state.services = { 'shop.mail.green.1': { seconds: 2 } }
  assert.equal(await replaced(ports, mail), 'it runs')
  assert.deepEqual(did, ['stop shop.mail.green.1', 'start shop.mail.green.1'])
})

test('one that does not come back is told, with what its health says', async () => {
  const { ports, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  state.answer = { ...well, status: 500 }
  const failure = await refused(replaced(ports))
  assert.equal(failure.code, 'instance.not-back')
  assert.match(failure.why, /not ready within 10 s: .*500/)
})
