import { z } from 'zod'
import { command, duration, ownValue } from './fields.ts'

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

const dns = z.strictObject({
  add: command.describe(
    'Command that adds a TXT record to your zone; its name and its text are the last two arguments. It runs as the app, in the folder of its release',
  ),
  remove: command.describe('Command that takes the same record out again'),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable has letters, digits and _'),
      ownValue,
    )
    .default({})
    .describe('What these commands get beside the environment of the app, e.g. the token of a DNS provider'),
  wait: duration
    .default(120_000)
    .describe('Longest wait until every name server of the zone answers with the record'),
})

/** Who issues, and as whom they are asked. */
const authority = {
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
  account: binding
    .optional()
    .describe('External account binding, for authorities that issue to their customers alone'),
  root: file
    .optional()
    .describe(
      'File with the root of an authority of your own network, which then asks at the public port itself',
    ),
}

const modern = z
  .boolean()
  .default(false)
  .describe('TLS 1.3 alone, as Mozilla\'s "modern" list says; without, 1.2 for older clients, too')

const issued = z.strictObject({
  ...authority,
  modern,
  email: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, 'an address has one @, and no spaces')
    .optional()
    .describe('Where the authority may write to; it gets the address with the account'),
  dns: dns
    .optional()
    .describe(
      'Proves the names by records of your zone: for wildcards, and for servers that port 80 does not reach',
    ),
  fallback: z
    .strictObject({
      ...authority,
      authority: authority.authority.unwrap().describe('As above, of the second one'),
    })
    .optional()
    .describe('A second authority, asked when the first one has failed again and again'),
})

const own = z.strictObject({
  certificate: file.describe(
    'A certificate of your own instead: its file, with those between it and its root',
  ),
  key: file.describe('Its private key: a file that root alone may read'),
  modern,
})

/** tls: in innkeeper.yaml. */
export const tls = z.union([issued, own])
export type OwnTls = z.output<typeof own>
export type TlsConfig = z.output<typeof issued>
/** An authority that may be asked. */
export type AuthorityConfig = Pick<TlsConfig, keyof typeof authority>

/** Defaults of an app that says nothing. */
export const TLS: TlsConfig = issued.parse({})

/** The address of an authority's directory. */
export const directoryOf = ({ authority }: Pick<AuthorityConfig, 'authority'>): string =>
  (AUTHORITIES as Record<string, string>)[authority] ?? authority
