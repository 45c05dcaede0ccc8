import { currentRelease } from '../apps/app/app.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import { TLS } from '../config/tls.ts'
import { acme } from '../drivers/acme/apart.ts'
import { dns } from '../drivers/host/dns.ts'
import { fits, outside, readChain } from '../drivers/host/outside.ts'
import { pemFile } from '../drivers/host/pem.ts'
import { randomText } from '../drivers/host/random.ts'
import { perName } from '../kernel/per-name.ts'
import { inTurns } from '../kernel/turns.ts'
import type { Wanted } from '../reach/certificates/certificate.ts'
import type { CertificatePorts } from '../reach/certificates/ports.ts'
import { allOf, namesOf } from '../reach/certificates/rule.ts'
import { certificateStore } from '../reach/certificates/store.ts'
import type { Ground } from './ground.ts'
import { wireOneOff } from './wire-one-off.ts'
import { zoneOf } from './wire-zone.ts'

/** The ports of certificates, for one home. */
export function certificatePorts(ground: Ground, deploys: DeployPorts): CertificatePorts {
  const { apps, clock, edge, store } = ground
  const turnOf = perName(() => inTurns())
  const { httpPort, httpsPort = null, resolver = null, proxyProtocol = false } = ground.settings
  return {
    clock,
    edge,
    certificates: certificateStore(store),
    alone: (app, work) => turnOf(app)(work),
    authorities: acme(),
    names: dns(resolver),
    outside: outside(httpsPort, proxyProtocol),
    // A command for the zone asks for no database.
    zone: zoneOf(ground, wireOneOff(ground, deploys, async () => null).oneOff),
    read: readChain,
    fits,
    random: randomText,
    file: pemFile,
    httpPort,
    wanted: async app => (httpPort === null || httpsPort === null ? null : wantedBy(ground, app)),
    apps: async () => (await apps.all()).map(app => app.name),
  }
}

/** What the newest release that serves asks for. */
async function wantedBy({ apps, releases }: Ground, name: string): Promise<Wanted | null> {
  const id = currentRelease(await apps.find(name))
  const config = id === null ? null : ((await releases.find(name, id))?.config ?? null)
  if (config === null || config.tls === false) return null
  const { tls, statusPage } = config
  const domains = [...config.domains, ...(statusPage?.domain === undefined ? [] : [statusPage.domain])]
  if (domains.length === 0) return null
  const about = { app: name, secrets: await apps.secrets(name) }
  if ('certificate' in tls)
    return { ...about, names: allOf(domains), others: [], tls: { ...TLS, modern: tls.modern }, files: tls }
  return { ...about, ...namesOf(domains, tls), tls, files: null }
}
