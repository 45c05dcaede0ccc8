import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Channel, Content } from '../../watch/messages/channel.ts'
import { type Provider, provider, type Ways } from './provider.fixture.ts'

export const content = (more: Partial<Content> = {}): Content => ({
  level: 'late',
  title: 'shop does not answer',
  text: 'Since 10:00.',
  incidents: [],
  link: 'https://keeper.example.com/alerts',
  ...more,
})

export interface Case {
  name: string
  ways: Ways
  channel(at: string): Channel
  /** How many requests the provider takes before it refuses, and the pause that it then asks for; null: it says none. */
  over: { most: number; ms: [number, number] | null }
  /** What it calls what it took. */
  reference: string | null
  /** Whether it shows pictures. */
  pictures?: true
}

const CHART = { title: 'x', unit: 'number', from: 0, to: 1, threshold: null, lines: [] } as const

const patience = () => AbortSignal.timeout(5_000)
const send = (channel: Channel, more: Partial<Content> = {}, key = 'k1') =>
  channel.send(key, content(more), patience())

/** What every channel owes to the ledger. */
export function contract(one: Case): void {
  const opened = async (t: TestContext): Promise<{ them: Provider; channel: Channel }> => {
    const them = await provider(t, one.ways)
    return { them, channel: one.channel(them.at) }
  }

  test(`${one.name}: a message arrives, and the provider's name for it is kept`, async t => {
    const { them, channel } = await opened(t)
    assert.deepEqual(await send(channel), { type: 'sent', reference: one.reference })
    assert.match(decodeURIComponent(them.took[0]!.body.replaceAll('+', ' ')), /shop does not answer/)
  })

  test(`${one.name}: a message with a picture arrives, whether or not the provider shows pictures`, async t => {
    const { them, channel } = await opened(t)
    assert.deepEqual(await send(channel, { chart: CHART }), { type: 'sent', reference: one.reference })
    const { body } = them.took[0]!
    const shown = body.includes('\r\npng\r\n') || body.includes(Buffer.from('png').toString('base64'))
    assert.equal(shown, one.pictures ?? false, body.slice(0, 500))
    assert.match(decodeURIComponent(body.replaceAll('+', ' ')), /shop does not answer/)
  })

  test(`${one.name}: what is longer than the provider takes is cut, between characters`, async t => {
    const { channel } = await opened(t)
    const title = `${'x'.repeat(100)}${'😀'.repeat(100)}`
    assert.equal((await send(channel, { title, text: '😀ä'.repeat(90_000) })).type, 'sent')
  })

  test(`${one.name}: over the limit, the pause that the provider asks for is understood in its own unit`, async t => {
    const { them, channel } = await opened(t)
    await send(channel)
    them.used(one.over.most - 1)
    const outcome = await send(channel)
    assert.equal(outcome.type, 'later', JSON.stringify(outcome))
    const { afterMs } = outcome as { afterMs: number | null }
    if (one.over.ms === null) return assert.equal(afterMs, null)
    const [least, most] = one.over.ms
    assert.ok(afterMs !== null && afterMs >= least && afterMs <= most, `${afterMs} ms`)
  })

  test(`${one.name}: a secret that was revoked is refused; a provider that is broken or silent is asked later`, async t => {
    const { them, channel } = await opened(t)
    them.state.is = 'revoked'
    assert.equal((await send(channel)).type, 'refused')
    them.state.is = 'broken'
    assert.equal((await send(channel)).type, 'later')
    them.state.is = 'silent'
    const began = performance.now()
    await assert.rejects(channel.send('k', content(), AbortSignal.timeout(150)))
    assert.ok(performance.now() - began < 3_000)
  })
}
