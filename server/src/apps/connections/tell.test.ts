import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../kernel/secret.ts'
import type { Comment, Written } from './ports.ts'
import type { Connection, Pull } from './store.ts'
import { createTelling } from './tell.ts'

const connection: Connection = {
  ...{ id: 'i', app: 'shop', provider: 'github', repository: 'https://github.com/example/shop.git' },
  ...{ api: 'https://api.github.com', branches: ['*'], forks: false, by: 'anna', since: 1 },
  ...{ hook: new Secret('signs'), token: new Secret('reads') },
}

/** What tells of one pull request, and the world around it. */
function world(answer: () => Written) {
  const pull: Pull = {
    ...{
      connection: 'i',
      number: 2,
      app: 'shop@preview-pr-2',
      branch: 'beds',
      who: 'alice',
      wanted: 'c'.repeat(40),
    },
    ...{ at: 1, state: 'building', run: null, said: null, comment: null, told: null },
  }
  const sent: Comment[] = []
  const logged: string[] = []
  let now = 0
  const telling = createTelling({
    store: {
      async told(_, change) {
        Object.assign(pull, change)
        return undefined as never
      },
    },
    async write(comment) {
      sent.push(comment)
      return answer()
    },
    shown: async () => ({ url: 'https://pr-2.example.com', until: '2026-05-22T15:21:10.000Z', login: null }),
    digest: text => text,
    clock: { now: () => now },
    log: (_, msg) => void logged.push(msg),
  })
  const tell = async (after = 0, own = connection) => {
    now += after
    await telling.tell(own, { ...pull })
  }
  return { pull, sent, logged, tell }
}

test('there is one comment, and the same words are written once', async () => {
  const { pull, sent, tell } = world(() => ({ id: '41' }))
  await tell()
  await tell(60_000)
  pull.state = 'up'
  await tell()
  await tell()
  assert.deepEqual(
    sent.map(({ id, number, name }) => [id, number, name]),
    [
      [null, 2, 'example/shop'],
      ['41', 2, 'example/shop'],
    ],
  )
  assert.match(sent[1]!.text, /pr-2\.example\.com/)
})

test('what was not written is tried five times, ever later, and anew when there is something else to say', async () => {
  const { pull, sent, logged, tell } = world(() => ({ why: '502', again: true }))
  for (let hour = 0; hour < 10; hour++) await tell(3_600_000)
  assert.deepEqual([sent.length, logged.length], [5, 5])
  pull.state = 'failed'
  await tell()
  await tell(4_999)
  assert.equal(sent.length, 6)
  await tell(1)
  assert.equal(sent.length, 7)
})

test('what is refused is not asked again, and without a token nobody is', async () => {
  const { sent, tell } = world(() => ({ why: '403', again: false }))
  await tell(0, { ...connection, token: null })
  assert.equal(sent.length, 0)
  for (let hour = 0; hour < 3; hour++) await tell(3_600_000)
  assert.equal(sent.length, 1)
})

test('nobody is told of what was closed before anybody was told of it', async () => {
  const { pull, sent, tell } = world(() => ({ id: '41' }))
  Object.assign(pull, { wanted: null, state: 'removed' })
  await tell()
  assert.deepEqual(sent, [])
})
