import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import {
  iniValue,
  pgpassField,
  quoteConninfo,
  quoteRestoreCommand,
  quoteShell,
  quoteSqlName,
  quoteSqlText,
} from './quote.ts'

// Each function is tried with the parser of its target language: the text comes back unchanged, or is refused before it is written.

let at: string
before(() => {
  at = mkdtempSync(join(tmpdir(), 'inn-quote-'))
})
after(() => rmSync(at, { recursive: true, force: true }))

const NASTY = [
  `'`,
  `"`,
  '\\',
  '$(id)',
  '`id`',
  '\n',
  '\r',
  '\t',
  ' ',
  ';',
  '#',
  '%',
  '%p',
  ':',
  '=',
  '[x]',
  '\u2028',
  'é',
  '&&',
  '!',
]
const texts = fc.oneof(
  fc.string({ unit: fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 3 })), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
/** Texts that can be arguments of a process: UTF-8 without NUL and without lone surrogates. */
const written = texts.filter(text => !text.includes('\0') && text.isWellFormed())

const refusing = (quote: (text: string) => string, text: string): string | null => {
  try {
    return quote(text)
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'text.refused')
    return null
  }
}

test('a shell reads an argument back as it was', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 20 }), words => {
      const out = execFileSync('/bin/sh', ['-c', `printf '%s\\0' x ${words.map(quoteShell).join(' ')}`], {
        encoding: 'utf8',
      })
      assert.deepEqual(out.split('\0').slice(1, -1), words)
    }),
    { numRuns: 150 },
  )
  assert.equal(refusing(quoteShell, 'a\0b'), null)
})

test('a restore_command reads it back after PostgreSQL replaced what begins with %', () => {
  /** Replaces % as the documentation of PostgreSQL says. */
  const replaced = (command: string) =>
    command.replaceAll(/%(.)/gs, (all, c: string) => ({ '%': '%', f: 'SEGMENT', p: 'PATH' })[c] ?? all)
  fc.assert(
    fc.property(written, text => {
      const command = replaced(`printf %%s ${quoteRestoreCommand(text)}`)
      assert.equal(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }), text)
    }),
    { numRuns: 100 },
  )
})

test('pgBackRest reads one value back as one value, and none as another line', () => {
  const shown = (text: string): string => {
    const conf = join(at, 'pgbackrest.conf')
    writeFileSync(conf, `[global]\nrepo1-path=${text}\n[main]\npg1-path=/nowhere\n`)
    const argv = [
      `--config=${conf}`,
      '--stanza=main',
      '--log-level-console=debug',
      '--log-level-file=off',
      'info',
    ]
    const { stdout } = spawnSync('pgbackrest', argv, { encoding: 'utf8', timeout: 20_000 })
    return /--log-level-file=off --repo1-path=(.*?) --stanza=main$/m.exec(stdout)?.[1] ?? stdout
  }
  for (const text of [
    `it's`,
    '$(id)',
    'a b',
    '#x',
    '[x]',
    'a=b',
    'a\\nb',
    ';',
    '100%',
    '[main]',
    'pg1-path=/x',
  ]) {
    const value = shown(iniValue(`/${text}`))
    assert.ok([`/${text}`, `"/${text}"`].includes(value), `/${text} came back as ${value}`)
  }
  fc.assert(
    fc.property(texts, text => {
      const value = refusing(iniValue, text)
      if (value !== null) assert.ok(value === text && !/[\n\r\0]/.test(value) && value === value.trim())
    }),
  )
  for (const text of ['a\nrepo1-path=/elsewhere', 'a\r', ' a', 'a ', '', 'a\0', 'a\u0085b'])
    assert.equal(refusing(iniValue, text), null)
})

test('libpq reads a value of a connection string, and a field of a pgpass file, back as it was', () => {
  const psql = (args: string[], env: Record<string, string>) => {
    try {
      return execFileSync('psql', args, {
        env: { PATH: process.env['PATH']!, ...env },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 20_000,
      })
    } catch (error) {
      return String((error as { stderr?: string }).stderr)
    }
  }
  fc.assert(
    fc.property(
      written.filter(text => /^[^/@,]+$/.test(text) && Buffer.byteLength(text) < 60),
      name => {
        // The folder does not exist, so libpq repeats its name in the error.
        const said = psql(
          [`host=${quoteConninfo(`/nowhere/${name}`)} port=1 user=x dbname=x connect_timeout=1`],
          {},
        )
        assert.ok(said.includes(`/nowhere/${name}/.s.PGSQL.1`), said)
      },
    ),
    { numRuns: 60 },
  )
  assert.equal(pgpassField('a:b\\c'), 'a\\:b\\\\c')
  for (const text of ['a\nb', 'a\rb', 'a\0b']) assert.equal(refusing(pgpassField, text), null)
})

test('a name and a text in SQL say themselves, and none holds a zero byte', () => {
  assert.equal(quoteSqlName('Odd "Name"'), `"Odd ""Name"""`)
  assert.equal(quoteSqlText(`o'k \\n`), `'o''k \\n'`)
  for (const name of ['', 'a\0']) assert.throws(() => quoteSqlName(name), { code: 'text.refused' })
  assert.throws(() => quoteSqlText('a\0'), { code: 'text.refused' })
})
