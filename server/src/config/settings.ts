import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../kernel/failure.ts'
import { MetricsPorts } from './metrics.ts'

/** settings.json of a home, written once when the home was set up. */
export const Settings = z.strictObject({
  /** The keeper's own port on loopback. */
  apiPort: z.number().int(),
  /** The public port of apps with domains; null: no app is public. */
  httpPort: z.number().int().nullable(),
  /** The public port for TLS of the same apps; null: there is none. A home of an earlier version has none until `inn up`. */
  httpsPort: z.number().int().nullable().optional(),
  /** Whether what connects to the public ports speaks the PROXY protocol; missing: it does not. */
  proxyProtocol: z.boolean().optional(),
  /** address:port of the DNS server at which domains are looked up; missing: those of the system. */
  resolver: z
    .string()
    .regex(/^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(:\d{1,5})?$/i)
    .optional(),
  /** The ports of what measures; null: nothing does. Missing: it was not decided yet, or its packages were not there. */
  metrics: MetricsPorts.nullable().optional(),
})
export type Settings = z.infer<typeof Settings>

/** null: this home was never set up. */
export async function readSettings(home: string): Promise<Settings | null> {
  const path = join(home, 'settings.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const parsed = Settings.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Failure('settings.invalid', `${path} cannot be used`, {
    why: parsed.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('\n'),
    fix: 'correct it, or remove it and run `inn up`',
  })
}

/** The public port that somebody wishes: a number, `none`, or what is usual. Failure `home.http-port`. */
export function httpPortOf(
  wished: string | undefined,
  usual: number | null,
  variable = 'INNKEEPER_HTTP_PORT',
): number | null {
  if (wished === undefined) return usual
  if (wished === 'none') return null
  if (/^[1-9]\d{0,4}$/.test(wished) && Number(wished) < 65_536) return Number(wished)
  throw new Failure('home.http-port', `${variable}=${wished} is no port`, {
    why: 'it is a number from 1 to 65535, or none: there is no such port',
    fix: 'correct it, then: `inn up`',
  })
}

/** Whether a home is to be measured, by what somebody wishes. Failure `home.metrics`. */
export function wantsMetrics(wished: string | undefined): boolean {
  if (wished === undefined || wished === 'none') return wished === undefined
  throw new Failure('home.metrics', `INNKEEPER_METRICS=${wished} means nothing`, {
    why: 'it is none: nothing is measured; without it everything is',
    fix: 'leave it out, then: `inn up`',
  })
}

/** The usual port for TLS: who has another public port than the usual one may have something in front of it that does TLS. */
export const usualHttpsPort = (httpPort: number | null): number | null =>
  httpPort === 80 ? 443 : httpPort === 8080 ? 8443 : null
