import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Actor, mayIn } from './actor.ts'
import { createPasses, heldTo } from './passes.ts'

const ANNA: Actor = {
  ...{ id: 'person:1', name: 'anna', email: 'a@example.com', session: 's', factor: 'on' },
  ...{ role: 'admin', apps: {}, verbs: null },
}
const sent = (authorization: string) => new Headers({ authorization })

test('what is lent is known until it is taken back, and nothing else is let in by it', async () => {
  const asked: string[] = []
  const passes = createPasses({
    async identify(headers) {
      asked.push(headers.get('authorization') ?? 'nothing')
      return null
    },
  })
  const { token, end } = passes.lend(ANNA)
  const known = await passes.identify(sent(`Bearer ${token}`))
  assert.deepEqual([known?.name, known?.session, known?.factor], ['anna', null, null])
  for (const wrong of [`Bearer ${token}0`, 'Bearer pass-', 'Bearer pass-undefined'])
    assert.equal(await passes.identify(sent(wrong)), null)
  assert.deepEqual(asked, [])
  await passes.identify(sent('Bearer inn_other'))
  await passes.identify(new Headers())
  assert.deepEqual(asked, ['Bearer inn_other', 'nothing'])
  end()
  assert.equal(await passes.identify(sent(`Bearer ${token}`)), null)
  assert.notEqual(passes.lend(ANNA).token, passes.lend(ANNA).token)
})

test('rights that are held to an app are none elsewhere, and no more there', () => {
  const held = heldTo(ANNA, 'shop', 'operator')
  assert.deepEqual(
    [
      mayIn(held, 'operator', 'shop'),
      mayIn(held, 'admin', 'shop'),
      mayIn(held, 'viewer', 'other'),
      mayIn(held, 'viewer', null),
    ],
    [true, false, false, false],
  )
  assert.deepEqual(heldTo(ANNA, 'shop', null).apps, {})
})
