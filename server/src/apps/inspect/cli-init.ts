import { lstat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { printJson } from '../../cli/command.ts'
import { fileAlike } from '../../cli/file.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { readConfig } from '../../config/read.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import type { Facts } from './facts.ts'
import { openFolder } from './folder.ts'
import { gather } from './gather.ts'
import type { Proposal } from './proposal.ts'
import { propose } from './propose.ts'
import { put } from './put.ts'
import { findings } from './show.ts'
import { write } from './write.ts'

interface Flags {
  json?: boolean
  force?: boolean
  terminal: Terminal
}

/** inn init [folder]: looks at a repository and writes the innkeeper.yaml that would run it. */
export async function init(folder: string, { json = false, force = false, terminal }: Flags): Promise<void> {
  const root = resolve(folder)
  const path = join(root, 'innkeeper.yaml')
  const there = await lstat(path).then(
    () => true,
    () => false,
  )
  if (there && !force) {
    throw new Failure('init.exists', 'there is an innkeeper.yaml here already', {
      why: `${path} would be lost`,
      fix: '`inn check` reads it; `inn init --force` writes over it',
    })
  }
  const alike = await fileAlike(root)
  if (alike !== null && !force) {
    throw new Failure('init.exists', `there is ${alike} here already`, {
      why: 'only the name innkeeper.yaml is read',
      fix: `\`mv ${alike} innkeeper.yaml\`; \`inn init --force\` writes one beside it`,
    })
  }
  const facts = await gather(await openFolder(root), basename(root))
  const proposal = propose(facts)
  const text = write(proposal)
  const { config, problems } = readConfig(text)
  if (config === null)
    throw new Error(
      `inn init wrote a file that inn check refuses: ${problems.map(p => `${p.path}: ${p.message}`).join('; ')}\n${text}`,
    )
  await put(path, text)
  if (json)
    return printJson({
      file: path,
      text,
      findings: findings(facts),
      services: config.services.map(({ name, kind, root: at }) => ({ name, kind, root: at })),
      checks: checks(proposal),
      warnings: proposal.warnings,
      broken: facts.broken,
      elsewhere: proposal.elsewhere,
    })
  show(facts, proposal, { terminal, services: config.services })
}

const checks = (proposal: Proposal) =>
  proposal.notes.filter(note => note.check).map(({ path, text }) => ({ path, text }))

interface Shown {
  terminal: Terminal
  services: ReadonlyArray<{
    name: string
    kind: string
    root: string
    start?: string[] | undefined
    static?: string | undefined
  }>
}

function show(facts: Facts, proposal: Proposal, { terminal, services }: Shown): void {
  const rows = findings(facts)
  const width = Math.max(...rows.map(row => row.what.length), ...services.map(s => s.name.length))
  terminal.print(terminal.paint('bold', `Looked at ${count(facts.files, 'file')}`))
  for (const { what, found } of rows)
    terminal.print(`  ${terminal.paint('dim', what.padEnd(width))}  ${found}`)
  terminal.print(
    terminal.paint('bold', `\nProposed: ${proposal.config.name} with ${count(services.length, 'service')}`),
  )
  for (const service of services) {
    const does = service.static === undefined ? service.start!.join(' ') : `files of ${service.static}`
    terminal.print(
      `  ${terminal.paint('cyan', service.name.padEnd(width))}  ${does}${service.root === '.' ? '' : terminal.paint('dim', `  in ${service.root}`)}${service.kind === 'worker' ? terminal.paint('dim', '  (worker)') : ''}`,
    )
  }
  moved(proposal, terminal)
  const guessed = checks(proposal)
  if (guessed.length > 0) terminal.print(terminal.paint('bold', '\nGuessed, marked "check:" in the file'))
  for (const { path, text } of guessed) terminal.print(`  ${terminal.paint('yellow', path)}: ${text}`)
  if (proposal.warnings.length > 0) terminal.print(terminal.paint('bold', '\nTo know'))
  for (const warning of proposal.warnings)
    terminal.print(`  ${terminal.paint('yellow', 'warning')}: ${warning}`)
  terminal.print(`\n${terminal.paint('green', 'innkeeper.yaml is written')}. Next:\n${next(proposal)}`)
}

/** What files of other platforms gave, and what of them is lost. */
function moved({ elsewhere }: Proposal, terminal: Terminal): void {
  for (const { platform, file, took, lost, unread } of elsewhere) {
    terminal.print(terminal.paint('bold', `\nFrom ${platform} (${file})`))
    for (const one of took) terminal.print(`  ${terminal.paint('green', 'took')}  ${one}`)
    for (const one of unread) terminal.print(`  ${terminal.paint('yellow', 'could not read')}  ${one}`)
    for (const one of lost) terminal.print(`  ${terminal.paint('dim', 'lost')}  ${one}`)
  }
}

function next({ config }: Proposal): string {
  const given = [
    config.env,
    ...Object.values(config.services).flatMap(service => [service.env, service.buildEnv]),
  ].flatMap(env => Object.entries(env ?? {}))
  const from = [
    ...new Set(
      given.flatMap(([name, value]) => (typeof value === 'object' && 'from' in value ? [name] : [])),
    ),
  ]
  const deploy =
    from.length === 0
      ? 'inn deploy'
      : `inn deploy ${from
          .slice(0, 3)
          .map(name => `--env ${name}`)
          .join(' ')}${from.length > 3 ? ' …  (or --env-file FILE)' : ''}`
  return ['inn check', 'git add innkeeper.yaml', deploy].map(line => `  ${line}`).join('\n')
}
