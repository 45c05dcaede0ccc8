import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import type { ProxyTarget } from '../../reach/edge/edge.ts'
import { type App, gateOf, only, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

const PAGE = { accept: 'text/html' }

describe('clients that come back to the same instance', () => {
  let running: Running
  let apps: App[]

  before(async () => {
    running = await startEdge()
    apps = await Promise.all(['one', 'two', 'three', 'four'].map(name => startApp(name)))
  })
  after(async () => {
    await Promise.all([running.stop(), ...apps.map(app => app.kill())])
  })

  const route = (release: string, which: number[], more: Partial<ProxyTarget>) =>
    running.edge.route(
      'shop',
      only(
        proxy(
          release,
          which.map(n => apps[n]!),
          more,
        ),
      ),
    )
  const ask = async (headers: Record<string, string> = {}) => {
    const answer = await running.get('/', { headers })
    return { side: answer.body.split(' ')[0]!, cookie: answer.headers['set-cookie']?.[0] }
  }
  const sides = async (headers: Record<string, string>, times = 12) => {
    const all = []
    for (let i = 0; i < times; i++) all.push((await ask(headers)).side)
    return [...new Set(all)]
  }
  /** The cookie of a browser that was sent to that instance. */
  const browserOf = async (side: string): Promise<string> => {
    for (let tries = 0; tries < 20; tries++) {
      const seen = await ask(PAGE)
      if (seen.side === side) return seen.cookie!.split(';')[0]!
    }
    throw new Error(`nobody came to ${side}`)
  }
  const cookie = { affinity: { by: 'cookie' } } as const

  it('browsers are spread, and each comes back with its cookie to where it was', async () => {
    await route('r1', [0, 1, 2], cookie)
    assert.equal((await sides(PAGE)).length, 3)
    const first = await ask(PAGE)
    assert.match(first.cookie!, /^inn-shop-web=[0-9a-f]{12}; Path=\/; HttpOnly; SameSite=Lax$/)
    const mine = first.cookie!.split(';')[0]!
    assert.deepEqual(await sides({ ...PAGE, cookie: `a=1; ${mine}` }), [first.side])
    assert.equal((await ask({ ...PAGE, cookie: mine })).cookie, undefined, 'it is not set again')
  })

  it('a client that keeps no cookie comes back by its address', async () => {
    await route('r1', [0, 1, 2], cookie)
    assert.equal((await sides({})).length, 1)
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask({ 'x-real-ip': `10.0.0.${n}` })),
    )
    assert.ok(new Set(others.map(o => o.side)).size > 1, 'other addresses are spread')
  })

  it('when its instance is away the client goes to another one, and stays there', async () => {
    await route('r1', [0, 1, 2], cookie)
    const mine = await browserOf('two')
    await rm(gateOf(running.home, apps[1]!.peer))
    const moved = await ask({ ...PAGE, cookie: mine })
    assert.notEqual(moved.side, 'two')
    const now = moved.cookie!.split(';')[0]!
    assert.deepEqual(await sides({ ...PAGE, cookie: now }), [moved.side])
    await route('r1', [0, 1, 2], cookie)
    await running.edge.leaveOut('shop', [apps[1]!.peer])
    assert.notEqual((await ask({ ...PAGE, cookie: mine })).side, 'two', 'nor to one that is left out')
    await running.edge.leaveOut('shop', [])
  })

  it('by a header, or by the address', async () => {
    await route('r1', [0, 1, 2], { affinity: { by: 'header', name: 'X-Room' } })
    const rooms = await Promise.all(Array.from({ length: 12 }, (_, n) => sides({ 'x-room': `room ${n}` }, 4)))
    assert.ok(rooms.every(seen => seen.length === 1))
    assert.ok(new Set(rooms.flat()).size > 1)
    await route('r2', [0, 1, 2], { affinity: { by: 'address' } })
    assert.equal((await sides(PAGE)).length, 1)
    assert.equal((await ask(PAGE)).cookie, undefined)
  })

  it('after a switch clients of the old side stay there until its time is over, and new ones do not come to it', async () => {
    await route('r1', [0, 1], cookie)
    const mine = await browserOf('two')
    const program = (await ask()).side
    const leaving = { release: 'r1', peers: [apps[0]!.peer, apps[1]!.peer], ms: 60_000 }
    await route('r2', [2, 3], { ...cookie, leaving: { ...leaving, until: Date.now() + 60_000 } })
    assert.deepEqual(await sides({ ...PAGE, cookie: mine }, 6), ['two'])
    assert.deepEqual(await sides({}, 6), [program])
    assert.deepEqual((await sides(PAGE)).toSorted(), ['four', 'three'])
    assert.match(
      (await ask({ 'user-agent': 'innkeeper-health' })).side,
      /three|four/,
      'the keeper probes the new side',
    )
    const { 'web/r1': old } = await running.edge.traffic('shop')
    assert.ok(old!.requests >= 12, 'they count for the release that answered')
    await route('r2', [2, 3], { ...cookie, leaving: { ...leaving, until: Date.now() - 1 } })
    assert.match((await ask({ ...PAGE, cookie: mine })).side, /three|four/)
    assert.match((await ask()).side, /three|four/)
  })

  it('a client of an old side that is gone is answered by the new one', async () => {
    await route('r5', [0], cookie)
    const mine = await browserOf('one')
    const leaving = { release: 'r5', peers: [apps[0]!.peer], ms: 1, until: Date.now() + 60_000 }
    await route('r6', [1], { ...cookie, leaving })
    await apps[0]!.kill()
    for (let i = 0; i < 3; i++) assert.equal((await ask({ ...PAGE, cookie: mine })).side, 'two')
  })
})
