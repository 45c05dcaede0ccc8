import { hostname } from 'node:os'
import type { DatabaseSync } from 'node:sqlite'
import { ADDRESS_HEADER } from '../../reach/people/people.ts'
import type { PasskeyUse } from '../../reach/people/store-passkeys.ts'
import { passkeyOptions } from './passkey-options.ts'

export const DAY = 86_400
const NAME = `Innkeeper ${hostname()}`

export interface LoadOptions {
  db: DatabaseSync
  /** At which dashboard each passkey signs in. */
  passkeyUse: PasskeyUse
  secret: () => Promise<string>
}

export async function load({ db, passkeyUse, secret }: LoadOptions) {
  const [{ betterAuth }, { APIError }, { twoFactor }, { passkey }, { apiKey }, { getMigrations }] =
    await Promise.all([
      import('better-auth'),
      import('better-auth/api'),
      import('better-auth/plugins/two-factor'),
      import('@better-auth/passkey'),
      import('@better-auth/api-key'),
      import('better-auth/db/migration'),
    ])
  const links = new Map<string, string>()
  // The first two encrypt what they keep with the secret, which is itself kept encrypted with the key of the home. Of
  // passkeys only public keys are kept.
  const plugins = [
    apiKey({
      ...{ rateLimit: { enabled: false }, defaultPrefix: 'inn_' },
      // What the routes of tokens take; and those of assistants end within an hour.
      ...{ keyExpiration: { minExpiresIn: 0, maxExpiresIn: 3650 }, maximumNameLength: 100 },
    }),
    twoFactor({ issuer: NAME }),
    passkey({
      rpName: NAME,
      ...passkeyOptions({ db, passkeyUse, refuse: code => new APIError('UNAUTHORIZED', code) }),
    }),
  ]
  const config = { ...configuration({ db, secret: await secret(), links }), plugins }
  const { runMigrations } = await getMigrations(config)
  await runMigrations()
  // Removes keys that are not in the table of tokens: the library would take their role from the key itself.
  db.exec('delete from apikey where id not in (select key from token)')
  return { instance: betterAuth(config), links }
}

interface Configured {
  db: DatabaseSync
  secret: string
  /** E-mail address → the token of the link that lets this person choose a password. */
  links: Map<string, string>
}

// It has no address: the dashboard is reached by several names (a tunnel, a domain), and the library takes that of each
// request. A passkey belongs to this name, and so does the cookie.
const configuration = ({ db, secret, links }: Configured) => ({
  database: db,
  trustedOrigins: async (request?: Request) => (request === undefined ? [] : [new URL(request.url).origin]),
  secret,
  telemetry: { enabled: false },
  logger: { level: 'error' as const },
  // A browser drops the cookie a week after the sign-in, so the session ends then too, however much it is used.
  // How old it is matters nowhere: what takes more than a session asks for the password.
  session: { expiresIn: 7 * DAY, freshAge: 0, disableSessionRefresh: true },
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
  // Without TLS there would be no session at all if it said `Secure`; reach/people/routes-library.ts adds it behind TLS.
  advanced: {
    cookiePrefix: 'innkeeper',
    useSecureCookies: false,
    ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
  },
  user: {
    additionalFields: {
      role: { type: 'string' as const, input: false, required: true, defaultValue: 'viewer' },
    },
  },
})
