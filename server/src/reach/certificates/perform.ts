import { noting, type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { minuteOf } from '../../kernel/moments.ts'
import { count, list } from '../../kernel/words.ts'
import { accountOf, choiceOf } from './account.ts'
import type { Attempt, Certificate, Problem, Wanted } from './certificate.ts'
import { isWorthwhile, pause, sourcesOf } from './due.ts'
import { lookAt } from './look.ts'
import { readOwn } from './own.ts'
import type { CertificatePorts } from './ports.ts'
import { goodSince, profileOf, proofOf } from './rule.ts'
import { showProof } from './show-proof.ts'
import { siteCertificate } from './site.ts'
import type { CertificateStep } from './step.ts'

type Of<K extends CertificateStep['kind']> = Extract<CertificateStep, { kind: K }>

/** What each kind of step does. However a try ends, what it brought is kept, for whoever asks what a name waits for. */
export function certificatePerformer(ports: CertificatePorts): Perform<CertificateStep> {
  const noted = (step: CertificateStep, context: StepContext, work: () => Promise<string>) =>
    noting(context, work, error => noteFailure(ports, step, error))
  const performers: Performers<CertificateStep> = {
    'certificate.look': (s, c) => noted(s, c, () => look(ports, s, c)),
    'certificate.read': (s, c) => noted(s, c, () => take(ports, s.app, c)),
    'certificate.order': (s, c) => noted(s, c, () => order(ports, s, c)),
    'certificate.show': (s, c) => noted(s, c, () => ports.alone(s.app, () => show(ports, s.app))),
  }
  return performing(performers)
}

async function wantedBy(ports: CertificatePorts, app: string): Promise<Wanted> {
  const wanted = await ports.wanted(app)
  if (wanted !== null) return wanted
  throw unwanted(app)
}

const unwanted = (app: string): Failure =>
  new Failure('certificate.unwanted', `${app} wants no certificate any more`, {
    why: 'its domains or its `tls:` have changed, or no release of it serves',
    fix: '`inn certs` shows what each app has',
  })

/** Keeps why a step failed. */
async function noteFailure(ports: CertificatePorts, step: CertificateStep, error: unknown): Promise<void> {
  const { app } = step
  const wanted = await ports.wanted(app)
  if (wanted === null) return
  const authority = 'authority' in step ? step.authority : sourcesOf(wanted)[0]
  const { what, why, facts = {} } = describe(error)
  const { failed, retryAt } = facts as { failed?: Attempt['problems']; retryAt?: number }
  const reason = failed === undefined ? `${what}: ${why}` : null
  const problems = { ...(await foundOf(ports, app)), ...failed }
  await note(ports, wanted, { authority, reason, problems, retryAt: retryAt ?? 0 })
}

interface Outcome {
  /** The one that was asked. */
  authority: string
  reason: string | null
  problems: Attempt['problems']
  /** Before then the authority wants no other try. */
  retryAt: number
}

/** Keeps what a try brought, and from when on there may be another one. */
async function note(
  { certificates, clock }: CertificatePorts,
  wanted: Wanted,
  { authority, reason, problems, retryAt }: Outcome,
): Promise<void> {
  const { app, names } = wanted
  const now = clock.now()
  const all = Object.values(problems)
  const failures =
    reason === null && all.length === 0 ? 0 : ((await certificates.attempt(app))?.failures ?? 0) + 1
  // Neither costs an authority anything.
  const looked = wanted.files !== null || (reason === null && all.every(problem => problem.looked))
  const nextAt = failures === 0 ? now : Math.max(now + pause(failures, looked), retryAt)
  await certificates.note({ app, names, at: now, authority, failures, nextAt, reason, problems })
}

/** What is known for the rule. */
async function factsOf({ certificates, clock }: CertificatePorts, wanted: Wanted, force: boolean) {
  const known = await certificates.certificate(wanted.app)
  // A person who asks for a new one gets it, whatever the present one is good for.
  return { now: clock.now(), wanted, certificate: force ? null : known }
}

async function look(
  ports: CertificatePorts,
  { app, authority }: Of<'certificate.look'>,
  { signal, say }: StepContext,
): Promise<string> {
  const wanted = await wantedBy(ports, app)
  // A site that was opened by an earlier version does not answer by TLS yet.
  await ports.edge.configure(open => open, signal)
  const problems = await lookAt(ports, wanted, { authority, say })
  const left = wanted.names.filter(name => problems[name] === undefined)
  if (left.length === 0) throw notHere(problems)
  await keepLook(ports, wanted, { authority, problems })
  return left.length === wanted.names.length ? 'all do' : `${list(left)}; not ${list(Object.keys(problems))}`
}

/** Keeps what was found for the order that follows. Whether the try failed is not known yet. */
async function keepLook(
  { certificates, clock }: CertificatePorts,
  wanted: Wanted,
  { authority, problems }: Pick<Attempt, 'authority' | 'problems'>,
): Promise<void> {
  const { app, names } = wanted
  const { failures = 0, nextAt = 0 } = (await certificates.attempt(app)) ?? {}
  const now = { at: clock.now(), authority, failures, nextAt, reason: null }
  await certificates.note({ app, names, ...now, problems })
}

const notHere = (failed: Readonly<Record<string, Problem>>): Failure =>
  new Failure('certificate.not-here', `${list(Object.keys(failed))} cannot be shown to be of this server`, {
    why: Object.values(failed)
      .map(({ reason }) => reason)
      .join('\n'),
    fix: 'correct what it names; it is looked at again by itself, and at once by `inn certs renew APP`. No request to the authority was spent',
    facts: { failed },
  })

/** Problems that were found before the authority was asked. */
async function foundOf({ certificates }: CertificatePorts, app: string): Promise<Attempt['problems']> {
  const { problems = {} } = (await certificates.attempt(app)) ?? {}
  return Object.fromEntries(Object.entries(problems).filter(([, { looked }]) => looked))
}

async function order(
  ports: CertificatePorts,
  { app, authority, force }: Of<'certificate.order'>,
  context: StepContext,
): Promise<string> {
  const { authorities, certificates, clock } = ports
  const wanted = await wantedBy(ports, app)
  if (!sourcesOf(wanted).includes(authority)) throw unwanted(app)
  const facts = await factsOf(ports, wanted, force)
  const found = await foundOf(ports, app)
  const names = wanted.names.filter(name => found[name] === undefined)
  if (!isWorthwhile(names, facts)) throw notHere(found)
  const account = await accountOf(ports, wanted, authority)
  const before = await certificates.certificate(app)
  const key = await authorities.newKey()
  const replaces = before !== null && before.authority === authority ? before.chain : null
  const profile = profileOf(choiceOf(wanted, authority), names)
  const { chain, failed } = await authorities.issue(
    { account, names, key, replaces, profile, proof: proofOf(wanted) },
    {
      ...showProof(ports, wanted, context),
      worthwhile: left => isWorthwhile(left, facts),
      say: context.say,
      signal: context.signal,
    },
  )
  const { names: issued, from, to } = ports.read(chain)[0]!
  const since = goodSince(before, issued, clock.now())
  const kept = { app, authority, chain, key, from, to, goodSince: since, window: null }
  await keepShown(ports, wanted, { ...kept, names: issued })
  await note(ports, wanted, { authority, reason: null, problems: { ...found, ...failed }, retryAt: 0 })
  return `for ${list(issued)}, until ${minuteOf(to)}`
}

/**
 * Shows it, and then keeps it: what `inn certs` calls good is what visitors see. An edge that is away at this moment
 * shows it later, and the next step says so; what was issued must not be lost.
 */
const keepShown = (
  { certificates, edge, alone }: CertificatePorts,
  wanted: Wanted,
  certificate: Certificate,
): Promise<void> =>
  alone(wanted.app, async () => {
    const shown = siteCertificate(certificate, wanted)
    if (shown !== null) await edge.certify(wanted.app, shown).catch(() => {})
    await certificates.keep(certificate)
  })

/** Takes an app's own certificate from its files. */
async function take(ports: CertificatePorts, app: string, { signal }: StepContext): Promise<string> {
  const wanted = await wantedBy(ports, app)
  if (wanted.files === null) throw unwanted(app)
  await ports.edge.configure(open => open, signal)
  const { certificate, problems } = await readOwn(ports, wanted, wanted.files)
  await keepShown(ports, wanted, certificate)
  await note(ports, wanted, { authority: certificate.authority, reason: null, problems, retryAt: 0 })
  return `for ${list(certificate.names)}, until ${minuteOf(certificate.to)}`
}

async function show(ports: CertificatePorts, app: string): Promise<string> {
  const { certificates, edge, outside, read } = ports
  const wanted = await wantedBy(ports, app)
  const certificate = await certificates.certificate(app)
  const shown = certificate === null ? null : siteCertificate(certificate, wanted)
  if (certificate === null || shown === null) return 'there is none'
  await edge.certify(app, shown)
  const { sha256 } = read(certificate.chain)[0]!
  for (const name of shown.names)
    if ((await outside.shown(name)) !== sha256)
      throw new Failure('certificate.not-shown', `the edge does not show the new certificate for ${name}`, {
        why: 'a handshake with it brought another one, or none',
        fix: '`inn logs edge -n 20`; it is shown again by itself',
      })
  return `${count(shown.names.length, 'name')} ${shown.names.length === 1 ? 'answers' : 'answer'} by https`
}
