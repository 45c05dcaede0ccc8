import { z } from 'zod'

/** The checks of an app, by their ids; `watch/security/checks.ts` says what each of them is. */
export const APP_CHECKS = [
  'secrets.weak',
  'secrets.plain',
  'secrets.old',
  'urls.password',
  'urls.tls',
  'web.https',
  'web.hsts',
  'web.cors',
  'web.cookies',
  'web.sign-in',
  'web.exposed',
  'database.role',
  'database.public',
  'database.network',
  'app.root',
  'app.files',
  'packages.holes',
] as const
export type AppCheck = (typeof APP_CHECKS)[number]

/** security: in innkeeper.yaml. */
export const security = z.strictObject({
  accepted: z
    .partialRecord(
      z.enum(APP_CHECKS),
      z.string().min(10, 'say why, in ten letters at least, for whoever reads it in a year'),
    )
    .default({})
    .describe('Findings of `inn security check` that are meant to be so: the id of the check, and why'),
})
