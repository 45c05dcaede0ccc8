import { Router } from 'express'
import type { Deps } from '../app.ts'
import { SettingsInput } from './settings.ts'

export function settingsRoutes({ storage }: Deps): Router {
  const routes = Router()
  routes.get('/', async (_req, res) => {
    res.json(await storage.settings.read())
  })
  routes.put('/', async (req, res) => {
    await storage.settings.write(SettingsInput.parse(req.body))
    res.json(await storage.settings.read())
  })
  return routes
}
