import { hostname } from 'node:os'
import type { DatabaseSync } from 'node:sqlite'
import { ADDRESS_HEADER } from '../../reach/people/people.ts'

export const DAY = 86_400

export interface LoadOptions {
  db: DatabaseSync
  /** URL of the dashboard. */
  url: string
  secret: () => Promise<string>
}

export async function load({ db, url, secret }: LoadOptions) {
  const [{ betterAuth }, { twoFactor }, { apiKey }, { getMigrations }] = await Promise.all([
    import('better-auth'),
    import('better-auth/plugins/two-factor'),
    import('@better-auth/api-key'),
    import('better-auth/db/migration'),
  ])
  const links = new Map<string, string>()
  // Both encrypt what they keep with the secret: it is itself kept encrypted with the key of the home.
  const plugins = [
    apiKey({
      ...{ rateLimit: { enabled: false }, defaultPrefix: 'inn_' },
      // What the routes of tokens take; and those of assistants end within an hour.
      ...{ keyExpiration: { minExpiresIn: 0, maxExpiresIn: 3650 }, maximumNameLength: 100 },
    }),
    twoFactor({ issuer: `Innkeeper ${hostname()}` }),
  ]
  const config = { ...configuration({ db, url, secret: await secret(), links }), plugins }
  const { runMigrations } = await getMigrations(config)
  await runMigrations()
  // Removes keys that are not in the table of tokens: the library would take their role from the key itself.
  db.exec('delete from apikey where id not in (select key from token)')
  return { instance: betterAuth(config), links }
}

interface Configured {
  db: DatabaseSync
  url: string
  secret: string
  /** E-mail address → the token of the link that lets this person choose a password. */
  links: Map<string, string>
}

const configuration = ({ db, url, secret, links }: Configured) => ({
  database: db,
  baseURL: url,
  // Reached by other names too (a tunnel, a domain): the cookie is bound to the host it came from.
  trustedOrigins: async (request?: Request) => (request === undefined ? [] : [new URL(request.url).origin]),
  secret,
  telemetry: { enabled: false },
  logger: { level: 'error' as const },
  // A browser drops the cookie a week after the sign-in, so the session ends then too, however much it is used.
  session: { expiresIn: 7 * DAY, disableSessionRefresh: true },
  verification: { storeIdentifier: 'hashed' as const },
  emailAndPassword: {
    enabled: true,
    disableSignUp: true,
    minPasswordLength: 12,
    resetPasswordTokenExpiresIn: DAY,
    revokeSessionsOnPasswordReset: true,
    sendResetPassword: async ({ user, token }: { user: { email: string }; token: string }) =>
      void links.set(user.email, token),
  },
  // It counts by what a header says; reach/people/routes-auth.ts counts by person as well.
  rateLimit: { enabled: false },
  // The edge takes this cookie from what it passes to apps (drivers/nginx/headers.ts): a browser sends it to all ports of a host.
  advanced: { cookiePrefix: 'innkeeper', ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] } },
  user: {
    additionalFields: {
      role: { type: 'string' as const, input: false, required: true, defaultValue: 'viewer' },
    },
  },
})
