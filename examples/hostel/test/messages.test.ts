import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessages, type Message } from '@innkeeper/sdk/messages'
import type { CheckIn } from '../src/checkins/checkin.ts'
import type { Guest } from '../src/guests/guest.ts'
import { lettersBy } from '../src/messages/messages.ts'
import { SettingsInput } from '../src/settings/settings.ts'

const house = SettingsInput.parse({})
const ann = { id: 1, name: 'Ann Berg', email: 'ann@example.com' } as Guest
const stay = { ref: 'r1', capsule: 'A07', dueOut: new Date('2026-12-03T11:00:00Z') } as CheckIn

function written() {
  const all: Message[] = []
  return { all, letters: lettersBy(createMessages({ keeper: null, without: (message) => all.push(message) })) }
}

test('a guest with an address is welcomed, and reminded three hours before check-out', () => {
  const { all, letters } = written()
  letters.arrived(ann, stay, house)
  assert.deepEqual(all.map(({ template, key, to }) => [template, key, to]), [
    ['welcome', 'welcome:r1', 'ann@example.com'],
    ['reminder', 'reminder:r1', 'ann@example.com'],
  ])
  assert.deepEqual(all[1]!.sendAt, new Date('2026-12-03T08:00:00Z'))
  assert.deepEqual(all[0]!.variables, {
    guest: { name: 'Ann Berg' },
    house: { name: 'Harbour Capsules' },
    stay: { capsule: 'A07', until: '2026-12-03', hour: '11:00' },
  })
})

test('a payment is confirmed with its amount', () => {
  const { all, letters } = written()
  letters.paid(ann, { id: 7, guestId: 1, cents: 5800, method: 'card', note: null, paidAt: new Date('2026-12-01T12:00:00Z') }, house)
  assert.deepEqual(all[0]!.variables!.payment, { amount: '58.00 EUR', method: 'card', day: '2026-12-01' })
  assert.equal(all[0]!.key, 'payment:7')
})

test('a guest without an address is written nothing, and who leaves early needs no keeper for it', () => {
  const { all, letters } = written()
  letters.arrived({ ...ann, email: null }, stay, house)
  letters.left(stay)
  assert.deepEqual(all, [])
})
