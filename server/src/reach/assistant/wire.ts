import { z } from 'zod'

/** The token of an assistant, shown only now: it reads and proposes, in the name and with the role of who asked. */
export const AssistantAnswer = z.object({ name: z.string(), secret: z.string(), endsAt: z.iso.datetime() })
export type AssistantAnswer = z.infer<typeof AssistantAnswer>

export const AssistantEnded = z.object({ ended: z.literal(true) })
