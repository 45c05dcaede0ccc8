import { connectionParts, partOf } from './connections.ts'
import type { EnvExample, EnvUse, Facts, PackageFacts } from './facts.ts'
import type { ProposedEnv, Remarks } from './proposal.ts'
import type { Role } from './role.ts'
import { folderOf } from './tree.ts'

/** Variables that Innkeeper, the machine or another platform sets. */
const GIVEN =
  /^(?:DATABASE_URL|DIRECT_DATABASE_URL|DATABASE_POOL_SIZE|REDIS_URL|PORT|HOST|HOSTNAME|NODE_ENV|HOME|PATH|PWD|USER|CI|TZ|LANG|npm_\w+|INNKEEPER_\w+|VERCEL\w*|RAILWAY\w*|RENDER\w*|REPL_\w+|FLY_\w+|NODE_OPTIONS|NEXT_RUNTIME|DEV|PROD|MODE|SSR|BASE_URL_DEV|JEST_WORKER_ID|VITEST)$/
const BROWSER = /^(?:VITE|NEXT_PUBLIC|REACT_APP|PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY|NG_APP)_/
const SECRET = /SECRET|KEY|TOKEN|PASSWORD|PASSWD|PASS$|CREDENTIAL|DSN|WEBHOOK|SALT|PRIVATE/
/** Secrets of the app alone, which can be generated. With a vendor's name in front, it is a key from that vendor. */
const OWN_SECRET =
  /^(?:JWT|SESSION|COOKIE|CSRF|NEXTAUTH|BETTER_AUTH|AUTH|ACCESS_TOKEN|REFRESH_TOKEN|TOKEN|SIGNING|APP|PAYLOAD|HASH|EXPRESS_SESSION|ENCRYPTION)(?:_(?!CLIENT|PUBLIC|PRIVATE|WEBHOOK|API)\w+?)?_(?:SECRET|SECRET_KEY|KEY|SALT|SECRET_BASE)$|^(?:SECRET|SECRET_KEY|SECRET_KEY_BASE|APP_SECRET)$/
const PLACEHOLDER =
  /^$|your|change|xxx|<.*>|\.\.\.|example|placeholder|secret|todo|replace|localhost|127\.0\.0\.1|user:pass/i

/** Variables whose value differs from server to server: the example's value is no default for them. */
const PLACE = /(?:HOST|URL|URI|ORIGIN|DOMAIN|USER|EMAIL|BUCKET|REGION|_ID)$/

interface Look {
  facts: Facts
  path: string
  remarks: Remarks
}

/** Variables that one service reads, in its own package and in the repository packages that it uses, or that its example file lists. */
export function namesOf(pkg: PackageFacts, facts: Facts): EnvUse[] {
  const inner = pkg.internal.flatMap(name => facts.packages.find(p => p.name === name) ?? [])
  const all = new Map<string, EnvUse>()
  for (const use of [pkg, ...inner].flatMap(p => p.sources.env)) {
    const known = all.get(use.name)
    all.set(use.name, known === undefined ? use : { ...known, needed: known.needed && use.needed })
  }
  for (const { name, file } of facts.envExamples.filter(example => near(example, pkg))) {
    if (!all.has(name)) all.set(name, { name, file, needed: false })
  }
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const near = (example: EnvExample, pkg: PackageFacts): boolean => folderOf(example.file) === pkg.folder

const exampleOf = (name: string, facts: Facts): EnvExample | undefined =>
  facts.envExamples.find(e => e.name === name)

/** `env:` of one service: what it cannot run without. The rest becomes comments. */
export function runEnv(uses: readonly EnvUse[], look: Look): ProposedEnv {
  const { path, remarks } = look
  const env: ProposedEnv = {}
  for (const use of uses.filter(
    u => ![GIVEN, BROWSER].some(kind => kind.test(u.name)) && partOf(u.name, look.facts) === null,
  )) {
    const at = `${path}.${use.name}`
    const shown = shownValue(use.name, look.facts)
    if (OWN_SECRET.test(use.name)) {
      env[use.name] = { generate: 64 }
      if (use.name.startsWith('ENCRYPTION'))
        remarks.check(
          at,
          'if the key must have a form of its own, such as 32 bytes in hex, give it with from.',
        )
    } else if (use.needed) {
      env[use.name] = shown?.value ?? { from: use.name }
      if (shown !== null) remarks.check(at, `the value of ${shown.file}.`)
    } else {
      remarks.spares.push({
        under: path,
        key: use.name,
        value: shown?.value ?? { from: use.name },
        why: `optional; ${use.file}`,
      })
    }
  }
  const parts = connectionParts(uses, look)
  return Object.fromEntries(Object.entries({ ...env, ...parts }).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The value in .env.example; null when it cannot be meant for a server too. */
function shownValue(name: string, facts: Facts): { value: string | number; file: string } | null {
  const example = facts.envExamples.find(e => e.name === name && !e.commented)
  if (example === undefined || SECRET.test(name) || PLACE.test(name) || PLACEHOLDER.test(example.value))
    return null
  return {
    value: /^[1-9]\d{0,8}$/.test(example.value) ? Number(example.value) : example.value,
    file: example.file,
  }
}

/** Whether nobody has to give a variable again that another platform had: Innkeeper gives it, or a build takes it. */
export const givenElsewhere = (name: string, facts: Facts): boolean =>
  GIVEN.test(name) || BROWSER.test(name) || partOf(name, facts) !== null

/** A value from another platform's file, where it is no secret, and as true on another server; null: it is given anew. */
export function plainValue(name: string, value: string | null): string | number | null {
  if (value === null || SECRET.test(name) || PLACE.test(name) || PLACEHOLDER.test(value)) return null
  // Something of that platform, an address with a password, or letters that nobody chose.
  if (/\$[{(A-Z]|:\/\/[^/]*@|[A-Za-z0-9+/_=-]{24,}|^sk_|^gh[ps]_|^eyJ/.test(value) || /\p{Cc}/u.test(value))
    return null
  return /^[1-9]\d{0,8}$/.test(value) ? Number(value) : value
}

/** `buildEnv:` of pages: variables whose values the bundler writes into them. */
export function buildEnv(pkg: PackageFacts, look: Look & { roles: readonly Role[] }): ProposedEnv {
  const { path, remarks, facts, roles } = look
  const env: ProposedEnv = {}
  const hasValues = facts.envFiles.some(
    file => folderOf(file) === pkg.folder && /\.env(?:\.production)?$/.test(file),
  )
  const backend = roles.some(role => role.kind === 'process' && !role.worker)
  for (const use of namesOf(pkg, facts).filter(u => BROWSER.test(u.name))) {
    const at = `${path}.${use.name}`
    const plain = shownValue(use.name, facts)?.value
    const address =
      backend &&
      /^VITE|^REACT_APP|^PUBLIC/.test(use.name) &&
      /(?:API|BACKEND|SERVER)\w*(?:URL|BASE|ENDPOINT|HOST|ORIGIN)|^VITE_API$|(?:BASE_URL|API)$/.test(use.name)
    if ((use.needed || use.local !== undefined) && address && !hasValues) {
      env[use.name] = pathOf(exampleOf(use.name, facts)?.value ?? use.local)
      remarks.check(
        at,
        'the address of the API, built into the pages: a path, because both stand on one domain.',
      )
    } else if (use.needed && !hasValues) env[use.name] = plain ?? { from: use.name }
    else if (use.local !== undefined && !hasValues) {
      env[use.name] = { from: use.name }
      remarks.check(at, `without it the pages ask ${use.local}, which is the visitor's own machine.`)
    } else
      remarks.spares.push({
        under: path,
        key: use.name,
        value: plain ?? { from: use.name },
        why: `built into the pages; ${use.file}`,
      })
  }
  return env
}

/** http://localhost:3000/api/v1 → /api/v1. A URL without a path most often stands for /api. */
function pathOf(value: string | undefined): string {
  const path = /^https?:\/\/[^/]+(\/.+?)\/?$/.exec(value ?? '')?.[1]
  return path ?? '/api'
}
