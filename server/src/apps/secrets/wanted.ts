import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import type { KeptSecret, Wanted } from '../app/secrets.ts'
import type { SecretUse } from '../releases/secret-uses.ts'
import type { SecretsRequest } from './wire.ts'

interface Known {
  app: string
  kept: Readonly<Record<string, KeptSecret>>
  uses: readonly SecretUse[]
  /** Milliseconds since 1970. */
  now: number
  /** Every variable that innkeeper.yaml names, whether it is a secret or not. */
  variables: ReadonlySet<string>
  /** Draws a value of so many characters. */
  draw(length: number): string
}

type Change = Pick<SecretsRequest, 'set' | 'unset' | 'rotate' | 'previous'>

/** What a request makes of the secrets of an app. Failures: `secret.name`, `secret.unknown`, `secret.given`, `secret.elsewhere`, `secret.previous`, `secret.nothing`, `secret.too-large`. */
export function wantedOf({ set, unset, rotate, previous }: Change, known: Known): Wanted {
  for (const name of [...Object.keys(set), ...(previous === null ? [] : [previous.as])]) checkName(name)
  for (const name of [...unset, ...Object.keys(rotate)])
    if (!Object.hasOwn(known.kept, name)) throw unknownSecret(name, known)
  for (const name of Object.keys(rotate))
    if (known.kept[name]!.from !== undefined) throw keptElsewhere(name, known.app)
  const drawn = Object.fromEntries(
    Object.entries(rotate).map(([name, length]) => [name, known.draw(length ?? lengthOf(name, known))]),
  )
  const given = { ...set, ...drawn }
  // A value that is given takes the place of a command that says it, also the same one.
  const changed = Object.entries(given).filter(
    ([name, value]) => known.kept[name]?.value !== value || known.kept[name]?.from !== undefined,
  )
  if (changed.length + unset.length === 0) throw nothing(known.app)
  const wanted: Wanted = {
    ...Object.fromEntries(unset.map(name => [name, null])),
    ...Object.fromEntries(changed.map(([name, value]) => [name, { value }])),
    ...(previous === null ? {} : earlier(previous, Object.keys(given), known)),
  }
  checkSize(known.app, known.kept, wanted)
  return wanted
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

export function checkName(name: string): void {
  // A name such as `constructor` would find what every object of JavaScript has.
  if (NAME.test(name) && !(name in {})) return
  throw new Failure('secret.name', `${JSON.stringify(name)} cannot be the name of a secret`, {
    why: 'a variable has letters, digits and _ in its name, begins with no digit, and is no word of JavaScript’s own objects',
    fix: 'another name, and the same one in innkeeper.yaml (from:)',
  })
}

/** What Innkeeper itself gives to services, or what changes how any program starts. */
const OURS =
  /^(?:PATH|PORT|HOST|HOME|USER|SHELL|TMPDIR|TZ|LANG|LC_.*|NODE_.*|LD_.*|NPM_.*|INNKEEPER_.*|DATABASE_URL|DIRECT_DATABASE_URL|DATABASE_POOL_SIZE|REDIS_URL|CHECKIN_.*|.*_PROXY)$/i

/** All values of an app together: each of its instances gets them in its environment. */
const MOST_BYTES = 1024 ** 2

const bytesOf = (secrets: Wanted): number =>
  Object.values(secrets).reduce((sum, secret) => sum + Buffer.byteLength(secret?.value ?? ''), 0)

/** Failure `secret.too-large`: all values of an app together would be more than it may have. */
export function checkSize(app: string, kept: Readonly<Record<string, KeptSecret>>, wanted: Wanted): void {
  const bytes = bytesOf({ ...kept, ...wanted })
  if (bytes > MOST_BYTES && bytes > bytesOf(kept)) throw tooLarge(app, bytes)
}

const tooLarge = (app: string, bytes: number): Failure =>
  new Failure('secret.too-large', `${app} would have ${showSize(bytes)} of secrets`, {
    why: `all values of an app together have at most ${showSize(MOST_BYTES)}`,
    fix: 'keep what is large in a file of the app, and a key that opens it as a secret',
  })

/** The value of before, in a variable of its own. */
function earlier(
  { as, graceMs }: NonNullable<SecretsRequest['previous']>,
  names: readonly string[],
  { app, kept, uses, variables, now }: Known,
): Wanted {
  const [name, ...more] = names
  const before = name === undefined ? undefined : kept[name]
  if (before === undefined || more.length > 0)
    throw refused(
      'the value of before is kept of one secret, which has one',
      'name one secret that `inn secrets list` shows',
    )
  // Another variable of the app would be hidden by it, or would hide it.
  if (OURS.test(as) || variables.has(as))
    throw refused(`${as} is a variable that services have already`, `another name, ${name}_PREVIOUS perhaps`)
  const taken =
    uses.some(use => use.secret === as) || (kept[as] !== undefined && kept[as].previous?.of !== name)
  if (taken) throw refused(`${as} is another secret of ${app}`, `another name, ${name}_PREVIOUS perhaps`)
  return { [as]: { value: before.value, previous: { of: name!, until: now + graceMs } } }
}

function lengthOf(name: string, { app, uses }: Known): number {
  const generated = uses.find(use => use.secret === name && use.generated !== null)?.generated
  if (generated != null) return generated
  throw new Failure('secret.given', `${name} of ${app} was given by somebody, and is not drawn anew`, {
    why: 'what it opens is elsewhere, and only that side can give another value',
    fix: `get another value there, then \`inn secrets set ${name} ${app}\`; if no other side knows it, \`inn secrets rotate ${name} ${app} --length 64\` draws one`,
  })
}

const keptElsewhere = (name: string, app: string): Failure =>
  new Failure('secret.elsewhere', `${name} of ${app} is kept elsewhere, and is not drawn anew`, {
    why: 'a command says its value (`inn secrets list` shows which)',
    fix: `give it another value there, then \`inn secrets refresh ${app} --only ${name}\``,
  })

/** Says which there are. */
export function unknownSecret(name: string, { app, kept }: Pick<Known, 'app' | 'kept'>): Failure {
  const names = Object.keys(kept).filter(isOwn)
  const near = didYouMean(name, names)
  return new Failure('secret.unknown', `${app} has no secret ${name}`, {
    why: names.length === 0 ? 'it has none' : `it has ${list(names.sort())}`,
    fix: near === null ? `\`inn secrets list ${app}\`` : `did you mean ${near}?`,
  })
}

/** Names with a colon are of secrets that Innkeeper keeps for itself: no variable can be called so. */
export const isOwn = (name: string): boolean => !name.includes(':')

const refused = (why: string, fix: string): Failure =>
  new Failure('secret.previous', 'the value of before cannot be kept beside the new one', { why, fix })

const nothing = (app: string): Failure =>
  new Failure('secret.nothing', `nothing changes for ${app}`, {
    why: 'it has exactly these values already, or none came with the request',
    fix: `\`inn secrets list ${app}\` shows which secrets it has, and since when`,
  })
