import { z } from 'zod'
import { duration } from './fields.ts'

/** What browsers are told of every answer that says nothing of it itself. None of these breaks an app that nobody embeds. */
const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
}

/** Headers that are the edge's, the connection's or the body's. */
const NOT_OURS =
  /^(connection|content-encoding|content-length|content-type|date|keep-alive|location|server|set-cookie|te|trailer|transfer-encoding|upgrade|vary|x-accel-.*|access-control-.*)$/i

const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'a header has letters, digits and - in its name')
  .refine(name => !NOT_OURS.test(name), 'this header is not for all answers: the app sends it itself')

const headerValue = z
  .string()
  .regex(
    /^[!-~]([ -~]{0,3998}[!-~])?$/,
    'a header has plain letters, no line breaks, and 4000 of them at most',
  )

export const headers = z
  .record(headerName, z.union([headerValue, z.literal(false)]))
  .default({})
  .describe('Of answers that lack them; false takes one of the usual ones out')

const origin = z
  .string()
  .regex(
    /^(\*|https?:\/\/[a-z0-9.-]+(:\d{1,5})?)$/,
    'an origin is as browsers write it, as in https://app.example.com, or *',
  )

export const cors = z
  .strictObject({
    origins: z
      .array(origin)
      .min(1)
      .describe('Sites whose pages may read answers, as in https://app.example.com; *: all'),
    expose: z.array(headerName).default([]).describe('Headers of answers that their scripts may read'),
    credentials: z.boolean().default(false).describe('Whether they may ask with the cookies of the visitor'),
    maxAge: duration.default(3_600_000).describe('How long a browser remembers what it may send'),
  })
  .refine(({ origins, credentials }) => !credentials || !origins.includes('*'), {
    path: ['credentials'],
    message: 'every site could act as the visitor: name the origins',
  })

/** The usual headers and those of the file, which win. */
export function headersBy(
  written: Readonly<Record<string, string | false>>,
): Array<{ name: string; value: string }> {
  const own = new Set(Object.keys(written).map(name => name.toLowerCase()))
  const usual = Object.entries(HEADERS).filter(([name]) => !own.has(name.toLowerCase()))
  return [...Object.entries(written), ...usual].flatMap(([name, value]) =>
    value === false ? [] : [{ name, value }],
  )
}
