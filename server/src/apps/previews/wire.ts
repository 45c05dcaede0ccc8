import { z } from 'zod'
import { PlainRequest } from '../../engine/wire-change.ts'

/** The deploy of a branch beside what serves, for a time. */
export const PreviewView = z.object({
  /** Its key: `shop@preview-pr-12`. */
  app: z.string(),
  /** `pr-12` */
  name: z.string(),
  /** The number of its pull request; null: somebody deployed it by hand. */
  pull: z.number().int().nullable(),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  /** Of its last deploy; null: none went well. */
  deployedAt: z.iso.datetime().nullable(),
  /** When it is removed with its data. */
  endsAt: z.iso.datetime(),
  /** What visitors of its domain are asked for; null: nothing, or whoever asks may not deploy it. */
  login: z.object({ user: z.string(), password: z.string() }).nullable(),
})
export type PreviewView = z.infer<typeof PreviewView>

export const DownRequest = PlainRequest
