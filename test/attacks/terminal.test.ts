import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { makeServer, type Server } from '../kit/server.ts'

const NAME = 't-esc'
const INN = join(import.meta.dirname, '../../server/src/bin/inn.js')

/** A title of the window, an empty screen, hidden text, 8-bit sequences, text that runs backwards, a line written over. */
const HOSTILE =
  '\x1b]0;pwned\x07\x1b[2J\x1b[8mhidden\x1b[1;1H\x9b31m\x9d0;pwned\x9c\u202egnp.exe\u2066x\rover\b\x7f\x1bc\x1b[31m'
/** What may be left of it: colours of ours, an emptied line of ours, and ends of lines as a terminal gets them. */
const OURS = /\x1b\[(?:0|1|2|22|3[12346]|39)m|\r\x1b\[2K|\r+\n/g
const COMMANDS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/

let server: Server
let app: Fixture

const js = JSON.stringify(HOSTILE)

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, '', '    build: [["node", "build.js"]]\n'),
    'build.js': `console.log('building ' + ${js})`,
    'server.js': serverJs('v1', `console.log('started ' + ${js}); console.error('error: ' + ${js})`),
    [`untracked ${HOSTILE.replaceAll('/', '')}`]: 'x',
  })
  const git = (...args: string[]) =>
    execOk({ argv: ['git', '-C', app.folder, ...args], timeoutMs: 20_000 }, 'git')
  await git('init', '-q')
  await git('add', 'innkeeper.yaml', 'build.js', 'server.js')
  await git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '-qm', `good ${HOSTILE}`)
})

after(() => server?.remove())

interface Shown {
  text: string
  code: number | null
}

/** The command with a terminal before it, which shows colours. */
async function onTerminal(args: readonly string[], cwd = app.folder): Promise<Shown> {
  const quoted = args.map(arg => `'${arg.replaceAll("'", "'\\''")}'`).join(' ')
  const command = `exec ${process.execPath} --disable-warning=ExperimentalWarning -- ${INN} ${quoted}`
  const { NO_COLOR: _, ...env } = process.env
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd,
    env: { ...env, INNKEEPER_HOME: server.home, TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { text, code }
}

function commandsNothing({ text }: Shown, ...expected: string[]): void {
  for (const words of expected) assert.ok(text.includes(words), `${words} is not in\n${JSON.stringify(text)}`)
  const rest = text.replaceAll(OURS, '')
  const found = COMMANDS.exec(rest)
  assert.equal(found, null, JSON.stringify(rest.slice(Math.max(0, (found?.index ?? 0) - 60)).slice(0, 120)))
}

test('what a commit, a file, a build and an app say commands no terminal', async () => {
  const deployed = await onTerminal(['deploy', '-v'])
  assert.equal(deployed.code, 0, deployed.text)
  commandsNothing(deployed, 'not deployed', 'building', 'done in')
  assert.match(deployed.text, /\x1b\[32m/, 'our own colours are shown')
  await sleep(500)
  commandsNothing(await onTerminal(['releases', NAME]), 'good')
  commandsNothing(await onTerminal(['logs', NAME]), 'started', 'gnp.exe')
  // Of a command of one's own the streams are asked for as they are; its document commands nothing.
  const run = ['run', '--json', '--app', NAME, '--', 'node', '-e', `console.log('says ' + ${js})`]
  commandsNothing(await onTerminal(run), 'says')
})

test('nor does a failure: of the keeper, of the file, or of what was typed', async () => {
  commandsNothing(await onTerminal(['logs', `nothing${HOSTILE}`]), 'there is no app')
  commandsNothing(await onTerminal(['rollback', NAME, '--to', `r${HOSTILE}`]), 'r')
  const folder = await mkdtemp(join(tmpdir(), 'inn-t-esc-'))
  try {
    await writeFile(join(folder, 'innkeeper.yaml'), `name: ${JSON.stringify(HOSTILE)}\nev\x1b[2Jil: 1\n`)
    commandsNothing(await onTerminal(['check', folder]), 'problem')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the failing build of a hostile package is told without its commands', async () => {
  await app.write({ 'build.js': `console.error('error: ' + ${js}); process.exit(1)` })
  const failed = await onTerminal(['deploy'])
  assert.notEqual(failed.code, 0)
  commandsNothing(failed, 'error:')
})

test('a JSON document holds what was said, and commands nothing either', async () => {
  const { text } = await server.inn(['releases', NAME])
  assert.doesNotMatch(text, COMMANDS)
  const [release] = JSON.parse(text) as Array<{ commit: string }>
  assert.ok(release!.commit.includes('\u202e'), 'nothing of it is lost')
})

const env = ['node', '-e', 'console.log(process.env.A + process.env.B)']

test('a secret for a command or a deploy need not stand in the list of processes', async () => {
  const file = join(app.folder, '.secrets')
  await writeFile(file, 'A="from a file"\nB=too\n')
  const given = async (flags: string[], own: Record<string, string> = {}) => {
    const ended = await server.inn(['run', '--app', NAME, ...flags, '--', ...env], { env: own })
    return { said: (ended.json['lines'] as string[])[0], text: ended.text }
  }
  assert.equal((await given(['--env-file', file])).said, 'from a filetoo')
  assert.equal((await given(['--env', 'A', '--env', 'B'], { A: 'x', B: 'y' })).said, 'xy')
  const shown = await given(['--env', 'A=x', '--env', 'B=y'])
  assert.equal(shown.said, 'xy')
  assert.equal(shown.text.match(/list of processes/g)?.length, 1, 'it is said once')
  assert.doesNotMatch((await given(['--env-file', file])).text, /list of processes/)
})

test('a secret comes through standard input, and is never in the command line', async () => {
  const args = ['run', '--json', '--app', NAME, '--env-file', '-', '--', ...env]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--', INN, ...args], {
    env: { ...process.env, INNKEEPER_HOME: server.home },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = await readFile(`/proc/${child.pid}/cmdline`, 'utf8')
  child.stdin.end('A=canary-in\nB=put\n')
  let text = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk
  assert.deepEqual((JSON.parse(text) as { lines: string[] }).lines, ['canary-input'])
  assert.ok(!line.includes('canary'))
})
