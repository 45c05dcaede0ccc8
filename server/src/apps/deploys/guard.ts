import { rangesOf } from '../../config/addresses.ts'
import { blockedBy, type GuardConfig } from '../../config/guard.ts'
import type { Guard } from '../../reach/edge/guard.ts'

/** What the edge is told of the keys by which an app is protected. */
export const guardOf = (config: GuardConfig): Guard => ({
  trusted: rangesOf(config.trustedProxies),
  allow: rangesOf(config.allow),
  deny: rangesOf(config.deny),
  blocked: blockedBy(config.blocked),
})
