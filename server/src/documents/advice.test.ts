import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command } from 'commander'
import { commandLine } from '../bin/program.ts'
import { PROJECT } from '../bin/version.ts'
import { allCodes } from './errors-source.ts'

const program = await commandLine('/h')

/** Words of a command as a shell would read them; what is filled in (`<app>`, `${…}`, `…`) is one word. */
const wordsOf = (text: string): string[] =>
  text.replaceAll(/\$\{[^}]*\}|<[^>]*>|…/g, 'X').match(/"[^"]*"|'[^']*'|\S+/g) ?? []

/** Why the program would not take a command; null: it would. `whole`: its arguments must be there, too. */
function refusal(text: string, whole = true): string | null {
  const [, ...words] = wordsOf(text)
  let command: Command = program
  let given = 0
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') return null
    // The rest is the shell's.
    if (word === '>' || word === '|') break
    if (word.startsWith('-') && word.length > 1) {
      const [name] = word.split('=')
      const known = [command, command.parent].flatMap(one => one?.options ?? [])
      const option = known.find(one => one.long === name || one.short === name)
      if (option === undefined && name !== '--help') return `${name} is no option of ${command.name()}`
      if (option?.required && !word.includes('=')) {
        if (words[i + 1] === undefined && whole) return `${name} wants a value`
        i++
      }
      continue
    }
    const below =
      given === 0 ? command.commands.find(one => [one.name(), ...one.aliases()].includes(word)) : undefined
    if (below !== undefined) command = below
    // What a command runs has options of its own.
    else if (command.registeredArguments.some(one => one.variadic)) return null
    else if (command.registeredArguments.length > given) given++
    else return `${word} is no command below ${command.name()}, and no argument of it`
  }
  if (command === program)
    return words.length === 0 || words.includes('--help') ? null : 'no command is named'
  if (!whole || words.includes('--help')) return null
  const least = command.registeredArguments.filter(one => one.required).length
  if (given < least) return `${command.name()} wants ${least} arguments`
  const { _defaultCommandName: usual } = command as unknown as { _defaultCommandName: string | null }
  const group = command.commands.length > 0 && command.registeredArguments.length === 0 && usual === null
  return group ? `${command.name()} is a group of commands` : null
}

test('what the program would refuse is found', () => {
  const table: Array<[string, string | null]> = [
    ['inn status', null],
    ['inn backup now <app> --full', null],
    ['inn restore --to "10:00"', null],
    ['inn run -- psql -c x', null],
    ['inn logs ${app} --service redis -n 50', null],
    ['inn releases <app> --all-of-them', '--all-of-them is no option of releases'],
    ['inn backup mend', 'mend is no command below backup, and no argument of it'],
    ['inn backup', 'backup is a group of commands'],
    ['inn backup show', 'show wants 1 arguments'],
    ['inn restor undo', 'restor is no command below inn, and no argument of it'],
    ['inn logs --service', '--service wants a value'],
  ]
  for (const [text, wanted] of table) assert.equal(refusal(text), wanted, text)
})

const wrong = (all: ReadonlyArray<{ text: string; of: string }>, whole: boolean): string[] =>
  all.flatMap(({ text, of }) => {
    const why = refusal(text, whole)
    return why === null ? [] : [`${of}: ${text}: ${why}`]
  })

test('each command that a fix names exists, with its options and arguments', () => {
  const fixes = allCodes(PROJECT).flatMap(({ code, fix }) =>
    [...fix.matchAll(/`(inn [^`]+)`/g)].map(found => ({ text: found[1]!, of: code })),
  )
  assert.ok(fixes.length > 150, String(fixes.length))
  assert.deepEqual(wrong(fixes, true), [])
})

test('so does each command that the dashboard proposes, and each that the documents name', () => {
  const named = (files: string, pattern: RegExp) =>
    globSync(files, { cwd: PROJECT }).flatMap(of =>
      [...readFileSync(join(PROJECT, of), 'utf8').matchAll(pattern)].map(found => ({ text: found[1]!, of })),
    )
  const proposed = named('web/src/**/*.tsx', /command=\{?["'`](inn [^"'`]+)["'`]/g)
  assert.ok(proposed.length > 5, String(proposed.length))
  assert.deepEqual(wrong(proposed, true), [])
  const written = named('{docs/*.md,*.md}', /`(inn [a-z][^`\n]*)`/g).filter(({ text }) => !text.includes('|'))
  assert.ok(written.length > 100, String(written.length))
  assert.deepEqual(wrong(written, false), [])
})
