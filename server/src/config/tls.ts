import { z } from 'zod'
import { ownValue } from './fields.ts'

/** Directories of authorities that have a name here. */
const AUTHORITIES = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const

const names = Object.keys(AUTHORITIES) as Array<keyof typeof AUTHORITIES>

/** A file on the server: the path is whole, and one line. */
const file = z.string().regex(/^\/[^\p{Cc}\u2028\u2029]*\S$/u, 'a file is a whole path, on the server')

const binding = z.strictObject({
  kid: ownValue.describe('The id that the authority gave you'),
  key: ownValue.describe('The HMAC key that it gave you, as base64url'),
})

const issued = z.strictObject({
  authority: z
    .union([
      z.enum(names),
      z
        .string()
        .regex(/^https:\/\/[^\s/]+(\/\S*)?$/, 'the directory of another authority is an https:// address'),
    ])
    .default('letsencrypt')
    .describe('Who issues: one of these names, or the https:// address of an ACME directory'),
  profile: z
    .string()
    .regex(/^[a-z0-9._-]{1,64}$/i, 'a profile has letters, digits, ., _ and -')
    .optional()
    .describe('Which of its kinds of certificates the authority is to issue, e.g. shortlived'),
  email: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, 'an address has one @, and no spaces')
    .optional()
    .describe('Where the authority may write to; it gets the address with the account'),
  account: binding
    .optional()
    .describe('External account binding, for authorities that issue to their customers alone'),
  root: file
    .optional()
    .describe(
      'File with the root of an authority of your own network, which then asks at the public port itself',
    ),
})

const own = z.strictObject({
  certificate: file.describe(
    'A certificate of your own instead: its file, with those between it and its root',
  ),
  key: file.describe('Its private key: a file that root alone may read'),
})

/** tls: in innkeeper.yaml. */
export const tls = z.union([issued, own])
export type OwnTls = z.output<typeof own>
export type TlsConfig = z.output<typeof issued>

/** Defaults of an app that says nothing. */
export const TLS: TlsConfig = issued.parse({})

/** The address of an authority's directory. */
export const directoryOf = ({ authority }: Pick<TlsConfig, 'authority'>): string =>
  (AUTHORITIES as Record<string, string>)[authority] ?? authority
