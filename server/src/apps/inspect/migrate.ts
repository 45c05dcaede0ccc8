import type { MigrationTool } from '../../config/config.ts'
import { schemaFlag } from './builds.ts'
import type { Facts, MigrationFacts, PackageFacts } from './facts.ts'
import type { ProposedConfig, Remarks } from './proposal.ts'
import type { Role } from './role.ts'
import { judge, unfold } from './scripts.ts'
import { startOf } from './start.ts'
import { join, relative } from './tree.ts'

/** Folders that need no `migrations:` in innkeeper.yaml; the same as in databases/migrations.ts. Of other tools the folder is always written. */
const USUAL: Partial<Record<MigrationFacts['kind'], RegExp>> = {
  prisma: /^prisma\/migrations$/,
  drizzle:
    /^(?:drizzle|migrations|drizzle\/migrations|src\/db\/migrations|src\/drizzle|server\/drizzle|db\/migrations|server\/migrations|src\/database\/migrations)$/,
  knex: /^migrations$/,
  'node-pg-migrate': /^migrations$/,
}

type Step = Pick<ProposedConfig, 'release' | 'migrations'>

/** The release step and the folder of the migrations, from the migration tool of the repository. */
export function releaseOf(facts: Facts, roles: readonly Role[], remarks: Remarks): Step {
  const running = roles.filter(role => role.kind !== 'site')
  const found =
    facts.migrations.find(
      m =>
        m.kind !== 'sql' &&
        (m.files !== null || m.script !== null || m.kind === 'lucid' || m.kind === 'payload'),
    ) ?? facts.migrations[0]
  if (found === undefined || running.length === 0) return {}
  if (found.pushOnly && !(found.kind === 'drizzle' && found.files !== null)) return pushed(found, remarks)
  const role = roleFor(found, facts, running)
  const owner = facts.packages.find(p => p.folder === found.folder)!
  const place = placeOf(found, role)
  if (found.kind === 'sql' && found.script === null) {
    remarks.check(
      'migrations',
      'plain SQL files, applied by Innkeeper in the order of their names, each once.',
    )
    return { migrations: { tool: 'sql', folder: found.files! } }
  }
  const line = commandOf(found, { owner, from: role.pkg, remarks })
  if (line === null) return {}
  const main = running[0]!.name
  return { release: role.name === main ? line : { command: line, service: role.name }, ...place }
}

/** A push of the schema may ask questions. In a deploy nobody answers, and it reports success all the same. */
function pushed(found: MigrationFacts, remarks: Remarks): Step {
  const [make, apply] =
    found.kind === 'prisma'
      ? ['prisma migrate dev --name init', 'prisma migrate deploy']
      : ['drizzle-kit generate', 'drizzle-kit migrate']
  remarks.warnings.push(
    `${found.config ?? found.kind}: there are no versioned migrations, only a push of the schema. push asks questions when it is unsure, and finds nobody there: make migrations (${make}), commit them, and write release: ${apply}`,
  )
  remarks.spares.push({
    under: '',
    key: 'release',
    value: apply,
    why: `once there are versioned migrations (${make}); a push of the schema asks questions that nobody answers`,
  })
  return {}
}

function roleFor(found: MigrationFacts, facts: Facts, running: readonly Role[]): Role {
  const owner = facts.packages.find(p => p.folder === found.folder)
  return (
    running.find(role => role.pkg === owner) ??
    running.find(role => role.pkg.internal.includes(owner?.name ?? ' ')) ??
    running[0]!
  )
}

function placeOf(found: MigrationFacts, role: Role): Step {
  const { kind, files } = found
  // Of the last two no folder is compared: their tables are read by no one but them.
  if (files === null || kind === 'sql' || kind === 'lucid' || kind === 'payload') return {}
  const seen = [role.pkg.folder, '.'].some(root => USUAL[kind]?.test(relative(root, files)))
  return seen ? {} : { migrations: { tool: kind as MigrationTool, folder: files } }
}

interface Where {
  owner: PackageFacts
  from: PackageFacts
  remarks: Remarks
}

/** Tools whose own command says more than the usual script around it. */
const CLI_IS_BETTER: ReadonlySet<MigrationFacts['kind']> = new Set(['prisma', 'node-pg-migrate'])

/** Whether the script runs a program of the repository, which knows more than the tool's own command. */
const ownProgram = (script: string, owner: PackageFacts): boolean =>
  judge(script, owner.scripts).process?.[0] === 'node'

function commandOf(found: MigrationFacts, where: Where): string | null {
  const { owner, from, remarks } = where
  if (found.script !== null && (ownProgram(found.script, owner) || !CLI_IS_BETTER.has(found.kind)))
    return scriptCommand(found.script, where)
  const config = (flag: string, usual: readonly string[]) =>
    found.config === null || (owner === from && usual.includes(relative(owner.folder, found.config)))
      ? ''
      : ` ${flag} ${relative(from.folder, found.config)}`
  switch (found.kind) {
    case 'prisma':
      return `${program('prisma', 'prisma/build/index.js', where)} migrate deploy${config(schemaFlag(found.config ?? '.prisma'), ['prisma/schema.prisma', 'schema.prisma', 'prisma.config.ts', 'prisma.config.js', 'prisma.config.mjs'])}`
    case 'drizzle':
      if (!owner.dependencies.has('drizzle-kit') && !owner.devDependencies.has('drizzle-kit')) {
        remarks.warnings.push(
          `drizzle-kit is no dependency of ${join(owner.folder, 'package.json')}: install it, or write a script that migrates with drizzle-orm`,
        )
      }
      return `${program('drizzle-kit', 'drizzle-kit/bin.cjs', where)} migrate${config('--config', ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs'])}`
    case 'knex':
      if (found.config?.endsWith('.ts'))
        remarks.check(
          'release',
          'the knexfile is TypeScript: knex needs tsx or ts-node among the dependencies to read it.',
        )
      else remarks.check('release', 'the knexfile needs a section for production that reads DATABASE_URL.')
      return `${program('knex', 'knex/bin/cli.js', where)} migrate:latest${config('--knexfile', ['knexfile.js', 'knexfile.ts', 'knexfile.cjs', 'knexfile.mjs'])}`
    case 'lucid':
      return 'node build/ace.js migration:run --force'
    case 'payload':
      if (found.files === null)
        remarks.check(
          'release',
          'there are no migrations yet: payload migrate:create makes them, and without them no table.',
        )
      return 'payload migrate'
    case 'node-pg-migrate':
      return 'node-pg-migrate up'
    case 'sequelize':
      return found.files === null ? null : 'sequelize-cli db:migrate'
    case 'mikro-orm':
      return 'mikro-orm migration:up'
    default:
      return typeorm(found, where)
  }
}

function typeorm(found: MigrationFacts, { remarks }: Where): null {
  remarks.warnings.push(
    `TypeORM without a script that migrates: write one (typeorm migration:run -d the compiled data source) and set release: to it; synchronize changes tables without asking${found.config === null ? '' : `; see ${found.config}`}`,
  )
  return null
}

/** In a pnpm workspace, programs of another package are not on PATH here, so they are called by the path in that package. */
function program(name: string, file: string, { owner, from }: Where): string {
  const here =
    owner === from ||
    from.dependencies.has(name) ||
    from.devDependencies.has(name) ||
    owner.manager !== 'pnpm'
  return here ? name : `node ${relative(from.folder, join(owner.folder, 'node_modules', file))}`
}

/** The command of the repository's own script, without the package manager around it where that is possible. */
function scriptCommand(script: string, { owner, from, remarks }: Where): string {
  if (owner !== from) return `npm --prefix ${relative(from.folder, owner.folder)} run ${script}`
  const judged = judge(script, owner.scripts)
  const whole = unfold(owner.scripts[script]!, owner.scripts)
  const single = !/[&|;<>`]/.test(whole)
  if (single && judged.process !== null && judged.process[0] !== 'next')
    return startOf(owner, { path: 'release', script: judged, remarks })
  const bare = whole.trim().replace(/^(?:(?:npx|pnpm exec|yarn|cross-env|dotenv --)\s+|[A-Z_]+=\S+\s+)+/, '')
  if (
    single &&
    /^(?:drizzle-kit|knex|node-pg-migrate|sequelize|sequelize-cli|mikro-orm|typeorm|prisma)\b/.test(bare) &&
    !bare.includes('"')
  )
    return bare
  return `npm run ${script}`
}
