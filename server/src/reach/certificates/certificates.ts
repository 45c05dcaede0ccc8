import { isDeepStrictEqual } from 'node:util'
import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { authorityOf } from './account.ts'
import type { Attempt, Certificate, Wanted } from './certificate.ts'
import { due, need, sourceNow, sourcesOf } from './due.ts'
import { changedFiles } from './own.ts'
import { planCertificate } from './plan.ts'
import type { CertificatePorts } from './ports.ts'
import { alarmsOf } from './rule.ts'
import { siteCertificate } from './site.ts'
import type { CertificateStep } from './step.ts'
import { viewOf } from './view.ts'
import type { CertificateDetails, CertificateView } from './wire.ts'

/** Certificates that are ordered at once. */
const AT_ONCE = 4
/** How long an authority is left alone that has no opinion about renewals, or that did not answer. */
const UNASKED_MS = 6 * 3_600_000

interface Options {
  ports: CertificatePorts
  engine: Pick<Engine<CertificateStep>, 'start' | 'count'>
}

interface Known {
  wanted: Wanted
  certificate: Certificate | null
  attempt: Attempt | null
  changed: boolean
}

export type Certificates = ReturnType<typeof createCertificates>

/** Issues and renews certificates by itself, and says what each app has and waits for. */
export function createCertificates({ ports, engine }: Options) {
  const { certificates, clock, edge } = ports
  /** App → when its authority is asked next when to renew. */
  const asking = new Map<string, number>()

  async function known(app: string): Promise<Known | null> {
    const wanted = await ports.wanted(app)
    if (wanted === null) return null
    const [certificate, attempt] = [await certificates.certificate(app), await certificates.attempt(app)]
    return { wanted, certificate, attempt, changed: await changedFiles(ports, wanted, certificate) }
  }

  /** Makes the edge show what there is: after a recovery, or when the domains have changed, it does not. */
  const settle = (app: string): Promise<Known | null> =>
    ports.alone(app, async () => {
      const found = await known(app)
      const shown = siteCertificate(found?.certificate ?? null, found?.wanted ?? null)
      if (!isDeepStrictEqual(await edge.certified(app), shown)) await edge.certify(app, shown)
      return found
    })

  /** Asks the authority when it wants the certificate to be renewed, as often as it says. Resolves with whether it was asked. */
  async function askWindow({ wanted, certificate }: Known): Promise<boolean> {
    const { app } = wanted
    const now = clock.now()
    if (certificate === null || wanted.files !== null) return false
    if (!sourcesOf(wanted).includes(certificate.authority)) return false
    if (now < (asking.get(app) ?? certificate.window?.again ?? 0)) return false
    asking.set(app, now + UNASKED_MS)
    const about = await authorityOf(ports, wanted, certificate.authority)
    const window = await ports.authorities.renewal(about, certificate.chain)
    if (window === null) return true
    asking.set(app, window.again)
    await certificates.setWindow(app, window)
    return true
  }

  async function planFor(app: string): Promise<Plan<CertificateStep>> {
    const found = await known(app)
    if (found === null || found.wanted.names.length === 0) throw nothingToDo(app)
    const { wanted, certificate } = found
    const authority = sourceNow({ ...found, now: clock.now() })
    const why = certificate === null ? 'issue' : 'renew'
    return planCertificate({ wanted, authority, why, force: true })
  }

  return {
    planNow: planFor,

    /** Starts what is due; called by a timer. */
    async tick(): Promise<void> {
      for (const app of await ports.apps()) {
        const found = await settle(app)
        if (found === null || engine.count('certificate') >= AT_ONCE) continue
        const { wanted } = found
        const facts = { ...found, now: clock.now() }
        const authority = sourceNow(facts)
        const why = due(facts)
        if (why !== null) startUnlessLocked(engine, planCertificate({ wanted, authority, why, force: false }))
      }
    },

    /** Asks one authority when to renew; called by a timer of its own, because one that does not answer takes its time. */
    async ask(): Promise<void> {
      for (const app of await ports.apps()) {
        const found = await known(app)
        // That it did not answer is told when a renewal fails of it.
        if (found !== null && (await askWindow(found).catch(() => true))) return
      }
    },

    async alarms(): Promise<Alarm[]> {
      const all = await Promise.all((await ports.apps()).map(known))
      return all.flatMap(found => {
        if (found === null) return []
        return alarmsOf({ ...found, now: clock.now() }).map(alarm => ({ ...alarm, app: found.wanted.app }))
      })
    },

    async list(): Promise<CertificateView[]> {
      const all = await Promise.all((await ports.apps()).map(known))
      return all.flatMap(found => (found === null ? [] : [view(found)]))
    },

    async show(app: string): Promise<CertificateDetails> {
      const found = await known(app)
      if (found === null) throw nothingToDo(app)
      const papers = found.certificate === null ? [] : ports.read(found.certificate.chain)
      const date = (at: number) => new Date(at).toISOString()
      const chain = papers.map(({ from, to, ...paper }) => ({ ...paper, from: date(from), to: date(to) }))
      return { ...view(found), chain }
    },
  }

  function view(found: Known): CertificateView {
    const facts = { ...found, now: clock.now() }
    const own = found.certificate?.authority
    const sources = sourcesOf(found.wanted)
    const authority = own !== undefined && sources.includes(own) ? own : sourceNow(facts)
    return viewOf({ ...facts, authority, need: need(facts) })
  }
}

const nothingToDo = (app: string): Failure =>
  new Failure('certificate.none', `${app} asks for no certificate`, {
    why: 'it has no `domains:` that an authority can ask for, it says `tls: false`, no release of it serves, or this server has no public port for TLS',
    fix: 'add a domain, then `inn deploy`; `inn certs` shows what the others have',
  })
