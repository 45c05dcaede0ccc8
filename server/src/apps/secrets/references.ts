import type { Plan } from '../../engine/plan.ts'
import { parseArgv } from '../../kernel/argv.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { quoteShell } from '../../kernel/quote.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import { credentialKey, credentialOf, type KeptSecret, type Reference, type Wanted } from '../app/secrets.ts'
import type { DeployStep } from '../deploys/step.ts'
import { resolveAnew } from '../references/resolve.ts'
import type { SecretPorts } from './ports.ts'
import { scanLine } from './scan.ts'
import { checkName, checkSize, unknownSecret } from './wanted.ts'
import type { ReferencesRequest, ReferenceWish, RefreshRequest, SecretView } from './wire.ts'

type Kept = Readonly<Record<string, KeptSecret>>

/** Secrets whose values are kept elsewhere, and said by commands. */
export function createReferences(ports: SecretPorts) {
  const { apps, deployer } = ports
  return {
    /** Each command runs now: what does not work is not kept. Failures: `secret.name`, `secret.command`, `secret.credential`, `secret.unresolved`, `secret.too-large`. */
    async plan(app: string, request: ReferencesRequest): Promise<Plan<DeployStep>> {
      const known = await apps.keptSecrets(app)
      const credentials = credentialsOf(app, request, known)
      const kept = withChanges(known, credentials)
      const references = Object.fromEntries(
        Object.entries(request.references).map(([name, wish]) => [
          name,
          referenceOf(name, wish, { app, kept }),
        ]),
      )
      const wanted = { ...credentials, ...(await resolveAnew(ports, { app, references, kept })) }
      if (Object.keys(wanted).length === 0) throw nothing(app)
      checkSize(app, known, wanted)
      return deployer.planSecrets(app, wanted, { plan: request.plan })
    },

    /** Failures: `secret.unknown`, `secret.here`, `secret.unresolved`, `secret.too-large`. */
    async refresh(app: string, { plan, only }: RefreshRequest): Promise<Plan<DeployStep>> {
      const kept = await apps.keptSecrets(app)
      if (Object.keys(kept).length === 0) await apps.get(app)
      const references = namedOf(app, only, kept)
      const wanted = await resolveAnew(ports, { app, references, kept })
      checkSize(app, kept, wanted)
      return deployer.planSecrets(app, wanted, { plan })
    },
  }
}

function withChanges(known: Kept, wanted: Wanted): Kept {
  const kept = Object.entries({ ...known, ...wanted })
  return Object.fromEntries(
    kept.flatMap(([name, one]) => (one === null ? [] : [[name, { since: null, ...one }]])),
  )
}

/** The credentials of a request. One that a command needs does not go. */
function credentialsOf(app: string, { credentials, references }: ReferencesRequest, kept: Kept): Wanted {
  for (const name of Object.keys(credentials)) checkName(name)
  const gone = Object.keys(credentials).filter(name => credentials[name] === null)
  for (const name of gone) {
    if (!Object.hasOwn(kept, credentialKey(name))) throw noCredential(name, { app, kept })
    const needing = usersOf(name, kept).filter(secret => references[secret] === undefined)
    if (needing.length > 0) throw needed(name, needing, app)
  }
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [
      credentialKey(name),
      value === null ? null : { value },
    ]),
  )
}

function referenceOf(
  name: string,
  { command, with: names, ...times }: ReferenceWish,
  { app, kept }: { app: string; kept: Kept },
): Omit<Reference, 'at'> {
  checkName(name)
  const parsed = parseArgv(command)
  if ('problem' in parsed) throw badCommand(name, `${parsed.problem}, and it is run without a shell`)
  const [found] = scanLine('command', command)
  if (found !== undefined)
    throw badCommand(name, `${found.is} stands in it, and everybody reads the list of processes`)
  const missing = names.find(one => !Object.hasOwn(kept, credentialKey(one)))
  if (missing !== undefined) throw noCredential(missing, { app, kept })
  return { argv: parsed.argv, with: names, ...times }
}

/** The secrets that are asked for; without a name all whose value a command says. */
function namedOf(app: string, only: readonly string[], kept: Kept): Record<string, Reference> {
  const all = Object.fromEntries(
    Object.entries(kept).flatMap(([name, { from }]) => (from === undefined ? [] : [[name, from]])),
  )
  for (const name of only) {
    if (!Object.hasOwn(kept, name)) throw unknownSecret(name, { app, kept })
    if (!Object.hasOwn(all, name)) throw keptHere(name, app)
  }
  if (Object.keys(all).length === 0) throw nothing(app)
  return Object.fromEntries(Object.entries(all).filter(([name]) => only.length === 0 || only.includes(name)))
}

/** The secrets whose commands get a credential. */
const usersOf = (credential: string, kept: Kept): string[] =>
  Object.entries(kept).flatMap(([name, { from }]) => (from?.with.includes(credential) ? [name] : []))

/** Credentials, as they are listed among the secrets. */
export const credentialViews = (kept: Kept): SecretView[] =>
  Object.entries(kept).flatMap(([key, { since }]) => {
    const name = credentialOf(key)
    if (name === null) return []
    const rest = { weak: null, from: null, previous: null }
    return [
      {
        name,
        made: 'credential',
        since: since === null ? null : iso(since),
        usedBy: usersOf(name, kept),
        ...rest,
      },
    ]
  })

export const fromView = ({ argv, with: names, at, cacheMs, staleMs }: Reference): SecretView['from'] => ({
  command: argv.map(quoteShell).join(' '),
  ...{ with: [...names], at: iso(at), cacheMs, staleMs },
})

const badCommand = (name: string, why: string): Failure =>
  new Failure('secret.command', `the command for ${name} cannot be taken`, {
    why,
    fix: 'one program with its arguments; what it signs in with is given by --with NAME, and what takes more than one program is a script in /usr/local/bin',
  })

function noCredential(name: string, { app, kept }: { app: string; kept: Kept }): Failure {
  const names = Object.keys(kept).flatMap(key => credentialOf(key) ?? [])
  const near = didYouMean(name, names)
  return new Failure('secret.credential', `${app} has no credential ${name}`, {
    why: names.length === 0 ? 'it has none' : `it has ${list(names)}`,
    fix: near === null ? `\`inn secrets set ${name} ${app} --credential\` gives it` : `did you mean ${near}?`,
  })
}

const needed = (name: string, by: readonly string[], app: string): Failure =>
  new Failure('secret.needed', `the credential ${name} of ${app} is needed`, {
    why: `the ${by.length === 1 ? 'command' : 'commands'} for ${list(by)} ${by.length === 1 ? 'gets' : 'get'} it`,
    fix: `\`inn secrets set ${name} ${app} --credential\` gives it another value; or set ${by[0]} without it first`,
  })

const keptHere = (name: string, app: string): Failure =>
  new Failure('secret.here', `no command says the value of ${name} of ${app}`, {
    why: 'somebody gave it, or Innkeeper has drawn it',
    fix: `\`inn secrets set ${name} ${app} --from COMMAND\` names one; \`inn secrets rotate ${name} ${app}\` draws another value`,
  })

const nothing = (app: string): Failure =>
  new Failure('secret.nothing', `nothing changes for ${app}`, {
    why: 'no command says the value of one of its secrets, or none came with the request',
    fix: `\`inn secrets list ${app}\` shows which secrets it has, and where they are kept`,
  })
