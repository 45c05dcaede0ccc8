import { z } from 'zod'
import { Day } from '../http/params.ts'

export const kinds = ['sessions', 'invoices'] as const
export type ExportKind = (typeof kinds)[number]

export interface Export {
  id: number
  kind: ExportKind
  fromDay: string
  toDay: string
  file: string
  rowCount: number
  madeBy: string
  madeAt: Date
}

export const NewExport = z
  .strictObject({ kind: z.enum(kinds), fromDay: Day, toDay: Day })
  .refine((e) => e.fromDay <= e.toDay, { path: ['toDay'], message: 'must not be before fromDay' })
export type NewExport = z.infer<typeof NewExport>
