import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { takeElsewhere } from './elsewhere/take.ts'
import { namesOf, runEnv } from './environment.ts'
import type { Facts } from './facts.ts'
import { releaseOf } from './migrate.ts'
import { portTold } from './port.ts'
import { productOf, withProduct } from './products.ts'
import { remarks as collect, type Proposal, type ProposedConfig, type Remarks } from './proposal.ts'
import type { Role } from './role.ts'
import { rolesOf, validName } from './roles.ts'
import { routesOf } from './routes.ts'
import { serviceOf } from './services.ts'

const GENERIC =
  /^(?:app|root|monorepo|server|client|frontend|backend|workspace|project|api|web|my-?app|rest-express|vite-project|nextjs|vite-react-typescript-starter|nest-typescript-starter|starter|test|src)$/

/** Facts about a repository → the innkeeper.yaml that would run it, with its reasons. */
export function propose(facts: Facts): Proposal {
  const remarks = collect()
  const roles = rolesOf(facts)
  if (roles.length === 0) throw nothing(facts)
  const services = Object.fromEntries(
    roles.map(role => [role.name, serviceOf(role, { facts, roles, remarks })]),
  )
  const routes = routesOf(facts, roles, remarks)
  const config: ProposedConfig = { name: appName(facts, remarks), services }
  if (routes !== undefined) config.routes = routes
  remarks.spares.push({
    under: '',
    key: 'domains',
    value: ['shop.example.com'],
    why: 'Host names that visitors use; without, it answers on 127.0.0.1 alone',
  })
  databases(config, { facts, roles, remarks })
  Object.assign(config, releaseOf(facts, roles, remarks))
  if (config.release !== undefined)
    remarks.say(
      'release',
      'Run once for each release, before it takes traffic, as the owner of the database.',
    )
  environment(config, { facts, roles, remarks })
  for (const product of roles.flatMap(role => (role.kind === 'process' ? (productOf(role.pkg) ?? []) : [])))
    withProduct(config, product, remarks)
  const elsewhere = takeElsewhere(config, { facts, roles, remarks })
  for (const role of roles) {
    const fixed = role.kind === 'process' && !role.worker ? role.pkg.sources.fixedPort : null
    if (fixed !== null) remarks.warnings.push(portTold(fixed))
  }
  for (const { path, why } of facts.broken) remarks.warnings.push(`${path} cannot be read: ${why}`)
  if (!facts.complete)
    remarks.warnings.push('the repository is large: only the first 3,000 files, from the top, were looked at')
  const { notes, spares, warnings } = remarks
  return { config, notes, spares, warnings: [...new Set(warnings)], elsewhere }
}

interface Look {
  facts: Facts
  roles: readonly Role[]
  remarks: Remarks
}

function nothing(facts: Facts): Failure {
  const broken = facts.broken.map(({ path, why }) => `${path} cannot be read: ${why}`).join('\n')
  const why = `there is no server, bot, worker or page among ${facts.files} files`
  return new Failure('init.nothing', 'nothing here looks like an app that can be run', {
    why: broken === '' ? why : `${broken}\n${why}`,
    fix:
      broken === ''
        ? 'run it in the root of the repository, or write innkeeper.yaml by hand: docs/innkeeper-yaml.md'
        : 'correct that file, then: `inn init`',
  })
}

function appName(facts: Facts, remarks: Remarks): string {
  const own = facts.packages.find(p => p.folder === '.')?.name.replace(/^@[^/]+\//, '') ?? ''
  const name = validName(own === '' || GENERIC.test(own) ? facts.folderName : own)
  remarks.say('name', 'Names the folder, user and database of the app: another name is another app.')
  return name
}

function databases(config: ProposedConfig, { facts, roles, remarks }: Look): void {
  const running = roles.filter(role => role.kind !== 'site').map(role => role.pkg)
  const reached = new Set([
    ...running.map(p => p.folder),
    ...facts.packages.filter(p => running.some(r => r.internal.includes(p.name))).map(p => p.folder),
    '.',
  ])
  const used = facts.databases.filter(d => reached.has(d.folder) && running.length > 0)
  const by = (kind: string) => used.filter(d => d.kind === kind).map(d => d.by)
  if (by('postgres').length > 0) {
    config.database = { postgres: true }
    remarks.say('database', `Gives DATABASE_URL. Found by ${list(by('postgres'))}.`)
  }
  if (by('redis').length > 0) {
    config.redis = true
    remarks.say('redis', `Gives REDIS_URL. Found by ${list(by('redis'))}.`)
  }
  for (const kind of ['mysql', 'mongodb'] as const) {
    if (by(kind).length > 0)
      remarks.warnings.push(
        `${list(by(kind))}: Innkeeper runs PostgreSQL and Redis; ${kind === 'mysql' ? 'MySQL' : 'MongoDB'} must run elsewhere, with its address under env`,
      )
  }
}

/** With one running service, `env:` stands at the top. With several, each gets only what it reads: a bot must not hold the API's keys. */
function environment(config: ProposedConfig, { facts, roles, remarks }: Look): void {
  const running = roles.filter(role => role.kind !== 'site')
  const folders = [...new Set(running.map(role => role.pkg))]
  if (folders.length === 1) {
    const env = runEnv(namesOf(folders[0]!, facts), { facts, path: 'env', remarks })
    if (Object.keys(env).length > 0) config.env = env
    return
  }
  for (const role of running) {
    const env = runEnv(namesOf(role.pkg, facts), { facts, path: `services.${role.name}.env`, remarks })
    const service = config.services[role.name]!
    if (Object.keys({ ...service.env, ...env }).length > 0) service.env = { ...service.env, ...env }
  }
}
