import { rangesOf } from '../../config/addresses.ts'
import type { AppConfig } from '../../config/config.ts'
import type { Guard } from '../../reach/edge/guard.ts'

/** What the edge is told of the keys by which an app is protected. */
export const guardOf = ({ trustedProxies }: Pick<AppConfig, 'trustedProxies'>): Guard => ({
  trusted: rangesOf(trustedProxies),
})
