import { posix } from 'node:path'
import { rangesOf } from '../../config/addresses.ts'
import { headersBy } from '../../config/answers.ts'
import { blockedBy, type GuardConfig } from '../../config/guard.ts'
import type { SiteLimit } from '../../reach/edge/edge.ts'
import type { Cors, Counted, Guard } from '../../reach/edge/guard.ts'

type RateLimit = GuardConfig['rateLimit'][number]

/** What the edge is told of the keys by which an app is protected. `tree`: the folder of the release with its files. */
export const guardOf = (config: GuardConfig, tree: string): Guard => ({
  trusted: rangesOf(config.trustedProxies),
  allow: rangesOf(config.allow),
  deny: rangesOf(config.deny),
  blocked: blockedBy(config.blocked),
  limits: config.rateLimit.map(countedBy),
  headers: headersBy(config.headers),
  redirects: config.redirects,
  pages: Object.fromEntries(
    Object.entries(config.errorPages).map(([status, path]) => [status, posix.join(tree, path)]),
  ),
  ...(config.basicAuth === undefined ? {} : { login: loginOf(config.basicAuth) }),
  ...(config.cors === undefined ? {} : { cors: corsOf(config.cors) }),
})

const loginOf = ({ user, password }: NonNullable<GuardConfig['basicAuth']>): NonNullable<Guard['login']> => ({
  user,
  secret: password.from,
})

const corsOf = ({ maxAge, ...cors }: NonNullable<GuardConfig['cors']>): Cors => ({
  ...cors,
  maxAgeSeconds: Math.round(maxAge / 1000),
})

/** How fast requests may come. An app without a limit says nothing of it. */
export const limitsOf = ({ rateLimit }: GuardConfig): { limits?: SiteLimit[] } =>
  rateLimit.length === 0 ? {} : { limits: rateLimit.map(limit => ({ ...rateOf(limit), burst: limit.burst })) }

function rateOf({ rate }: RateLimit): Pick<SiteLimit, 'requests' | 'per'> {
  const [requests, per] = rate.split('/')
  return { requests: Number(requests), per: per === 'm' ? 'minute' : 'second' }
}

function countedBy(limit: RateLimit): Counted {
  const { requests, per } = rateOf(limit)
  return {
    path: limit.path,
    by: byOf(limit.by),
    retrySeconds: Math.ceil((per === 'minute' ? 60 : 1) / requests),
  }
}

function byOf(by: RateLimit['by']): Counted['by'] {
  if (by === 'address') return { by }
  return 'header' in by ? { by: 'header', name: by.header } : { by: 'cookie', name: by.cookie }
}
