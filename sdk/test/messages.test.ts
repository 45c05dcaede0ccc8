import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { keptIn } from '../src/kept.ts'
import { createMessages, type Message } from '../src/messages.ts'
import { standIn } from './keeper.fixture.ts'

const welcome = (key: string): Message => ({ to: 'ada@example.com', template: 'welcome', key })
const keptFiles = async (folder: string) => (await readdir(folder).catch(() => [])).length

async function until(good: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 150; n++) {
    if (await good()) return
    await sleep(50)
  }
  assert.fail('it did not come to that')
}

test('a message that the keeper takes has its name, and nothing is kept', async t => {
  const { keeper, folder, taken } = await standIn(t)
  const messages = createMessages({ keeper, folder })
  const sendAt = new Date('2027-01-01T10:00:00Z')
  assert.deepEqual(await messages.send({ ...welcome('k'), sendAt }), { id: 'mk', key: 'k', state: 'waiting' })
  assert.deepEqual(taken.get('k'), { ...welcome('k'), sendAt: '2027-01-01T10:00:00.000Z' })
  const { key } = await messages.send({ to: 'a@example.com', template: 'welcome' })
  assert.ok(taken.has(key))
  assert.equal(await keptFiles(folder), 0)
})

test('without a keeper nothing is sent, which is said once, or told to who asked for it', async () => {
  const told: Message[] = []
  const messages = createMessages({ keeper: null, without: message => told.push(message) })
  assert.equal((await messages.send(welcome('k'))).state, 'not-sent')
  assert.deepEqual(told, [welcome('k')])
  await assert.rejects(messages.status({ key: 'k' }), { code: 'sdk.no-keeper' })
})

test('a keeper that stands still is waited for as long as was said, and gets the message once it answers', async t => {
  const { keeper, folder, taken, state } = await standIn(t)
  const messages = createMessages({ keeper, folder })
  state.still = true
  const began = performance.now()
  const sent = await messages.send(welcome('k'), { timeoutMs: 200 })
  assert.ok(performance.now() - began < 1_000)
  assert.deepEqual(sent, { state: 'kept', id: null, key: 'k' })
  assert.equal(await keptFiles(folder), 1)
  state.still = false
  await until(() => taken.has('k'))
  await until(async () => (await keptFiles(folder)) === 0)
})

test('what is sent while the keeper is started again is kept, and all of it arrives', async t => {
  const { keeper, folder, taken, end, begin } = await standIn(t)
  const messages = createMessages({ keeper, folder })
  await end()
  const keys = Array.from({ length: 20 }, (_, n) => `k${n}`)
  const states = await Promise.all(keys.map(async key => (await messages.send(welcome(key))).state))
  assert.ok(states.every(one => one === 'kept'))
  await begin()
  await until(() => keys.every(key => taken.has(key)))
})

test('another process of the app sends what one kept that ended', async t => {
  const { keeper, folder, taken } = await standIn(t)
  await keptIn(folder).add(welcome('left'))
  createMessages({ keeper, folder })
  await until(() => taken.has('left'))
})

test('a message that has to be corrected rejects, and one that was kept is dropped and told of', async t => {
  const { keeper, folder, state, end, begin } = await standIn(t)
  const refused: string[] = []
  const messages = createMessages({
    keeper,
    folder,
    refused: ({ code }, key) => refused.push(`${code} ${key}`),
  })
  state.status = 422
  await assert.rejects(messages.send(welcome('k')), {
    name: 'InnkeeperError',
    code: 'template.variable',
    fix: 'send it',
  })
  assert.equal(await keptFiles(folder), 0)
  await end()
  assert.equal((await messages.send(welcome('later'))).state, 'kept')
  await begin()
  await until(() => refused.length > 0)
  assert.deepEqual(refused, ['template.variable later'])
  await until(async () => (await keptFiles(folder)) === 0)
})

test('a keeper that asks for another try gets it', async t => {
  const { keeper, folder, taken, state } = await standIn(t)
  const messages = createMessages({ keeper, folder })
  state.status = 429
  assert.equal((await messages.send(welcome('k'))).state, 'kept')
  state.status = 200
  await until(() => taken.has('k'))
})

test('a kept message is cancelled where it lies', async t => {
  const { keeper, folder, taken, end, begin } = await standIn(t)
  const messages = createMessages({ keeper, folder })
  await end()
  await messages.send(welcome('k'))
  await begin()
  assert.equal((await messages.cancel({ key: 'k' })).state, 'cancelled')
  await sleep(1_000)
  assert.equal(taken.size, 0)
})

test('a kept message that is cancelled while others are being sent does not go any more', async t => {
  const { keeper, folder, taken, state, end, begin } = await standIn(t)
  const messages = createMessages({ keeper, folder })
  await end()
  for (const key of ['first', 'second']) await messages.send(welcome(key))
  state.still = true
  await begin()
  // Its turn has come: the keeper has the first in hand, and does not answer yet.
  await until(() => state.asked.includes('first'))
  state.still = false
  assert.equal((await messages.cancel({ key: 'second' })).state, 'cancelled')
  state.release()
  await until(() => taken.has('first'))
  await until(async () => (await keptFiles(folder)) === 0)
  await sleep(200)
  assert.ok(!taken.has('second'))
})

test('what is kept has a bound, and what cannot be read goes', async t => {
  const { folder } = await standIn(t)
  const kept = keptIn<Message>(folder, 2)
  assert.deepEqual(
    [await kept.add(welcome('1')), await kept.add(welcome('2')), await kept.add(welcome('3'))],
    [true, true, false],
  )
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, '000000000000001-ab.json'), '{"half')
  assert.deepEqual(
    (await Array.fromAsync(kept.all())).map(({ one }) => one.key),
    ['1', '2'],
  )
  assert.equal(await keptFiles(folder), 2)
})
