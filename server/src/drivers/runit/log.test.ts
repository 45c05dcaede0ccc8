import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { systemClock } from '../../kernel/clock.ts'
import { plain } from '../../kernel/output.ts'
import type { LogRules } from '../../servers/supervisor/supervisor.ts'
import { closeAll, endsOf, followLogs } from '../../watch/logs/follow.ts'
import { NESTED, SAID } from '../../watch/logs/level.fixture.ts'
import { everyLine, readLogs } from '../../watch/logs/read.ts'
import { ageCipher, ensureKey } from '../age/age.ts'
import { rulesText, writeLog } from './log.ts'

const run = promisify(execFile)

async function until(good: () => Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 600; i++, await sleep(25)) if (await good()) return
  assert.fail(`not in time: ${what}`)
}

/** A log as the supervisor starts it, fed by this process. */
async function logOf(t: TestContext, logRules: LogRules = {}) {
  const at = await mkdtemp(join(tmpdir(), 'inn-log-'))
  const log = join(at, 'kept')
  await run('mkdir', [join(at, 'log'), log])
  const spec = {
    name: 'web',
    argv: [],
    cwd: at,
    env: {},
    user: null,
    log,
    tag: 'r1',
    graceSeconds: 1,
    logRules,
  }
  const key = join(at, 'keeper.key')
  await ensureKey(key, { first: true })
  const cipher = ageCipher(key)
  await writeLog(at, spec, cipher)
  const start = () => spawn('./run', { cwd: join(at, 'log'), stdio: ['pipe', 'ignore', 'inherit'] })
  let child = start()
  t.after(async () => {
    child.kill('SIGKILL')
    await rm(at, { recursive: true, force: true, maxRetries: 5 })
  })
  const read = async (): Promise<string[]> => {
    const texts: string[] = []
    for await (const some of everyLine([{ folder: log, service: 'web', n: 1 }], {}, 0))
      for (const { text } of some) texts.push(text)
    return texts
  }
  return {
    ...{ at, log, read },
    write: (text: string | Buffer) =>
      new Promise<void>(resolve => {
        child.stdin.write(text, () => resolve())
      }),
    pid: () => child.pid!,
    define: (more: object) => writeLog(at, { ...spec, ...more }, cipher),
    /** Ends what feeds it, and waits until everything is written. */
    async end() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
    again() {
      child = start()
    },
  }
}

const SECRETS = {
  JWT_SECRET: ['s3cret-of-"shop"'],
  KEY: ['-----BEGIN KEY-----\nMIIEabcdef\nxyz\n-----END KEY-----'],
}

test('a secret reaches the disk in none of its forms, also when it comes in pieces', async t => {
  const log = await logOf(t, { secrets: { ...SECRETS, SHORT: ['true'] } })
  await log.write('plain s3cret-of-"shop" true\n{"t":"s3cret-of-\\"shop\\""}\nurl s3cret-of-%22shop%22 s3cr')
  await sleep(50)
  await log.write('et-of-"shop".\n-----BEGIN KEY-----\nMIIEabcdef\n')
  await log.end()
  assert.deepEqual(await log.read(), [
    'plain ***JWT_SECRET*** true',
    '{"t":"***JWT_SECRET***"}',
    'url ***JWT_SECRET*** ***JWT_SECRET***.',
    '-----BEGIN KEY-----',
    '***KEY***',
  ])
})

test('a line of 10 MB and binary output pass in little memory, with the secrets in them masked', async t => {
  const log = await logOf(t, { secrets: SECRETS })
  const piece = `${'x'.repeat(9_973)}s3cret-of-"shop"`
  await log.write(`${piece.repeat(1_000)}\n`)
  await log.write(
    Buffer.concat([Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 256)), Buffer.from('\nend\n')]),
  )
  const peak = Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${log.pid()}/status`, 'utf8'))![1])
  await log.end()
  assert.ok(peak < 16_000, `${peak} KB`)
  const kept = await wholeOf(log.log)
  assert.equal(kept.includes('s3cret'), false)
  assert.equal(kept.split('***JWT_SECRET***').length, 1_001)
  assert.equal(kept.split('x').length - 1 >= 9_973_000, true)
  assert.ok((await log.read()).includes('end'))
})

/** All that is on the disk, oldest first. */
async function wholeOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter(name => name.startsWith('@')).sort()
  const files = [...names, 'current'].map(async name => {
    const { stdout } = await run('zstd', ['-dcfq', join(folder, name)], {
      maxBuffer: 1e9,
      encoding: 'latin1',
    })
    return stdout
  })
  return (await Promise.all(files)).join('')
}

test('a log that is full is compressed, and no line of it is missing or there twice', async t => {
  const log = await logOf(t)
  const lines = Array.from(
    { length: 100_000 },
    (_, n) => `{"level":30,"msg":"line ${n} of many that are like it"}`,
  )
  await log.write(`${lines.join('\n')}\n`)
  const seen: number[] = []
  for (let reads = 0; reads < 5; reads++) seen.push((await log.read()).length)
  await log.end()
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    seen,
    'a later read has all of an earlier one',
  )
  const packed = async () => (await readdir(log.log)).filter(name => name.endsWith('.s'))
  await until(async () => (await packed()).length === 1, 'it is compressed')
  const { size } = await stat(join(log.log, (await packed())[0]!))
  assert.ok(size < 1_000_000, `${size}`)
  const read = await log.read()
  assert.equal(read.length, 100_000)
  assert.deepEqual(new Set(read).size, 100_000)
})

test('what a bound takes away is counted, and leftovers of a svlogd that was killed are compressed', async t => {
  const log = await logOf(t)
  const config = join(log.log, 'config')
  await log.end()
  await writeFile(
    config,
    (await readFile(config, 'utf8')).replace(/s5000000/, 's100000').replace('35000000', '6000'),
  )
  await writeFile(
    join(log.log, '@40000000000000000000000a.u'),
    '2026-11-20T10:00:00.00000 r1 left\n'.repeat(10),
  )
  log.again()
  const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} ${(n * 7919) % 10_007}`)
  for (let n = 0; n < 20; n++) await log.write(`${lines.slice(n * 1000, n * 1000 + 1000).join('\n')}\n`)
  await log.end()
  const unpacked = async () => (await readdir(log.log)).filter(name => /\.[ut]$/.test(name)).length
  await until(async () => (await unpacked()) === 0, 'all is compressed')
  const gone = Number(await readFile(join(log.log, 'gone'), 'utf8'))
  assert.ok(gone > 10)
  assert.equal(gone + (await log.read()).length, 20_010)
  const [first] = await readLogs([{ folder: log.log, service: 'web', n: 1 }], {}, { lines: 100_000, now: 0 })
  assert.match(first!.text, /^innkeeper: [\d,]+ lines before this one had to go/)
  const sizes = (await readdir(log.log))
    .filter(name => name.endsWith('.s'))
    .map(async name => (await stat(join(log.log, name))).size)
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  assert.ok(bytes < 6_000 + 100_000, `${bytes}`)
})

test('following a log that is full again and again, and compressed, loses and doubles no line', async t => {
  const log = await logOf(t)
  const config = join(log.log, 'config')
  await log.end()
  await writeFile(config, (await readFile(config, 'utf8')).replace(/s5000000/, 's100000'))
  log.again()
  const sources = [{ folder: log.log, service: 'web', n: 1 }]
  const positions = await endsOf(sources)
  t.after(() => closeAll(positions))
  const lines = followLogs({
    positions,
    sources: async () => sources,
    filter: {},
    clock: systemClock,
    signal: new AbortController().signal,
  })
  const seen: string[] = []
  const following = (async () => {
    for await (const some of lines) {
      seen.push(...some.map(line => line.text))
      if (seen.length >= 40_000) return
    }
  })()
  for (let n = 0; n < 40; n++) {
    await log.write(Array.from({ length: 1_000 }, (_, i) => `line ${n * 1000 + i}\n`).join(''))
    await sleep(20)
  }
  await following
  assert.equal(new Set(seen).size, 40_000)
  assert.equal(seen.length, 40_000)
})

test('a filter that is killed leaves the service running, and what is not yet read is kept', async t => {
  const log = await logOf(t, { secrets: SECRETS })
  await log.write('before\n')
  await until(async () => (await log.read()).length === 1, 'before')
  process.kill(log.pid(), 'SIGKILL')
  log.again()
  await log.write('after s3cret-of-"shop"\n')
  await log.end()
  assert.deepEqual(await log.read(), ['before', 'after ***JWT_SECRET***'])
})

test('a svlogd that is killed is started again by the filter', async t => {
  const log = await logOf(t, { secrets: SECRETS })
  await log.write('one\n')
  await until(async () => (await log.read()).length === 1, 'one')
  const { stdout } = await run('pgrep', ['-P', String(log.pid())])
  process.kill(Number(stdout), 'SIGKILL')
  const state = () => readFile(`/proc/${Number(stdout)}/stat`, 'utf8')
  await until(async () => (await state()).includes(') Z '), 'it ended')
  await log.write('two\n')
  await log.end()
  assert.deepEqual((await log.read()).sort(), ['one', 'two'])
})

test('levels that are left out are those that a reader sees, and how many is said', async t => {
  const log = await logOf(t, { keep: { debug: 0, info: 0 } })
  const all = [...SAID, ...NESTED]
  await log.write(all.map(([text]) => `${text}\n`).join(''))
  await log.end()
  const kept = all.filter(
    ([text, level]) =>
      level === null || !['debug', 'info'].includes(level) || NESTED.some(one => one[0] === text),
  )
  const counts = (wanted: string) => SAID.filter(([, level]) => level === wanted).length
  const [first, ...rest] = (await log.read()).toReversed()
  assert.match(
    first!,
    new RegExp(
      `^innkeeper: left out ${counts('info')} info and ${counts('debug')} debug in the last \\d+ s$`,
    ),
  )
  assert.deepEqual(
    rest.toReversed(),
    kept.map(([text]) => plain(text)),
  )
})

test('of info a share is kept evenly; what goes on goes where its beginning went', async t => {
  const log = await logOf(t, { keep: { info: 0.25 } })
  await log.write(Array.from({ length: 8 }, (_, n) => `info ${n}\n  more of ${n}\n`).join(''))
  await log.write('{"level":50,"msg":"bad"}\n    at f (/srv/a.js:1:2)\nplain\n')
  await log.end()
  const [said, ...kept] = (await log.read()).toReversed()
  assert.deepEqual(kept.toReversed(), [
    ...['info 3', '  more of 3', 'info 7', '  more of 7'],
    ...['{"level":50,"msg":"bad"}', '    at f (/srv/a.js:1:2)', 'plain'],
  ])
  assert.match(said!, /left out 12 info in/)
})

test('rules that cannot be read again leave those of before, and the log goes on', async t => {
  const log = await logOf(t, { secrets: SECRETS })
  await log.write('before\n')
  await until(async () => (await log.read()).length === 1, 'before')
  await writeFile(join(log.at, 'log', 'rules.age'), 'no rules\n')
  process.kill(log.pid(), 'SIGHUP')
  await log.write('s3cret-of-"shop"\n')
  await log.end()
  assert.deepEqual(await log.read(), ['before', '***JWT_SECRET***'])
})

test('rules are read again, and without rules there is no filter', async t => {
  const log = await logOf(t, { secrets: SECRETS })
  await log.write('abcdefgh\n')
  await until(async () => (await log.read()).length === 1, 'the first')
  assert.equal(await log.define({ tag: 'r2', logRules: { secrets: { NEW: ['abcdefgh'] } } }), 'reread')
  // svlogd opens its file with mode 644 when it has read its configuration.
  await chmod(join(log.log, 'current'), 0o600)
  process.kill(log.pid(), 'SIGHUP')
  await until(async () => ((await stat(join(log.log, 'current'))).mode & 0o777) === 0o644, 'read again')
  await log.write('abcdefgh\n')
  await log.end()
  assert.match(await readFile(join(log.log, 'current'), 'utf8'), /r1 abcdefgh\n.* r2 \*\*\*NEW\*\*\*\n$/)
  assert.equal(await log.define({ tag: 'r2', logRules: {} }), 'restart')
  assert.match(await readFile(join(log.at, 'log', 'run'), 'utf8'), /exec svlogd/)
  assert.equal(rulesText({ secrets: { A: ['short'] } }), '')
})
