import { z } from 'zod'

export const optionalText = (max: number) =>
  z.string().trim().max(max).transform((text) => text || null).nullish()

export const GuestInput = z.object({
  name: z.string().trim().min(2).max(120),
  phone: z.string().trim().regex(/^\+?[0-9 ()-]{5,24}$/, 'is not a phone number'),
  email: z.union([z.email(), z.literal('').transform(() => null)]).nullish(),
  nationality: optionalText(60),
})
