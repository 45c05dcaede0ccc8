import { z } from 'zod'
import { addresses } from './addresses.ts'

const trustedProxies = addresses.superRefine((written, context) => {
  for (const [index, text] of written.entries()) {
    if (!/\/0+$/.test(text)) continue
    const message = `"${text}" would believe every visitor: name the addresses of the proxy`
    context.addIssue({ code: 'custom', path: [index], message })
  }
})

/** Keys of innkeeper.yaml about what the edge takes from whom. */
export const guard = z.strictObject({
  trustedProxies: trustedProxies
    .default([])
    .describe('Who is believed about visitors: addresses, ranges, cloudflare, private, loopback'),
})
export type GuardConfig = z.output<typeof guard>

/** Defaults of an app that says nothing. */
export const GUARD: GuardConfig = guard.parse({})
