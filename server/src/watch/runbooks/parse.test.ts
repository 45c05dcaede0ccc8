import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRunbook, titleIn } from './parse.ts'
import { filled, valuesOf, wrongWith } from './runbook.ts'

const TEXT = `---
for: [app.down, InstanceDown]
timeout: 2m
---
# The shop is down

For whoever is awake. See [the guide](https://example.com/guide).

## Look

What stands there first.

\`\`\`inn
inn status <app>
# a remark
inn logs --app <app> -n 20 --grep "no route"
\`\`\`

Then this.

## Does a session hold the others up?

\`\`\`inn sql
select 1 from pg_locks
 where not granted
\`\`\`

\`\`\`inn
inn db kill <pid> --app <app>
\`\`\`

## Call the provider

Their number is on the door.
`

test('a runbook is prose, questions, commands and checks, in the order of its text', () => {
  const { runbook, problems } = parseRunbook('shop-down', TEXT)
  assert.deepEqual(problems, [])
  assert.deepEqual(
    { ...runbook, sections: runbook.sections.length },
    {
      name: 'shop-down',
      title: 'The shop is down',
      about: 'For whoever is awake. See [the guide](https://example.com/guide).',
      for: ['app.down', 'InstanceDown'],
      safe: false,
      timeoutMs: 120_000,
      ofApp: true,
      links: ['https://example.com/guide'],
      sections: 3,
      items: [
        {
          ...{ kind: 'command', section: 0, text: 'inn status <app>', words: ['status', '<app>'] },
          changes: false,
        },
        {
          ...{ kind: 'command', section: 0, text: 'inn logs --app <app> -n 20 --grep "no route"' },
          ...{ words: ['logs', '--app', '<app>', '-n', '20', '--grep', 'no route'], changes: false },
        },
        {
          ...{ kind: 'question', section: 1, text: 'Does a session hold the others up?', prose: '' },
          sql: 'select 1 from pg_locks\n where not granted',
        },
        {
          ...{ kind: 'command', section: 1, text: 'inn db kill <pid> --app <app>' },
          ...{ words: ['db', 'kill', '<pid>', '--app', '<app>'], changes: true },
        },
        { kind: 'text', section: 2, text: 'Call the provider', prose: 'Their number is on the door.' },
      ],
    },
  )
  assert.deepEqual(runbook.sections[0], { title: 'Look', prose: 'What stands there first.\n\nThen this.' })
})

test('what is wrong is said with its line, all of it at once', () => {
  const step = (text: string) => `# T\n\n## S\n\n\`\`\`inn\n${text}\n\`\`\`\n`
  const cases: Array<[string, RegExp[]]> = [
    ['', [/no title/, /no section/]],
    ['# A\n# B\n## S\n', [/^line 2: a second title/]],
    ['# A\n```inn\ninn status\n```\n', [/^line 2: this step stands in no section/, /no section/]],
    [step('inn status\nrm -rf /'), [/^line 7: `rm` is no command of inn/]],
    [step('inn status | sort'), [/^line 6: \| means something to a shell/]],
    [step("inn incident note 1 'half"), [/^line 6: the quote ' does not end/]],
    [step('inn run -- sh'), [/cannot have `inn run`/]],
    [step('inn deploy'), [/cannot have `inn deploy`/]],
    [step('inn --host other status'), [/cannot have `inn --host`/]],
    [step('inn logs --follow'), [/^line 6: `inn logs` in a runbook takes no --follow/]],
    [step('inn certs show --file=x'), [/takes no --file/]],
    ['# A\n## S\n```inn sql\ndelete from booking\n```\n', [/^line 4: a check reads/]],
    ['# A\n## S\n```inn perl\nx\n```\n', [/^line 3: a step is/]],
    ['---\nfor: 3\nage: 2\n---\n# A\n## S\n', [/: for: /, /age/]],
    ['---\n{\n---\n# A\n## S\n', [/stands no YAML/]],
    [
      `---\nsafe: true\n---\n${step('inn restart <app>\ninn stop <app>')}`,
      [/`inn stop <app>` is nothing that runs by itself/],
    ],
    [`---\ntimeout: 7h\n---\n${step('inn status')}`, [/from 1s to 6h/]],
  ]
  for (const [text, wanted] of cases) {
    const { problems } = parseRunbook('x', text)
    assert.equal(problems.length, wanted.length, `${text}\n${problems.join('\n')}`)
    for (const [n, pattern] of wanted.entries()) assert.match(problems[n]!, pattern)
  }
})

test('a value fills its place and stays one word', () => {
  const [, , , item] = parseRunbook('x', TEXT).runbook.items
  assert.deepEqual(valuesOf(item!), ['pid'])
  const words = item!.kind === 'command' ? item!.words : []
  assert.deepEqual(filled(words, { app: 'shop', pid: '12 <app>' }), [
    'db',
    'kill',
    '12 <app>',
    '--app',
    'shop',
  ])
  assert.deepEqual(
    ['', '-x', 'a\nb', 'x'.repeat(201), 'a b', '<app>'].map(one => wrongWith(one) === null),
    [false, false, false, false, true, true],
  )
})

test('whatever a repository writes is read at once, or refused', () => {
  const n = 64_000
  const long = ['**_a', '_a_', '[', '> ', '- ', '<', '`a``b', '| a', '![a', '```\n', 'a\n', '\\', '[a]: <']
  for (const piece of long) {
    const began = performance.now()
    parseRunbook('x', `# T\n\n## S\n\n${piece.repeat(n / piece.length)}`)
    assert.ok(performance.now() - began < 2_000, `${piece} takes ${performance.now() - began} ms`)
  }
})

test('no text of a repository takes long to read', () => {
  const SIZE = 65_000
  const texts = [
    `# a${' '.repeat(SIZE)}b`,
    `# a\n${'- - '.repeat(SIZE / 4)}x`,
    `# a\n${'> '.repeat(SIZE / 2)}`,
    `# a\n${`${'- - '.repeat(990)}x\n`.repeat(SIZE / 4_000)}`,
  ]
  for (const text of texts) {
    const began = performance.now()
    parseRunbook('x', text)
    titleIn(text)
    assert.ok(performance.now() - began < 300, text.slice(0, 20))
  }
  assert.deepEqual(
    parseRunbook('x', `# a\n\n${'x'.repeat(4_001)}`).problems[0],
    'line 3: it has more than 4000 letters',
  )
})

test('lists show the title that the walk shows', () => {
  for (const text of [TEXT, '---\n# a remark\nsafe: true\n---\n# It is down  \r\n', 'nothing'])
    assert.equal(titleIn(text) ?? 'x', parseRunbook('x', text).runbook.title)
})
