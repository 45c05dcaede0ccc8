import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { TableComparison, TableRequest } from '../restores/wire.ts'
import type { Tables } from './tables.ts'

interface Ports {
  tables: Tables
  answer: Answer
}

/** Routes for single tables. They show rows of the app, so only admins may call them. */
export function tableRoutes(app: Routes, { tables, answer }: Ports): void {
  const admin = { permission: 'admin' } as const
  const ByRun = z.object({ run: z.string().max(64) })
  const demandRun = async (request: Pick<FastifyRequest, 'demand'> & { params: { run: string } }) =>
    request.demand((await tables.comparison(request.params.run)).app)

  app.post(
    '/api/apps/:app/restore/tables',
    {
      config: admin,
      schema: { params: z.object({ app: z.string() }), body: TableRequest, response: { 200: ChangeAnswer } },
    },
    async request => answer(request, request.body, await tables.plan(request.params.app, request.body)),
  )

  app.get(
    '/api/restores/tables/:run',
    { config: { ...admin, sorts: true }, schema: { params: ByRun, response: { 200: TableComparison } } },
    async request => {
      await demandRun(request)
      const { at, says, ...found } = await tables.comparison(request.params.run)
      return { ...found, at: new Date(at).toISOString(), moment: says, tables: [...found.tables] }
    },
  )

  app.get(
    '/api/restores/tables/:run/csv',
    { config: { ...admin, sorts: true }, schema: { params: ByRun } },
    async (request, reply) => {
      await demandRun(request)
      const file = await tables.csv(request.params.run)
      reply.header('content-type', 'text/csv; charset=utf-8; header=present')
      reply.header('content-length', (await stat(file)).size)
      reply.header('cache-control', 'no-store')
      return reply.send(createReadStream(file))
    },
  )
}
