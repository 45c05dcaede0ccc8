import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStream } from './stream.ts'

type Source = ReturnType<Parameters<typeof openStream>[2]['connect']> & { url: string; closed: boolean }

/** A page that the test shows and hides, and the streams that it opened. */
function page(t: TestContext, { hidden = false } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const sources: Source[] = []
  const listeners = new Set<() => void>()
  const told: string[] = []
  const state = { hidden }
  const close = openStream(
    '/api/events',
    {
      message: data => told.push(`message ${JSON.stringify(data)}`),
      open: () => told.push('open'),
      broken: () => told.push('broken'),
    },
    {
      page: {
        get hidden() {
          return state.hidden
        },
        addEventListener: (name: string, listener: unknown) => {
          assert.equal(name, 'visibilitychange')
          listeners.add(listener as () => void)
        },
        removeEventListener: (_: string, listener: unknown) => void listeners.delete(listener as () => void),
      },
      connect(url) {
        const source: Source = {
          url,
          closed: false,
          onopen: null,
          onmessage: null,
          onerror: null,
          close() {
            source.closed = true
          },
        }
        sources.push(source)
        return source
      },
    },
  )
  const becomes = (now: boolean) => {
    state.hidden = now
    for (const listener of listeners) listener()
  }
  const open = () => sources.filter(source => !source.closed)
  const event = (source: Source, name: 'onopen' | 'onerror') =>
    source[name]!.call({} as EventSource, {} as Event)
  return {
    sources,
    open,
    becomes,
    close,
    told,
    event,
    pass: (ms: number) => t.mock.timers.tick(ms),
    listeners,
  }
}

test('events are read as JSON, in one stream', t => {
  const { sources, told, event } = page(t)
  const [source] = sources
  assert.equal(source!.url, '/api/events')
  event(source!, 'onopen')
  source!.onmessage!.call({} as EventSource, { data: '{"a":1}' } as MessageEvent)
  assert.deepEqual(told, ['open', 'message {"a":1}'])
})

test('a broken stream is told at once, and opened again after three seconds', t => {
  const { sources, open, told, event, pass } = page(t)
  event(sources[0]!, 'onerror')
  assert.deepEqual([told, open().length], [['broken'], 0])
  pass(2_999)
  assert.equal(sources.length, 1)
  pass(1)
  assert.deepEqual([sources.length, open().length], [2, 1])
})

test('a hidden page has no stream, and a page that is shown has one', t => {
  const { open, sources, becomes } = page(t)
  becomes(true)
  assert.equal(open().length, 0)
  becomes(false)
  becomes(false)
  assert.deepEqual([open().length, sources.length], [1, 3])
})

test('a page that was opened in the background begins when it is shown', t => {
  const { sources, becomes } = page(t, { hidden: true })
  assert.equal(sources.length, 0)
  becomes(false)
  assert.equal(sources.length, 1)
})

test('a page that is hidden while its stream is broken does not open it again', t => {
  const { sources, becomes, event, pass } = page(t)
  event(sources[0]!, 'onerror')
  becomes(true)
  pass(10_000)
  assert.equal(sources.length, 1)
})

test('after its end nothing is open, and nothing is opened', t => {
  const { sources, open, close, event, pass, becomes, listeners } = page(t)
  event(sources[0]!, 'onerror')
  close()
  pass(10_000)
  becomes(false)
  assert.deepEqual([sources.length, open().length, listeners.size], [1, 0, 0])
})
