import { createMessages, InnkeeperError, type Message, type Messages } from '@innkeeper/sdk/messages'
import type { CheckIn } from '../checkins/checkin.ts'
import type { Guest } from '../guests/guest.ts'
import { log } from '../log.ts'
import type { Payment } from '../money/money.ts'
import type { HouseSettings } from '../settings/settings.ts'

/** How long before they have to leave guests are reminded. */
const REMINDED_MS = 3 * 3_600_000

/** What guests are written. Nobody at the desk waits for it, and a guest without an address is written nothing. */
export interface Letters {
  arrived(guest: Guest, checkIn: CheckIn, house: HouseSettings): void
  left(checkIn: CheckIn): void
  paid(guest: Guest, payment: Payment, house: HouseSettings): void
}

export function lettersBy(messages: Messages = createMessages({ without: tell })): Letters {
  const send = (message: Message) => void messages.send(message).catch((error: Error) => warn(message.template, error))
  return {
    arrived({ email, name }, checkIn, house) {
      if (!email) return
      const stay = stayOf(checkIn, house)
      const variables = { guest: { name }, house: { name: house.hostelName }, stay }
      send({ to: email, template: 'welcome', variables, key: `welcome:${checkIn.ref}` })
      const sendAt = new Date(checkIn.dueOut.getTime() - REMINDED_MS)
      send({ to: email, template: 'reminder', variables, key: reminder(checkIn), sendAt })
    },
    left(checkIn) {
      // Who left before nobody need remind. What was sent, or never was, cannot be taken back.
      messages.cancel({ key: reminder(checkIn) }).catch(() => {})
    },
    paid({ email, name }, { id, cents, method, paidAt }, { hostelName, currency }) {
      if (!email) return
      const payment = { amount: `${(cents / 100).toFixed(2)} ${currency}`, method, day: dayOf(paidAt) }
      const variables = { guest: { name }, house: { name: hostelName }, payment }
      send({ to: email, template: 'payment', variables, key: `payment:${id}` })
    },
  }
}

const reminder = ({ ref }: CheckIn) => `reminder:${ref}`

const stayOf = ({ capsule, dueOut }: CheckIn, { checkOutHour }: HouseSettings) => ({
  capsule,
  until: dayOf(dueOut),
  hour: `${String(checkOutHour).padStart(2, '0')}:00`,
})

const dayOf = (at: Date) => at.toISOString().slice(0, 10)

const tell = ({ template }: Message) => log.info('no Innkeeper runs this app: a message is not sent', { template })
// The code alone: the message of an error may name the guest's address.
const warn = (template: string, error: Error) =>
  log.warn('a message was not sent', { template, reason: error instanceof InnkeeperError ? error.code : error.name })
