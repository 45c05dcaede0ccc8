import { Router } from 'express'
import { all, type Database } from '../database/pool.ts'

export interface Therapist {
  id: number
  name: string
  approach: string
  room: string
  feeCents: number
}

export function therapistRoutes(db: Database): Router {
  const routes = Router()
  routes.get('/', async (_req, res) => {
    const therapists = await all<Therapist>(
      db,
      `select id, name, approach, room, fee_cents as "feeCents"
       from therapists join accounts using (id) where active order by name`,
    )
    res.json(therapists)
  })
  return routes
}
