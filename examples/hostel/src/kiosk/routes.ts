import { randomBytes } from 'node:crypto'
import { type Request, Router } from 'express'
import { z } from 'zod'
import type { Deps } from '../app.ts'
import { dueOut } from '../checkins/checkin.ts'
import { Refusal } from '../http/refusal.ts'
import type { Storage } from '../storage/storage.ts'
import { type KioskToken, SelfCheckIn, TokenInput } from './kiosk.ts'

const Prefix = z.object({ prefix: z.string().min(1).max(120) })

/** Open to guests: the token in the address is what lets them in. */
export function selfCheckInRoutes({ storage, letters }: Deps): Router {
  const routes = Router()
  routes.get('/:token', async (req, res) => {
    const token = await validToken(storage, req.params.token)
    const { hostelName, currency, nightlyCents } = await storage.settings.read()
    res.json({ hostelName, currency, nightlyCents, open: token.reusable || !token.usedAt })
  })
  routes.post('/:token', async (req, res) => {
    const token = await validToken(storage, req.params.token)
    const input = SelfCheckIn.parse(req.body)
    const { created, checkIn, guest, house } = await checkInWith(storage, { token, input })
    if (created) storage.changes.announce()
    if (created && guest && house) letters.arrived(guest, checkIn, house)
    const { id, ref, state, capsule } = checkIn
    res.status(created ? 201 : 200).json({ id, ref, state, capsule })
  })
  return routes
}

export function kioskTokenRoutes({ storage }: Deps): Router {
  const routes = Router()
  routes.get('/', async (_req, res) => {
    res.json(await storage.kiosk.list())
  })
  routes.post('/', async (req, res) => {
    const token = { token: randomBytes(12).toString('base64url'), ...TokenInput.parse(req.body) }
    await storage.kiosk.add(token)
    res.status(201).json(token)
  })
  return routes
}

/** How many check-ins have a ref that starts so. For the desk, and for a kiosk that shows its token. */
export function countRoute({ storage, sessions }: Deps) {
  return async (req: Request) => {
    const header = req.get('x-kiosk-token')
    if (header) await validToken(storage, header)
    else if (!(await sessions.user(req))) throw new Refusal(401, 'not_logged_in', 'Log in, or send X-Kiosk-Token.')
    const { prefix } = Prefix.parse(req.query)
    return { prefix, count: await storage.checkIns.count(prefix) }
  }
}

async function validToken(storage: Storage, token: string): Promise<KioskToken> {
  const found = await storage.kiosk.find(token)
  if (!found) throw new Refusal(404, 'unknown_token', 'This check-in link is not known. Ask at the desk for a new one.')
  return found
}

type Arrival = { token: KioskToken; input: z.infer<typeof SelfCheckIn> }

async function checkInWith(storage: Storage, { token, input: { ref, nights, ...input } }: Arrival) {
  if (!token.reusable) {
    // Asked first, so that a guest whose answer got lost on the way may ask again.
    const known = await storage.checkIns.byRef(ref)
    if (known) return { checkIn: known, created: false, guest: null, house: null }
    const first = await storage.kiosk.use(token.token, new Date())
    if (!first) throw new Refusal(410, 'used_token', 'This check-in link has been used. Ask at the desk for a new one.')
  }
  const [guest, house] = await Promise.all([storage.guests.findOrAdd(input), storage.settings.read()])
  const checkedInAt = new Date()
  const due = dueOut(checkedInAt, { nights, checkOutHour: house.checkOutHour })
  const recorded = await storage.checkIns.record({ ref, guestId: guest.id, source: 'kiosk', checkedInAt, dueOut: due })
  return { ...recorded, guest, house }
}
