import type { AskedAs } from '../../apps/checks/health.ts'
import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import { kindOf } from '../../config/cross-probes.ts'
import { givenIn } from '../../config/given.ts'
import type { ProbeConfig } from '../../config/probes.ts'
import { bareHost } from '../../kernel/hosts.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Probing, Target } from './probe.ts'

/** What probes of an app are made of. */
export interface Around {
  app: string
  /** The port on loopback where the edge serves it. */
  port: number
  release: string
  config: AppConfig
  /** What services get. */
  env: Readonly<Record<string, string>>
  secrets: Readonly<Record<string, string>>
  /** Instances that take traffic. */
  instances: ReadonlyArray<{ service: string; instance: string; port: number }>
}

/** The probe that each app has without a line. One of this name in the file takes its place. */
export const EDGE = 'edge'
const DAYS = 14

/** Every probe of an app, with what it asks. */
export function probingsOf(around: Around): Probing[] {
  const { config } = around
  const own = config.probes[EDGE] === undefined ? throughEdge(around) : []
  return [
    ...own,
    ...Object.entries(config.probes).flatMap(([name, probe]) =>
      targetsOf(around, probe).map(
        ([instance, target, shown]): Probing => ({
          ...{ app: around.app, name, instance, own: false, kind: target.kind, shown, target },
          ...{ everyMs: probe.every, timeoutMs: probe.timeout, failures: probe.failures, level: probe.level },
        }),
      ),
    ),
  ]
}

/** The service whose health path leads to it through the edge, too: what visitors of `/` get comes first. */
export function healthRoute({
  services,
  routes,
}: Pick<AppConfig, 'services' | 'routes'>): ServiceConfig | null {
  const leadsTo = (path: string) =>
    routes.find(({ prefix }) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`))?.service
  const main = routes.find(({ prefix }) => prefix === '/')?.service
  const seen = services.filter(
    ({ name, kind, health: { path } }) =>
      kind === 'web' && path !== undefined && leadsTo(path.split('?')[0]!) === name,
  )
  return seen.find(({ name }) => name === main) ?? seen[0] ?? null
}

function throughEdge(around: Around): Probing[] {
  const service = around.config.domains.length === 0 ? null : healthRoute(around.config)
  if (service === null) return []
  const { status, expect, contentType } = service.health
  const wanted = { status, expect, ...(contentType === undefined ? {} : { contentType }) }
  const [target, shown] = byEdge(around, service.health.path!, wanted)
  return [
    {
      ...{ app: around.app, name: EDGE, instance: null, own: true, kind: 'http', shown, target },
      ...{ everyMs: 60_000, timeoutMs: 10_000, failures: 3, level: 'critical' },
    },
  ]
}

type Found = [instance: string | null, target: Target, shown: string]

function targetsOf(around: Around, probe: ProbeConfig): Found[] {
  switch (kindOf(probe)) {
    case 'http':
      return httpTargets(around, probe)
    case 'tcp':
      return [[null, { kind: 'tcp', ...addressOf(probe.tcp!) }, `tcp ${probe.tcp}`]]
    case 'certificate': {
      const target: Target = {
        kind: 'certificate',
        ...addressOf(probe.certificate!),
        days: probe.days ?? DAYS,
      }
      return [[null, target, `the certificate of ${probe.certificate}`]]
    }
    case 'command':
      return [
        [
          null,
          { kind: 'command', app: around.app, release: around.release, argv: probe.command! },
          // Arguments may hold what is nobody's business.
          `the command ${probe.command![0]}`,
        ],
      ]
    case 'postgres':
      return [connection(around, 'postgres', probe.postgres!)]
    case 'redis':
      return [connection(around, 'redis', probe.redis!)]
  }
}

function httpTargets(around: Around, probe: ProbeConfig): Found[] {
  const { http, each } = probe
  const expected = {
    status: probe.status ?? 200,
    expect: probe.expect ?? {},
    ...(probe.contentType === undefined ? {} : { contentType: probe.contentType }),
  }
  const text = givenIn(http!, around.secrets)
  if (!text.startsWith('/')) {
    const target: Target = { kind: 'http', url: new Secret(text), as: {}, expected }
    return [[null, target, withoutSecrets(text)]]
  }
  if (each === undefined) return [[null, ...byEdge(around, text, expected)]]
  const as = asHealth(around.config.services.find(({ name }) => name === each))
  return around.instances
    .filter(({ service }) => service === each)
    .map(({ instance, port }): Found => {
      const url = new Secret(`http://127.0.0.1:${port}${text}`)
      return [instance, { kind: 'http', url, as, expected }, `${text} of each instance of ${each}`]
    })
}

type HttpTarget = Extract<Target, { kind: 'http' }>

/** As whom the health check of a service asks. */
const asHealth = (service: ServiceConfig | undefined): AskedAs => ({
  ...(service?.health.host === undefined ? {} : { host: service.health.host }),
  ...(service?.health.proto === undefined ? {} : { proto: service.health.proto }),
})

/**
 * At the site's own port, which asks no password and counts no limits: the keeper is no visitor. The app is told the name
 * and the scheme that its visitors use, because it may send others on.
 */
function byEdge(
  { port, config: { domains, redirects, tls, services, routes } }: Around,
  path: string,
  expected: HttpTarget['expected'],
): [HttpTarget, string] {
  const host = domains.find(name => !name.startsWith('*') && redirects[name.toLowerCase()] === undefined)
  const main = routes.find(({ prefix }) => prefix === '/')?.service
  const { proto } = asHealth(services.find(({ name }) => name === main))
  const scheme = domains.length > 0 && tls !== false ? 'https' : proto
  const as = {
    ...(host === undefined ? {} : { host }),
    ...(scheme === undefined ? {} : { proto: scheme }),
  }
  const url = new Secret(`http://127.0.0.1:${port}${path}`)
  return [{ kind: 'http', url, as, expected }, `${host ?? ''}${path} through the edge`]
}

function connection(
  { env, secrets }: Around,
  kind: 'postgres' | 'redis',
  said: true | string | { from: string },
): Found {
  const url =
    said === true ? (env[kind === 'postgres' ? 'DATABASE_URL' : 'REDIS_URL'] ?? '') : givenIn(said, secrets)
  const shown =
    said === true ? `the app's own ${kind === 'postgres' ? 'database' : 'Redis'}` : withoutSecrets(url)
  return [null, { kind, url: new Secret(url) }, shown]
}

function addressOf(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':')
  return { host: bareHost(text.slice(0, at)), port: Number(text.slice(at + 1)) }
}

/** Of a URL only what everybody may see: its path may be a key as well as its password or its query. */
export function withoutSecrets(text: string): string {
  if (!URL.canParse(text)) return 'a URL that cannot be read'
  const { protocol, host } = new URL(text)
  return `${protocol}//${host}${new URL(text).pathname.length > 1 ? '/…' : ''}`
}
