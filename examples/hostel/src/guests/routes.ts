import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import express, { Router } from 'express'
import { z } from 'zod'
import type { Deps } from '../app.ts'
import { idOf, limitOf } from '../http/params.ts'
import { notFound } from '../http/refusal.ts'
import { GuestInput } from './input.ts'
import { keepPhoto, PHOTO_LIMIT } from './photo.ts'

const Search = z.string().trim().max(80).default('')

export function guestRoutes({ storage, config }: Deps): Router {
  const routes = Router()
  routes.get('/', async (req, res) => {
    res.json(await storage.guests.list(Search.parse(req.query.search), limitOf(req)))
  })
  routes.post('/', async (req, res) => {
    res.status(201).json(await storage.guests.findOrAdd(GuestInput.parse(req.body)))
  })
  routes.patch('/:id', async (req, res) => {
    const guest = await storage.guests.update(idOf(req), GuestInput.partial().parse(req.body))
    if (!guest) throw notFound('guest')
    res.json(guest)
  })
  routes.get('/:id/photo', async (req, res) => {
    const guest = await storage.guests.get(idOf(req))
    if (!guest?.photo) throw notFound('photo')
    res.sendFile(guest.photo, { root: resolve(config.uploadsDir), headers: { 'cache-control': 'private, no-store' } })
  })
  routes.put('/:id/photo', express.raw({ type: 'image/*', limit: PHOTO_LIMIT }), async (req, res) => {
    const guest = await storage.guests.get(idOf(req))
    if (!guest) throw notFound('guest')
    const photo = await keepPhoto(config.uploadsDir, req.body)
    await storage.guests.setPhoto(guest.id, photo)
    if (guest.photo) await rm(join(config.uploadsDir, guest.photo), { force: true })
    res.status(201).json({ photo })
  })
  return routes
}
