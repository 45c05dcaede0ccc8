import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandLine } from '../../bin/program.ts'
import { KEEPER_ALARMS } from '../../drivers/prometheus/alarms.ts'
import { ALLOWED, BELOW, judge } from './allowed.ts'
import { parseRunbook } from './parse.ts'

const FOLDER = join(import.meta.dirname, '../../../../docs/runbooks')
const names = (await readdir(FOLDER)).map(file => file.replace(/\.md$/, ''))
const all = await Promise.all(
  names.map(async name => parseRunbook(name, await readFile(join(FOLDER, `${name}.md`), 'utf8'))),
)

/** Commands that no runbook can have, and why. */
const NEVER: ReadonlyArray<[RegExp, string]> = [
  [
    /^(init|check|deploy|promote|db lint|db rehearse|preview (up|connect\w*|disconnect)|git .*|ci .*|demo|dev|test|pack)$/,
    'they take files of the machine on which they are typed, or bring other code to serve',
  ],
  [
    /^(runbook .*|run|db shell|db seed|db reset|top|mcp|completion|open)$/,
    'they walk through runbooks, run programs of the app, wait for somebody to type, or go on for ever',
  ],
  [/^status-page (subscribers|remove)$/, 'they show or take addresses of people'],
  [/^(up|down|recover|upgrade|server .*|recovery .*)$/, 'they change Innkeeper itself'],
  [
    /^(people (add|remove|reset|require|sessions)|token add|approvals (show|approve|refuse)|secrets (get|set|unset|refresh|import|diff|scan)|notify (add|remove)|alerts (route|unroute|settings)|report settings|audit export|remove|restore discard|rebuild)$/,
    'they give rights, show or take secrets, decide for somebody, or cannot be taken back',
  ],
  [/^outbox (?:list|show|suppressed|lift)$/, 'names people, and what a step printed stays in the walk'],
  [/^outbox preview$/, 'writes a file of this machine'],
  [/^outbox (?:allow|deny)$/, 'rights'],
]

test('each command of the line is one that runbooks may have, or one that they may not for a reason', async () => {
  const { commands } = await commandLine('/h')
  const paths = new Map(
    commands.flatMap(one =>
      one.commands.length === 0
        ? [[one.name(), one] as const]
        : one.commands.map(sub => [`${one.name()} ${sub.name()}`, sub] as const),
    ),
  )
  // `inn restore` does something by itself, and has more below it.
  for (const one of commands) if (Object.hasOwn(ALLOWED, one.name())) paths.set(one.name(), one)
  for (const path of paths.keys()) {
    const never = NEVER.filter(([pattern]) => pattern.test(path)).length
    assert.equal(Number(Object.hasOwn(ALLOWED, path)) + never, 1, path)
  }
  for (const [path, { options }] of Object.entries(ALLOWED)) {
    const command = paths.get(path)
    assert.ok(command, `there is no command ${path}`)
    const known = command.options.flatMap(({ short, long }) => [short, long])
    for (const option of options) assert.ok(known.includes(option), `${path} ${option}`)
    assert.equal(options.includes('--yes'), known.includes('--yes'), `${path} asks`)
    if (options.includes('--wait')) assert.ok(known.includes('--plan'), `${path} has a plan`)
  }
})

test('what stands below a command that does something by itself is not taken for it', async () => {
  const { commands } = await commandLine('/h')
  const below = commands.flatMap(one =>
    Object.hasOwn(ALLOWED, one.name()) && one.commands.length > 0
      ? [[one.name(), one.commands.map(sub => sub.name()).sort()] as const]
      : [],
  )
  assert.deepEqual(
    Object.fromEntries(below),
    Object.fromEntries(Object.entries(BELOW).map(([name, subs]) => [name, subs.toSorted()])),
  )
  const refused = ['restore discard', 'restore --yes discard', 'audit export', 'audit -n 3 export']
  for (const words of refused) assert.ok('problem' in judge(words.split(' ')), words)
  for (const words of ['restore undo --yes', 'audit verify', 'restore shop', 'restore --app=discard'])
    assert.ok(!('problem' in judge(words.split(' '))), words)
})

test('each runbook that comes with Innkeeper can be walked, and names alerts that there are', async () => {
  const rules = await readFile(join(import.meta.dirname, '../metrics/rules.ts'), 'utf8')
  const known = new Set([
    ...KEEPER_ALARMS.flatMap(({ alarms }) => alarms.map(one => one.code)),
    ...[...rules.matchAll(/alert: '(\w+)'/g)].map(([, name]) => name!),
  ])
  assert.equal(all.length, 17)
  for (const { runbook, problems } of all) {
    assert.deepEqual(problems, [], runbook.name)
    for (const name of runbook.for) assert.ok(known.has(name), `${runbook.name}: ${name}`)
  }
})
