import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../kernel/secret.ts'
import { content } from './channels.contract.ts'
import { provider, SENDGRID } from './provider.fixture.ts'
import { sendgrid } from './sendgrid.ts'

const patience = () => AbortSignal.timeout(5_000)
const letter = { to: 'ann@example.org' }

test('a letter names nobody as its sender but whom it says, and a message of the channel says Innkeeper', async t => {
  const them = await provider(t, { ...SENDGRID, rules: [], admits: () => true })
  const channel = sendgrid(
    { to: 'ops@example.com', from: 'inn@example.com', at: them.at },
    new Secret('k'),
    async () => null,
  )
  const from = async (more: object) => {
    assert.equal((await channel.send('s-1', content(more), patience())).type, 'sent')
    return (JSON.parse(them.took.at(-1)!.body) as { from: object }).from
  }
  assert.deepEqual(await from({ letter }), { email: 'inn@example.com' })
  assert.deepEqual(await from({ letter: { ...letter, fromName: 'Hotel' } }), {
    ...{ email: 'inn@example.com', name: 'Hotel' },
  })
  assert.deepEqual(await from({}), { email: 'inn@example.com', name: 'Innkeeper' })
})

test('what SendGrid does not take of a letter is about that letter, and a key that it does not know about all', async t => {
  const them = await provider(t, { ...SENDGRID, rules: [], admits: () => true, wrong: () => 'no address' })
  const settings = { to: 'ops@example.com', from: 'inn@example.com', at: them.at }
  const channel = sendgrid(settings, new Secret('k'), async () => null)
  const alone = async () => {
    const outcome = await channel.send('s-1', content({ letter }), patience())
    return [outcome.type, 'alone' in outcome]
  }
  assert.deepEqual(await alone(), ['refused', true])
  them.state.is = 'revoked'
  assert.deepEqual(await alone(), ['refused', false])
})
