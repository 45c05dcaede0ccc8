import { inside, sizeText } from '../../../config/fields.ts'
import { parseArgv } from '../../../kernel/argv.ts'
import { givenElsewhere, plainValue } from '../environment.ts'
import type { Facts } from '../facts.ts'
import type { ProposedConfig, ProposedService, Remarks } from '../proposal.ts'
import type { Role } from '../role.ts'
import { unfold } from '../scripts.ts'
import type { Foreign, ForeignEnv, ForeignService, Moved } from './foreign.ts'

interface Look {
  facts: Facts
  roles: readonly Role[]
  remarks: Remarks
}

/** Takes into the file what other platforms' files say, and tells of each what was taken and what was not. */
export function takeElsewhere(config: ProposedConfig, look: Look): Moved[] {
  const said = new Map<string, string>()
  return look.facts.elsewhere.map(from => takeFile(config, { ...look, from, said, moved: empty(from) }))
}

const empty = ({ platform, file, lost, unread }: Foreign): Moved => ({
  platform,
  file,
  took: [],
  lost: [...lost],
  unread: [...unread],
})

function takeFile(config: ProposedConfig, take: Take): Moved {
  const { from, moved } = take
  for (const service of from.services) taken(config, { service, ...take })
  release(config, take)
  variables(config, from.env, { ...take, at: null })
  for (const kind of from.databases) {
    if (kind === 'postgres') moved.took.push('database: a PostgreSQL of its own, empty at first')
    else if (kind === 'redis') moved.took.push('redis: a Redis of its own, empty at first')
    else moved.lost.push(`${kind === 'mysql' ? 'MySQL' : 'MongoDB'}: it must run elsewhere`)
  }
  for (const key of ['took', 'lost', 'unread'] as const) moved[key] = [...new Set(moved[key])]
  return moved
}

interface Take extends Look {
  from: Foreign
  /** Paths of keys → what the first file said. */
  said: Map<string, string>
  moved: Moved
}

function taken(config: ProposedConfig, { service, ...take }: Take & { service: ForeignService }): void {
  const role = take.roles.find(({ origins }) => origins?.some(origin => origin.service === service) === true)
  const { moved } = take
  if (role === undefined) {
    const line = service.command === null ? '' : `: ${service.command}`
    moved.unread.push(`${service.name}${line}: it is no process of Node.js that can be told from its line`)
    return
  }
  const own = config.services[role.name]!
  const path = `services.${role.name}`
  const at = { own, path, ...take }
  if (service.command !== null) moved.took.push(`${path}: ${service.command}`)
  if (service.instances !== null && service.instances > 1) {
    if (own.singleton) moved.lost.push(`${path}.instances: ${service.instances}: it runs once`)
    else if (first('instances', String(service.instances), at)) own.instances = service.instances
  }
  if (service.memory !== null) memory(service.memory, at)
  if (service.health !== null && !own.worker) health(service.health, at)
  const persist = service.persist.filter(folder => inside.safeParse(folder).success)
  if (persist.length > 0) {
    own.persist = [...new Set([...(own.persist ?? []), ...persist])]
    moved.took.push(`${path}.persist: ${persist.join(', ')}: copy the files that are there`)
  }
  variables(config, service.env, { ...take, at: role.name })
}

interface At extends Take {
  own: ProposedService
  path: string
}

/** Whether no file before said another value of a key. What is told is the same either way: where it went. */
function first(key: string, value: string, { path, moved, said }: At): boolean {
  const before = said.get(`${path}.${key}`) ?? value
  said.set(`${path}.${key}`, before)
  if (before === value) moved.took.push(`${path}.${key}: ${value}`)
  else moved.lost.push(`${path}.${key}: ${value}: another file before says ${before}`)
  return before === value
}

const MB = 1024 ** 2

function memory(bytes: number, at: At): void {
  const whole = Math.round(bytes / MB) * MB
  if (whole < 64 * MB) at.moved.lost.push(`${at.path}.memory: ${whole / MB} MB is less than 64 MB`)
  else if (first('memory', sizeText(whole), at)) at.own.memory = sizeText(whole)
}

/** The path that another platform asked. What the sources say of the answer's body stays, where it is of the same path. */
function health(said: string, at: At): void {
  const asked = said.startsWith('/') ? said : `/${said}`
  if (!first('health', asked, at) || at.own.health?.path === asked) return
  at.own.health = { path: asked }
  const { remarks, from } = at
  const path = `${at.path}.health`
  remarks.notes.splice(0, Infinity, ...remarks.notes.filter(note => note.path !== path))
  remarks.say(
    path,
    `From ${from.file}. It is believed by its status alone: add what the body says when all is well.`,
  )
}

/** A migration elsewhere. What was found by the tool's own files stays. */
function release(config: ProposedConfig, { from, moved, facts, roles, remarks }: Take): void {
  if (from.release === null) return
  const scripts = roles.find(role => role.kind !== 'site')?.pkg.scripts ?? facts.packages[0]?.scripts ?? {}
  const line = unfold(from.release, scripts).replace(
    /^\s*(?:npx|pnpm exec|yarn exec|bunx)\s+(?:--?\w+\s+)*/,
    '',
  )
  if (config.release !== undefined) {
    moved.took.push(`release: ${from.release}, as it was found in the repository`)
    return
  }
  if (!('argv' in parseArgv(line))) {
    moved.unread.push(`release: ${from.release}: it is more than one command: write release: by hand`)
    return
  }
  config.release = line
  remarks.spares.splice(0, Infinity, ...remarks.spares.filter(spare => spare.key !== 'release'))
  remarks.check('release', `as ${from.file} has it.`)
  moved.took.push(`release: ${line}`)
}

interface Variables extends Look {
  moved: Moved
  /** The service that they are of; null: all. */
  at: string | null
}

const NAME = /^[A-Za-z_]\w*$/

function variables(config: ProposedConfig, all: readonly ForeignEnv[], look: Variables): void {
  const { moved, remarks, facts } = look
  const several = Object.values(config.services).filter(service => service.start !== undefined).length > 1
  const own = look.at !== null && several ? config.services[look.at] : undefined
  const path = own === undefined ? 'env' : `services.${look.at}.env`
  const named: string[] = []
  for (const { name, value } of all.filter(({ name }) => NAME.test(name) && !givenElsewhere(name, facts))) {
    named.push(name)
    if (config.env?.[name] !== undefined || own?.env?.[name] !== undefined) continue
    const plain = plainValue(name, value)
    const env = { [name]: plain ?? { from: name } }
    if (own === undefined) config.env = { ...config.env, ...env }
    else own.env = { ...own.env, ...env }
    const left = remarks.spares.filter(spare => spare.under !== path || spare.key !== name)
    remarks.spares.splice(0, Infinity, ...left)
  }
  if (named.length > 0) moved.took.push(`${path}: ${[...new Set(named)].join(', ')}`)
}
