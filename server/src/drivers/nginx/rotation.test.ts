import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type App, only, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

describe('which instances are asked', () => {
  let running: Running
  let apps: App[]

  before(async () => {
    running = await startEdge()
    apps = await Promise.all(['one', 'two', 'three'].map(name => startApp(name)))
    await running.edge.route('shop', only(proxy('r1', apps)))
  })
  after(async () => {
    await Promise.all([running.stop(), ...apps.map(app => app.kill())])
  })

  /** Instance → how many of so many requests it answered. */
  const shares = async (requests = 30) => {
    const seen: Record<string, number> = {}
    for (let i = 0; i < requests; i++) {
      const [side] = (await running.get('/')).body.split(' ')
      seen[side!] = (seen[side!] ?? 0) + 1
    }
    return seen
  }
  const out = (...which: number[]) =>
    running.edge.leaveOut(
      'shop',
      which.map(n => apps[n]!.peer),
    )

  it('one that is left out gets no request, and the others share evenly', async () => {
    await out(1)
    const { one, two, three } = await shares()
    assert.equal(two, undefined)
    assert.ok(Math.abs(one! - three!) <= 2, `${one} and ${three}`)
  })

  it('the last one of a service is asked all the same', async () => {
    await out(0, 1)
    assert.deepEqual(Object.keys(await shares(10)), ['three'])
    await out(0, 1, 2)
    assert.equal(Object.keys(await shares()).length, 3)
  })

  it('it stays so over a new table, and ends when the list does', async () => {
    await out(0)
    await running.edge.route('shop', only(proxy('r2', apps)))
    assert.equal((await shares())['one'], undefined)
    await out()
    assert.equal(Object.keys(await shares()).length, 3)
  })

  it('one that accepts no connection costs a wait and no request, and then the others are preferred', async () => {
    await out()
    const deaf = await startApp('deaf')
    deaf.freeze()
    const full = Array.from({ length: 520 }, () => connect(Number(deaf.peer.split(':')[1]), '127.0.0.1'))
    for (const socket of full) socket.on('error', () => {})
    await running.edge.route('shop', only(proxy('r3', [deaf, apps[0]!])))
    const post = () => running.get('/', { method: 'POST', body: 'x' })
    const answers = await Promise.all(Array.from({ length: 12 }, post))
    assert.deepEqual(new Set(answers.map(a => a.body)), new Set(['one POST / 1']))
    const begun = Date.now()
    assert.deepEqual(await shares(10), { one: 10 })
    assert.ok(Date.now() - begun < 400, 'it is not tried again at once')
    for (const socket of full) socket.destroy()
    await deaf.kill()
  })

  it('what a killed instance had in hand is asked of another one, where it may be repeated', async () => {
    const frozen = await startApp('frozen')
    frozen.freeze()
    await running.edge.route('shop', only(proxy('r4', [frozen, apps[0]!])))
    const inHand = [0, 1, 2, 3].map(n => running.get('/', n < 2 ? {} : { method: 'POST', body: 'x' }))
    await setTimeout(300)
    await frozen.kill()
    const answers = (await Promise.all(inHand)).map(({ status }) => status)
    assert.deepEqual(answers.slice(0, 2), [200, 200])
    assert.deepEqual(
      answers.slice(2).toSorted(),
      [200, 502],
      'of two orders, the one that was sent to it is lost',
    )
  })
})
