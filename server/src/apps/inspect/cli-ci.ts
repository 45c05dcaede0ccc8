import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { readAddress } from '../../cli/address.ts'
import type { Checkout } from '../../cli/checkout.ts'
import { printJson } from '../../cli/command.ts'
import { readAppFile } from '../../cli/file.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { invalid, readConfig, readConfigOrFail } from '../../config/read.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { FILES, FORGES, type Forge, guessForge } from './ci/forge.ts'
import { type Workflow, workflow } from './ci/plan.ts'
import { stageOf } from './ci/targets.ts'
import { openFolder } from './folder.ts'
import { gather } from './gather.ts'
import { put } from './put.ts'

interface Flags {
  for?: Forge
  ssh?: string
  branch?: string
  plan?: boolean
  force?: boolean
  json?: boolean
}

/** inn ci init [folder]: writes the workflow that tests each push and deploys. */
export async function initCi(
  folder: string,
  flags: Flags,
  { terminal, checkout }: { terminal: Terminal; checkout: Pick<Checkout, 'origin'> },
): Promise<void> {
  const root = resolve(folder)
  const file = await readAppFile(root)
  const { config, problems, environments } = readConfig(file)
  if (config === null) throw invalid(problems)
  if (flags.ssh !== undefined) readAddress(flags.ssh)
  const stage = stageOf(config, environments)
  const planned = workflow({
    forge: flags.for ?? (await guess(root, checkout)),
    way: flags.ssh === undefined ? { by: 'token' } : { by: 'ssh', address: flags.ssh },
    branch: flags.branch ?? null,
    config,
    stage: stage === null ? null : { name: stage, config: readConfigOrFail(file, stage) },
    facts: await gather(await openFolder(root), basename(root)),
  })
  const path = join(root, planned.path)
  const before = await readFile(path, 'utf8').catch(() => null)
  const same = before === planned.text
  if (!flags.plan && before !== null && !same && !flags.force) throw differs(planned.path)
  if (!flags.plan && !same) await put(path, planned.text)
  if (flags.json) return printJson({ ...planned, written: !flags.plan && !same })
  if (flags.plan) return terminal.print(planned.text)
  show(planned, { same, terminal })
}

async function guess(root: string, checkout: Pick<Checkout, 'origin'>): Promise<Forge> {
  const there: Forge[] = []
  for (const forge of FORGES) {
    const sign = forge === 'gitlab' ? FILES.gitlab : FILES[forge].split('/')[0]!
    if ((await stat(join(root, sign)).catch(() => null)) !== null) there.push(forge)
  }
  const found = guessForge((await checkout.origin(root)).remote, there)
  if (found !== null) return found
  throw new Failure('ci.forge', 'nothing says who would run the workflow', {
    why: 'neither the remote of the repository nor a folder of workflows names GitHub, GitLab, Forgejo or Gitea',
    fix: `\`inn ci init --for github\`, or ${FORGES.slice(1).join(', ')}`,
  })
}

const differs = (path: string): Failure =>
  new Failure('ci.exists', `there is ${path} here already`, {
    why: 'it says something else, which would be lost',
    fix: '`inn ci init --plan` prints what would be written, to take parts of it over; `inn ci init --force` writes over the file',
  })

const SETTINGS: Readonly<Record<Forge, string>> = {
  github: 'Settings, Environments',
  gitlab: 'Settings, CI/CD, Variables (protected; secrets masked)',
  forgejo: 'Settings, Actions',
  gitea: 'Settings, Actions',
}

function show(
  { forge, path, environments, variables, secrets, notes }: Workflow,
  { same, terminal }: { same: boolean; terminal: Terminal },
): void {
  terminal.print(`${terminal.paint('green', path)} ${same ? 'is as it would be written' : 'is written'}`)
  for (const note of notes) terminal.print(`  ${terminal.paint('yellow', 'warning')}: ${note}`)
  const where = forge === 'github' ? `, ${list(environments)}` : ''
  terminal.print(`\nIt reads, from ${SETTINGS[forge]}${where} (docs/ci.md):`)
  for (const name of variables) terminal.print(`  ${terminal.paint('dim', 'variable')}  ${name}`)
  for (const name of secrets) terminal.print(`  ${terminal.paint('dim', 'secret')}    ${name}`)
  terminal.print(`\nNext:\n  git add ${path}`)
}
