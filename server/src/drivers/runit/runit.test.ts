import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { homeAt } from '../../config/home.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import type { ServiceSpec } from '../../servers/supervisor/supervisor.ts'
import { ageCipher, ensureKey } from '../age/age.ts'
import { exists, makeFolder } from '../host/files.ts'
import { startTime } from '../host/proc.ts'
import { encryptEarlier } from './encrypt-earlier.ts'
import { rulesText } from './log.ts'
import { runit } from './runit.ts'
import { treeCommand, wakeTree } from './runsvdir.ts'
import { wakeLogs } from './wake-logs.ts'

let home: string
let tree: ReturnType<typeof spawn>
const at = (...parts: string[]) => join(home, ...parts)
const wake = () => wakeTree(tree.pid!)
const cipher = () => ageCipher(at('keeper.key'))
const supervisor = () => runit({ services: at('sv'), watched: at('service'), wake, cipher: cipher() })

const spec = (name: string, script: string, more: Partial<ServiceSpec> = {}): ServiceSpec => ({
  name,
  argv: ['sh', '-c', script],
  cwd: home,
  env: { GREETING: "it's\ntwo lines", EMPTY: '' },
  user: null,
  log: at('log', name),
  tag: 'r1',
  graceSeconds: 1,
  ...more,
})

async function until(good: () => Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 1200; i++, await sleep(25)) if (await good()) return
  assert.fail(`not in time: ${what}`)
}

const log = (name: string) => readFile(at('log', name, 'current'), 'utf8').catch(() => '')

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'inn-runit-'))
  for (const part of ['sv', 'service', 'log']) await makeFolder(at(part))
  await ensureKey(at('keeper.key'), { first: true })
  const [program, ...args] = treeCommand(at('service'))
  tree = spawn(program, args, { env: { PATH: process.env['PATH'] }, stdio: 'ignore' })
})

after(async () => {
  const gone = new Promise(resolve => tree.on('exit', resolve))
  tree.kill('SIGHUP')
  await gone
  await sleep(500)
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
})

test('a defined service is stopped until it is started, has its environment, and its log carries the tag', async () => {
  const s = supervisor()
  await s.define(spec('hello', 'echo "$GREETING|$EMPTY|"; exec sleep 1000'))
  await s.start('hello')
  await until(async () => (await log('hello')).includes('two lines||'), 'log')
  assert.match(await log('hello'), /^\d{4}-\d\d-\d\dT[\d:.]+ r1 it's\n/)
  const state = (await s.state('hello'))!
  assert.ok(state.pid! > 0 && state.wanted)
  await s.stop('hello')
  assert.deepEqual(
    { ...(await s.state('hello'))!, seconds: 0 },
    { name: 'hello', pid: null, wanted: false, seconds: 0, tag: 'r1', crashes: 0 },
  )
})

test('a service that is killed runs again', async () => {
  const s = supervisor()
  await s.define(spec('again', 'exec sleep 1000'))
  await s.start('again')
  await until(async () => (await s.state('again'))!.pid !== null, 'start')
  const first = (await s.state('again'))!.pid!
  process.kill(first, 'SIGKILL')
  await until(async () => ![null, first].includes((await s.state('again'))!.pid), 'restart')
  assert.equal((await s.state('again'))!.crashes, 1)
  await s.stop('again')
})

test('a stop reaches the whole process group, and kills what ignores SIGTERM after its grace', async () => {
  const s = supervisor()
  await s.define(spec('deaf', 'trap "" TERM; sleep 1000 & echo child=$!; wait; sleep 1000'))
  await s.start('deaf')
  await until(async () => (await log('deaf')).includes('child='), 'child')
  const child = Number(/child=(\d+)/.exec(await log('deaf'))![1])
  const born = await startTime(child)
  assert.notEqual(born, null)
  await s.stop('deaf')
  assert.equal((await s.state('deaf'))!.pid, null)
  // Its number may be somebody else's by now.
  await until(async () => (await startTime(child)) !== born, 'the child is gone')
})

test('a stop is quick for what obeys, and ends nobody else', async () => {
  const s = supervisor()
  await s.define(spec('bystander', 'exec sleep 1000'))
  await s.define(spec('obeys', 'exec sleep 1000', { graceSeconds: 30 }))
  for (const name of ['bystander', 'obeys']) await s.start(name)
  await until(
    async () => (await s.state('obeys'))?.pid != null && (await s.state('bystander'))?.pid != null,
    'both',
  )
  const other = (await s.state('bystander'))!.pid
  const begun = Date.now()
  await s.stop('obeys')
  assert.ok(Date.now() - begun < 5_000, 'SIGTERM reached it')
  assert.equal((await s.state('bystander'))!.pid, other)
  await s.stop('bystander')
})

test('a child that outlives a crashed process is ended before the next start', async () => {
  const s = supervisor()
  await s.define(spec('orphan', 'sleep 1000 & echo child=$!; sleep 0.2; exit 1'))
  await s.start('orphan')
  await until(async () => (await log('orphan')).includes('child='), 'first start')
  const first = Number(/child=(\d+)/.exec(await log('orphan'))![1])
  const born = await startTime(first)
  await until(async () => ((await log('orphan')).match(/child=/g) ?? []).length >= 2, 'second start')
  // Its number may be somebody else's by now.
  const now = await startTime(first)
  assert.ok(now === null || now !== born)
  await s.stop('orphan')
})

test('a definition that changes takes its tag, command and environment at the next start, from the first line on', async () => {
  const s = supervisor()
  for (let n = 1; n <= 6; n++) {
    await s.define(
      spec('tagged', `echo line ${n} $GREETING; exec sleep 1000`, {
        tag: `r${n}`,
        env: n === 6 ? {} : { GREETING: `g${n}` },
      }),
    )
    await s.start('tagged')
    await until(async () => (await log('tagged')).includes(`line ${n}`), `the line of r${n}`)
    await s.stop('tagged')
  }
  const told = (await log('tagged'))
    .trim()
    .split('\n')
    .map(line => line.replace(/^\S+ /, ''))
  assert.deepEqual(
    told,
    [1, 2, 3, 4, 5, 6].map(n => `r${n} line ${n}${n === 6 ? '' : ` g${n}`}`),
  )
})

test('a log that gets secrets to mask, and loses them again, misses no line of a service that goes on', async () => {
  const s = supervisor()
  // A line comes at nearly every moment, so that one comes while the log is told to end.
  const script = `exec perl -e '$| = 1; for (1 .. 5000) { print "$_ hidden-word\\n"; select undef, undef, undef, 0.0004 } sleep 1000'`
  const masking = { logRules: { secrets: { WORD: ['hidden-word'] } } }
  await s.define(spec('masked', script))
  await s.start('masked')
  await until(async () => (await log('masked')).includes(' 9 hidden-word'), 'it runs')
  await s.define(spec('masked', script, masking))
  await until(async () => (await log('masked')).includes('***WORD***'), 'it is masked')
  await s.define(spec('masked', script))
  await until(async () => /hidden-word\n$/.test(await log('masked')), 'it is not masked')
  await s.define(spec('masked', script, masking))
  await until(async () => (await log('masked')).includes(' 5000 '), 'all is there')
  const told = (await log('masked')).trim().split('\n')
  assert.deepEqual(
    told.map(line => Number(line.split(' ')[2])),
    Array.from({ length: 5000 }, (_, n) => n + 1),
  )
  await s.stop('masked')
})

test('a log that stands still goes on, also behind a filter', async () => {
  const s = supervisor()
  const script = 'n=0; while sleep 0.05; do n=$((n + 1)); echo "$n of $GREETING"; done'
  const filtered = { logRules: { secrets: { WORD: ['hidden-word'] } } }
  for (const [name, more] of [
    ['plain', {}],
    ['filtered', filtered],
  ] as const) {
    await s.define(spec(name, script, more))
    await s.start(name)
    await until(async () => (await log(name)).includes('3 of'), 'it runs')
    const pid = Number(execFileSync('pgrep', ['-f', `^svlogd .*${at('log', name)}$`], { encoding: 'utf8' }))
    process.kill(pid, 'SIGSTOP')
    await until(async () => (await wakeLogs(at('sv'))).includes(name), 'it is found')
    assert.deepEqual(await wakeLogs(at('sv')), [])
    const before = (await log(name)).length
    await until(async () => (await log(name)).length > before, 'it goes on')
    await s.stop(name)
  }
})

test('a service that rests has nothing that masks its log, also after a boot, and says all when it starts again', async () => {
  const s = supervisor()
  const filters = () => {
    try {
      return execFileSync('pgrep', ['-f', `^perl filter .*${at('log', 'resting')}$`], {
        encoding: 'utf8',
      }).trim()
    } catch {
      return ''
    }
  }
  const rules = { logRules: { secrets: { WORD: ['hidden-word'] } } }
  await s.define(
    spec('resting', 'echo first; trap "echo last hidden-word; exit" TERM; sleep 1000 & wait', rules),
  )
  await s.start('resting')
  await until(async () => (await log('resting')).includes('first'), 'it runs')
  await s.stop('resting')
  await s.rest('resting')
  await until(async () => filters() === '', 'the filter ended')
  assert.match(await log('resting'), /last \*\*\*WORD\*\*\*/)
  await s.end('resting')
  await wake()
  await until(
    async () => (await s.state('resting'))?.pid === null && (await s.state('resting'))!.seconds < 60,
    'runsv is back',
  )
  await sleep(300)
  assert.equal(filters(), '')
  await s.start('resting')
  await until(async () => (await log('resting')).split('first').length === 3, 'it says all')
  assert.notEqual(filters(), '')
  await s.stop('resting')
})

test('a service that is removed ends, and leaves nothing but its log', async () => {
  const s = supervisor()
  await s.define(spec('gone', 'echo here; exec sleep 1000'))
  await s.start('gone')
  await until(async () => (await log('gone')).includes('here'), 'log')
  const { pid } = (await s.state('gone'))!
  await s.remove('gone')
  await s.remove('gone')
  assert.equal(await startTime(pid!), null)
  assert.equal(await s.state('gone'), null)
  assert.ok(!(await s.list()).includes('gone'))
  assert.match(await log('gone'), /here/)
  await s.define(spec('gone', 'echo again; exec sleep 1000', { tag: 'r2' }))
  await s.start('gone')
  await until(async () => (await log('gone')).includes('r2 again'), 'the same name once more')
  await s.stop('gone')
})

test('an end that is counted is one of its crashes; one that was asked for is not', async () => {
  const s = supervisor()
  await s.define(spec('counted', 'exec sleep 1000'))
  await s.start('counted')
  await until(async () => (await s.state('counted'))!.pid !== null, 'it runs')
  await s.stop('counted')
  assert.equal((await s.state('counted'))!.crashes, 0)
  await s.start('counted')
  await s.stop('counted', { counted: true })
  assert.equal((await s.state('counted'))!.crashes, 1)
})

/** Changes files of a service to what a version wrote that did not encrypt. */
async function asEarlier(name: string, logRules: ServiceSpec['logRules']): Promise<void> {
  const change = async (file: string, changed: (text: string) => string) =>
    writeFile(at('sv', name, file), changed(await readFile(at('sv', name, file), 'utf8')))
  const environment = await readFile(at('sv', name, 'environment.age'), 'utf8')
  await writeFile(at('sv', name, 'environment'), await cipher().decrypt(environment.trim()))
  await writeFile(at('sv', name, 'log', 'rules'), rulesText(logRules))
  for (const file of ['environment.age', 'log/rules.age']) await rm(at('sv', name, file))
  await change('run', text =>
    text.replace('#!/bin/bash', '#!/bin/sh').replace(/exec 3< [\s\S]*?\nwait .*\n/, 'exec 3<environment\n'),
  )
  await change('log/run', text => text.replace(/filter .* -- /, 'filter rules '))
  await change('log/filter', text =>
    text
      .replace(/my \(@rules, @svlogd\);\n.*\n.*\n/, 'my ($rules, @svlogd) = @ARGV;\n')
      .replace("'-|:raw', @rules", "'<:raw', $rules"),
  )
}

test('what an earlier version wrote as it is is encrypted beside what runs, which comes back with its environment', async () => {
  const s = supervisor()
  const logRules = { secrets: { WORD: ['s3cret-word'] } }
  const own = confinement({ home: homeAt(home), app: 'own', user: null, inside: home, cgroup: null })
  const script = 'echo "$GREETING s3cret-word"; exec sleep 1000'
  await s.define(spec('earlier', script, { confinement: own, logRules }))
  const files = ['run', 'log/run', 'log/filter']
  const texts = () => Promise.all(files.map(file => readFile(at('sv', 'earlier', file), 'utf8')))
  const written = await texts()
  await asEarlier('earlier', logRules)
  assert.equal((await texts()).filter((text, n) => text === written[n]).length, 0)
  await s.start('earlier')
  const said = async () => (await log('earlier')).split('two lines ***WORD***').length - 1
  await until(async () => (await said()) === 1, 'it runs')
  const { pid } = (await s.state('earlier'))!
  for (const times of [1, 2]) {
    await encryptEarlier(at('sv'), cipher())
    assert.deepEqual(await texts(), written, `${times}`)
  }
  for (const file of ['environment', 'log/rules'])
    assert.equal(await exists(at('sv', 'earlier', file)), false)
  assert.equal((await s.state('earlier'))!.pid, pid)
  process.kill(pid!, 'SIGKILL')
  await until(async () => (await said()) === 2, 'it runs again')
  assert.doesNotMatch(await log('earlier'), /s3cret/)
  await s.stop('earlier')
})

test('a service that nothing supervises says so', async () => {
  const alone = runit({ services: at('sv2'), watched: at('elsewhere'), wake, cipher: cipher() })
  await makeFolder(at('elsewhere'))
  await alone.define(spec('lost', 'exec sleep 1'))
  await assert.rejects(alone.start('lost'), { code: 'supervisor.absent' })
})

test('a new service is noticed in about a second, and without being woken in five', async () => {
  await sleep(6_000) // So that it is not looked at by chance.
  const taken = async (name: string, one: ReturnType<typeof supervisor>) => {
    await one.define(spec(name, 'exec sleep 1000'))
    const begun = performance.now()
    await one.start(name)
    return performance.now() - begun
  }
  const woken = await taken('woken', supervisor())
  assert.ok(woken < 2_500, `${woken} ms`)
  await wakeTree(null)
  const asleep = runit({ services: at('sv'), watched: at('service'), wake: async () => {}, cipher: cipher() })
  await taken('asleep', asleep)
})
