import { randomBytes } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Router } from 'express'
import { accountOf, only } from '../accounts/login.ts'
import type { Pool } from '../database/pool.ts'
import { idOf } from '../http/params.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { writeCsv } from './csv.ts'
import { NewExport } from './export.ts'
import { exportById, listExports, noteExport } from './store.ts'

export function exportRoutes(pool: Pool, settings: { exportsDir: string; timeZone: string }): Router {
  const folder = resolve(settings.exportsDir)
  const routes = Router()
  routes.use(only('admin'))
  routes.get('/', async (_req, res) => {
    res.json(await listExports(pool))
  })
  routes.post('/', async (req, res) => {
    const wanted = NewExport.parse(req.body)
    const file = `${wanted.kind}-${wanted.fromDay}-${wanted.toDay}-${randomBytes(4).toString('hex')}.csv`
    const rowCount = await writeCsv(pool, wanted, { folder, file, timeZone: settings.timeZone })
    const id = await noteExport(pool, { ...wanted, file, rowCount, madeBy: accountOf(res).id })
    res.status(201).json(await exportById(pool, id))
  })
  routes.get('/:id/file', async (req, res) => {
    const made = await exportById(pool, idOf(req))
    if (!made) throw notFound('export')
    const there = await access(join(folder, made.file)).then(() => true, () => false)
    if (!there) throw new Refusal(410, 'file_gone', 'The file of this export is not there any more. Make it again.')
    res.download(made.file, made.file, { root: folder })
  })
  return routes
}
