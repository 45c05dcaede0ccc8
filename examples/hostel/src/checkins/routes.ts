import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Deps } from '../app.ts'
import { idOf, limitOf } from '../http/params.ts'
import { DeskCheckIn, dueOut, Placement } from './checkin.ts'

export function checkInRoutes({ storage, letters }: Deps): Router {
  const routes = Router()
  routes.get('/', async (req, res) => {
    const [present, waiting] = await Promise.all([storage.checkIns.present(limitOf(req)), storage.checkIns.waiting()])
    res.json({ present, waiting })
  })
  routes.post('/', async (req, res) => {
    const { guest: input, capsule, nights } = DeskCheckIn.parse(req.body)
    const house = await storage.settings.read()
    const guest = await storage.guests.findOrAdd(input)
    const checkedInAt = new Date()
    const { checkIn } = await storage.checkIns.record({
      ref: `desk-${randomUUID()}`,
      guestId: guest.id,
      source: 'desk',
      capsule,
      checkedInAt,
      dueOut: dueOut(checkedInAt, { nights, checkOutHour: house.checkOutHour }),
    })
    storage.changes.announce()
    letters.arrived(guest, checkIn, house)
    res.status(201).json(checkIn)
  })
  routes.put('/:id/capsule', async (req, res) => {
    const checkIn = await storage.checkIns.place(idOf(req), Placement.parse(req.body).capsule)
    storage.changes.announce()
    res.json(checkIn)
  })
  routes.post('/:id/check-out', async (req, res) => {
    const checkIn = await storage.checkIns.checkOut(idOf(req), new Date())
    storage.changes.announce()
    letters.left(checkIn)
    res.json(checkIn)
  })
  return routes
}
