import { z } from 'zod'

const Id = z.coerce.number().int().positive().max(2_147_483_647)

export const idOf = (req: { params: Record<string, unknown> }): number => Id.parse(req.params.id)
export const limitOf = (req: { query: Record<string, unknown> }): number =>
  z.coerce.number().int().min(1).max(500).default(100).parse(req.query.limit)
