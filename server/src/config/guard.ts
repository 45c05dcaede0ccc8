import { z } from 'zod'
import { addresses } from './addresses.ts'

const trustedProxies = addresses.superRefine((written, context) => {
  for (const [index, text] of written.entries()) {
    if (!/\/0+$/.test(text)) continue
    const message = `"${text}" would believe every visitor: name the addresses of the proxy`
    context.addIssue({ code: 'custom', path: [index], message })
  }
})

/** What apps most often expose by mistake, and nobody asks for who means well. Metrics are scraped at the site's own port. */
export const BLOCKED = [
  '/metrics',
  '.git*',
  '.env*',
  '.svn',
  '.hg',
  '.npmrc',
  '.yarnrc*',
  '.htpasswd',
  '.htaccess',
  '.aws',
  '.ssh',
  '.docker*',
  '.vscode',
  '.idea',
  '.DS_Store',
]

/** The word that stands for all of them. */
const DEFAULT = 'default'

const blockedPath = z
  .string()
  .regex(
    /^(\/[^\s?#*%\\]*)?[^\s/?#*%\\]+\*?$/,
    'a path as in /admin/queues, a name as in .git that may stand anywhere, or default; * may end it, and ?, # and % do not stand in it',
  )
  .max(200, 'a blocked path has 200 letters at most')

/** The paths of a list as the file has it. */
export const blockedBy = (written: readonly string[]): string[] =>
  written.flatMap(text => (text === DEFAULT ? BLOCKED : [text]))

/** Keys of innkeeper.yaml about what the edge takes from whom. */
export const guard = z.strictObject({
  trustedProxies: trustedProxies
    .default([])
    .describe('Who is believed about visitors: addresses, ranges, cloudflare, private, loopback'),
  allow: addresses.default([]).describe('Visitors who alone are let in; others get 403. Default: all'),
  deny: addresses.default([]).describe('Visitors who are not let in: they get 403'),
  blocked: z
    .array(blockedPath)
    .default([DEFAULT])
    .describe('Paths that visitors get 404 for; default: what apps expose by mistake, as .git and /metrics'),
})
export type GuardConfig = z.output<typeof guard>

/** Defaults of an app that says nothing. */
export const GUARD: GuardConfig = guard.parse({})
