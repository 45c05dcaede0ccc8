/** What a runbook may do with a command. */
interface Allowed {
  /** Options that may be given, beside `--app`, `--environment` and `--json`. */
  options: readonly string[]
  changes: boolean
  /** A runbook that runs by itself may have it. */
  safe: boolean
}

const reads = (...options: string[]): Allowed => ({ options, changes: false, safe: true })
const does = (...options: string[]): Allowed => ({ options, changes: true, safe: false })
/** Changes that make nothing worse, whoever does them. */
const mends = (...options: string[]): Allowed => ({ options, changes: true, safe: true })

/**
 * Commands that runbooks may have. None of them reads or writes a file of this machine, shows a secret, runs a program
 * that a repository names, or gives rights; a test compares the names and options with the command line.
 */
export const ALLOWED: Readonly<Record<string, Allowed>> = {
  status: reads(),
  ps: reads(),
  where: reads(),
  metrics: reads('--range', '--forecast'),
  logs: reads(
    '--since',
    '--until',
    '--lines',
    '-n',
    '--level',
    '--grep',
    '--field',
    '--service',
    '--release',
  ),
  errors: reads('--since', '--until', '--service', '--release'),
  releases: reads(),
  history: reads(),
  audit: reads('--who', '--lines', '-n'),
  'audit verify': reads(),
  env: reads(),
  probes: reads(),
  checkins: reads(),
  'alerts list': reads('--over'),
  'alerts routes': reads(),
  'silence list': reads(),
  'notify list': reads(),
  'outbox grants': reads(),
  'outbox templates': reads(),
  'incident list': reads('--all'),
  'incident show': reads(),
  'incident review': reads(),
  'maintenance list': reads(),
  'status-page show': reads(),
  'report show': reads(),
  'security check': reads(),
  'job list': reads(),
  'job history': reads('--number', '-n', '--run'),
  'db activity': reads(),
  'db locks': reads(),
  'db slow': reads(),
  'db pooling': reads(),
  'db doctor': reads(),
  'backup list': reads(),
  'backup show': reads(),
  'copies list': reads(),
  'copies remove': does('--wait'),
  'drill list': reads(),
  'drill show': reads(),
  'retention plan': reads(),
  'retention list': reads(),
  'retention show': reads(),
  'certs list': reads(),
  'certs show': reads(),
  'people list': reads(),
  'people review': reads(),
  'token list': reads(),
  'secrets list': reads(),
  'approvals list': reads(),
  'preview list': reads(),
  version: reads(),
  restart: mends('--wait'),
  start: mends('--wait'),
  'backup now': mends('--full', '--all', '--place', '--wait'),
  'backup verify': mends('--all', '--place', '--wait'),
  'drill now': mends('--point', '--wait'),
  'notify test': mends(),
  'incident note': mends(),
  'certs renew': mends('--wait'),
  rollback: does('--to', '--wait'),
  forward: does('--wait'),
  switch: does('--wait'),
  scale: does('--wait'),
  stop: does('--yes', '--wait'),
  ack: does('--all'),
  'silence add': does('--for'),
  'silence end': does(),
  'incident open': does('--severity', '--impact', '--lead'),
  'incident set': does('--title', '--severity', '--impact', '--lead'),
  'incident update': does('--say', '--as', '--title', '--component'),
  'incident ack': does(),
  'incident resolve': does(),
  'incident follow-up': does('--in'),
  'incident done': does(),
  'maintenance plan': does('--at', '--for', '--text', '--allow'),
  'maintenance end': does(),
  'report send': does('--day', '--week', '--month'),
  'job run': does(),
  'job stop': does(),
  'job pause': does(),
  'job resume': does(),
  'db kill': does(),
  'db tune': does('--wait', '--apply'),
  'db vacuum': mends('--table', '--wait'),
  'retention run': does('--wait'),
  'retention restore': does('--copy', '--wait'),
  'outbox cancel': does(),
  cancel: does(),
  restore: does(
    ...['--to', '--backup', '--point', '--files', '--redis', '--database', '--table', '--merge', '--into'],
    ...['--for', '--yes', '--wait'],
  ),
  'restore undo': does('--yes', '--wait'),
  'secrets rotate': does('--length', '--previous', '--grace', '--wait'),
  'token remove': does(),
  'preview down': does('--yes', '--wait'),
}

/** What stands below a command that does something by itself, and is another one; a test compares it with the command line. */
export const BELOW: Readonly<Record<string, readonly string[]>> = {
  audit: ['export', 'verify'],
  restore: ['undo', 'discard'],
}

const EVERYWHERE = ['--app', '--environment', '-e', '--json']

export interface Judged extends Allowed {
  name: string
  /** Whether the command asks before it does it, and takes `--yes` for it. */
  asks: boolean
  /** Whether it takes `--plan`. */
  plans: boolean
}

/** What may be done with the words of a command; or why not. */
export function judge(words: readonly string[]): Judged | { problem: string } {
  const two = `${words[0]} ${words[1]}`
  const name = Object.hasOwn(ALLOWED, two) ? two : words[0]
  if (name === undefined) return { problem: 'it names no command' }
  if (!Object.hasOwn(ALLOWED, name))
    return {
      problem: `a runbook cannot have \`inn ${words[0]}\`: it may only look, or change what the keeper itself changes and can tell of`,
    }
  const allowed = ALLOWED[name]!
  // Also after options: the command line looks for it in all words.
  const below = name === two ? undefined : words.slice(1).find(word => BELOW[name]?.includes(word))
  if (below !== undefined)
    return {
      problem: `a runbook cannot have \`inn ${name} ${below}\`, or a word between them; an app of that name is given by --app=${below}`,
    }
  const wrong = words
    .slice(name === two ? 2 : 1)
    .filter(word => word.startsWith('-'))
    .map(word => word.split('=')[0]!)
    .find(word => ![...EVERYWHERE, ...allowed.options].includes(word))
  if (wrong !== undefined) return { problem: `\`inn ${name}\` in a runbook takes no ${wrong}` }
  const takes = (option: string) => allowed.options.includes(option)
  // Whatever may have to wait for another change has a plan.
  return { ...allowed, name, asks: takes('--yes'), plans: takes('--wait') }
}
