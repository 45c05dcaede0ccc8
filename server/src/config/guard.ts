import { z } from 'zod'
import { addresses } from './addresses.ts'
import { cors, headers } from './answers.ts'
import { inside, variable } from './fields.ts'

const HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

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

const headerOf = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'a header has letters, digits and - in its name')
  .describe('Its name, e.g. X-Api-Key')
const cookieOf = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a cookie has letters, digits, _, . and - in its name')
  .describe('Its name, e.g. connect.sid')

/** Each takes a counter of the edge's own. */
const MOST_LIMITS = 8

const rateLimit = z.strictObject({
  rate: z
    .string()
    .regex(/^[1-9]\d{0,5}\/[sm]$/, 'a rate is a number and /s or /m, as in 10/s or 5/m')
    .describe('So many requests of a second or a minute, as in 10/s or 5/m; as many may come at once'),
  path: z
    .string()
    .regex(
      /^\/([^\s?#*%\\]*[^\s?#*%\\/])?$/,
      'a path begins with /, does not end with it, and has no ?, #, % or *',
    )
    .default('/')
    .describe('Of which path, with what is below it'),
  by: z
    .union([z.literal('address'), z.strictObject({ header: headerOf }), z.strictObject({ cookie: cookieOf })])
    .default('address')
    .describe('By what visitors are told apart: their address, or { header: NAME }, { cookie: NAME }'),
  burst: z.number().int().min(0).max(100_000).default(0).describe('How many more may come at once'),
})

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
  rateLimit: z
    .array(rateLimit)
    .max(MOST_LIMITS, `an app has ${MOST_LIMITS} limits at most`)
    .default([])
    .describe('How fast requests of one visitor may come; more get 429'),
  redirects: z
    .record(z.string().regex(HOST, 'not a host name'), z.string().regex(HOST, 'not a host name'))
    .default({})
    .describe('Names of domains whose visitors are sent to another name, with the same path'),
  errorPages: z
    .strictObject({
      502: inside.optional().describe('When no instance answers'),
      503: inside.optional().describe('While the app is stopped, or replaced for long: maintenance'),
      504: inside.optional().describe('When the answer takes longer than timeout'),
    })
    .default({})
    .describe("Pages of your own in the place of the edge's: files of the repository"),
  basicAuth: z
    .strictObject({
      user: z
        .string()
        .regex(/^[\w.@-]{1,64}$/, 'a name has letters, digits and _ . @ -')
        .describe('The name to sign in with'),
      password: z.strictObject({ from: variable }).describe('The password, given at a deploy'),
    })
    .optional()
    .describe('Visitors are asked for this name and password, for a site that is not public yet'),
  headers,
  cors: cors
    .optional()
    .describe('Which other sites may read answers, where the app itself says nothing of it'),
})
export type GuardConfig = z.output<typeof guard>

/** Defaults of an app that says nothing. */
export const GUARD: GuardConfig = guard.parse({})
