import { z } from 'zod'

export const Id = z.coerce.number().int().positive().max(2_147_483_647)
export const Day = z.iso.date()
export const Moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

export const idOf = (req: { params: Record<string, unknown> }): number => Id.parse(req.params.id)

export const Page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
})
