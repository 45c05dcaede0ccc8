import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Order } from '../../apps/templates/template.ts'
import { liquid } from './apart.ts'

const renderer = liquid()
after(() => renderer.close())

const order = (template: string): Order => ({
  ...{ way: 'email', template, language: null, variables: { name: 'Ada' } },
})
const set = (source: string, body: string) => ({
  source,
  files: { 'a.html': `---\nsubject: x\nsample: { name: Ada }\n---\n${body}` },
})

test('templates are checked, sampled and made in a process of their own', async () => {
  const good = set('good', '<p>{{ name }}</p>')
  assert.deepEqual(await renderer.check(good.files), [])
  assert.deepEqual(
    (await renderer.check(set('bad', '{% if %}').files)).map(({ file, line }) => `${file} ${line}`),
    ['a.html 5'],
  )
  assert.deepEqual(await renderer.samples('shop', good), [
    { template: 'a', way: 'email', language: null, sample: { name: 'Ada' } },
  ])
  assert.equal((await renderer.render('shop', good, order('a'))).html, '<p>Ada</p>')
})

test('what the program knows of a source is not sent again, and what it has forgotten is', async () => {
  for (let n = 0; n < 12; n++) {
    const one = set(`s${n % 6}`, `<p>${n % 6}</p>`)
    assert.equal((await renderer.render('shop', one, order('a'))).html, `<p>${n % 6}</p>`)
  }
})

test('a source that serves again is known, whatever was deployed in between', async () => {
  for (const source of ['A', 'B', 'C', 'D', 'A', 'E', 'A'])
    assert.equal((await renderer.render('back', set(source, source), order('a'))).html, source)
})

test('what takes too long is refused by itself, and whoever asked meanwhile is answered', async () => {
  const heavy = liquid({ answerMs: 1_500 })
  const three =
    '{% for i in l %}{% for j in l %}{% for k in l %}{% endfor %}{% endfor %}{% endfor %}{{ name }}'
  const ask = (items: number) =>
    heavy
      .render('shop', set('h', three), {
        ...order('a'),
        variables: { name: 'Ada', l: Array.from({ length: items }, (_, n) => n) },
      })
      .then(
        ({ html }) => html,
        ({ code }: { code: string }) => code,
      )
  const all = await Promise.all([...Array.from({ length: 6 }, () => ask(400)), ask(1)])
  heavy.close()
  assert.deepEqual(all, [...Array.from({ length: 6 }, () => 'template.slow'), 'Ada'])
})

test('one app that takes long holds up no other, and its program is ended when it takes too long', async () => {
  const slow = liquid({ answerMs: 200 })
  try {
    await slow.render('quick', set('q', '<p>1</p>'), order('a')).catch(() => {})
    // Below the bound that the library has itself.
    const loop = set('loop', '{% for i in (1..90000) %}{% for j in (1..90000) %}{% endfor %}{% endfor %}')
    const first = slow.render('busy', loop, order('a')).then(
      () => null,
      (error: { code: string }) => error.code,
    )
    assert.equal(await first, 'template.slow')
    assert.equal((await renderer.render('other', set('o', '<p>2</p>'), order('a'))).html, '<p>2</p>')
    // The next one has a new program.
    const again = liquid()
    assert.equal((await again.render('busy', set('o', '<p>3</p>'), order('a'))).html, '<p>3</p>')
    again.close()
  } finally {
    slow.close()
  }
})
