import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../apps/templates/template.ts'
import { openTemplates } from './engine.ts'

const FILES = {
  'layout.html':
    '<html><head><title>{{ subject }}</title></head><body>{{ content | raw }}<p>Harbour</p></body></html>',
  '_foot.html': '<p>{{ hostel }}</p>',
  'welcome.html':
    '---\nsubject: Welcome, {{ guest.name }}\nsample: { guest: { name: Ada } }\n---\n<h1>Hello {{ guest.name }}</h1>{% if note %}<p>{{ note }}</p>{% endif %}<p>{{ room | default: "any" }}</p>{% render "_foot.html", hostel: "Quay" %}',
  'welcome.de.html': '---\nsubject: Willkommen, {{ guest.name }}\n---\n<h1>Hallo {{ guest.name }}</h1>',
  'reminder.txt': 'Check out at {{ time }} <now>',
}
const templates = openTemplates(FILES)
const order = (more: Partial<Order> = {}): Order => ({
  ...{ way: 'email', template: 'welcome', language: null, variables: { guest: { name: 'Ada' } }, ...more },
})
const fails = (code: string, about: RegExp) => (error: { code?: string; message: string; why?: string }) =>
  error.code === code && about.test(`${error.message} ${error.why}`)

test('a message has its subject, its layout, its parts, and a text for who reads no HTML', () => {
  const { subject, html, text } = templates.render(order())
  assert.equal(subject, 'Welcome, Ada')
  assert.match(
    html!,
    /<title>Welcome, Ada<\/title>.*<h1>Hello Ada<\/h1><p>any<\/p><p>Quay<\/p><p>Harbour<\/p>/s,
  )
  assert.equal(text, 'Hello Ada\n\nany\n\nQuay\n\nHarbour')
})

test('values are escaped in HTML, and neither they nor their line breaks begin a header', () => {
  const name = '<script>x</script>\r\nBcc: other@example.com\u2028X: y'
  const { subject, html } = templates.render(order({ variables: { guest: { name } } }))
  assert.doesNotMatch(html!, /<script/)
  assert.match(html!, /&lt;script&gt;/)
  assert.doesNotMatch(subject!, /[\r\n\u2028]/)
})

test('a language falls back to its first part, and then to the file without one', () => {
  assert.equal(templates.render(order({ language: 'de-AT' })).subject, 'Willkommen, Ada')
  assert.equal(templates.render(order({ language: 'fr' })).subject, 'Welcome, Ada')
})

test('what goes to Telegram is text as it stands', () => {
  const made = templates.render({
    way: 'telegram',
    template: 'reminder',
    language: null,
    variables: { time: '<11>' },
  })
  assert.deepEqual(made, { subject: null, html: null, text: 'Check out at <11> <now>' })
})

test('a missing variable is named with its file and line; one that is asked for by if or default may be missing', () => {
  assert.throws(
    () => templates.render(order({ variables: { guest: {} } })),
    fails('template.variable', /guest\.name.*line 5 of messages\/welcome\.html/s),
  )
})

test('a template that is not there is refused with the one that is meant', () => {
  assert.throws(() => templates.render(order({ template: 'welcom' })), fails('template.unknown', /welcome/))
  assert.throws(() => templates.render(order({ template: 'layout' })), fails('template.unknown', /layout/))
})

test('files that cannot be read are told with their lines', () => {
  const broken = openTemplates({
    'a.html': '---\nsubject: x\n---\n<p>\n{% if %}\n',
    'b.html': 'no head',
    'c.html': '---\nsubject: x\nto: y\n---\n',
    'd.txt': '{{ x | nothing }}',
    'e.html': '---\nsubject: "{{ x"\n---\n',
    'f.html': '---\nsubject: [\n---\n',
    'ok.html': FILES['welcome.html'],
  })
  assert.deepEqual(
    broken.problems().map(({ file, line }) => `${file} ${line}`),
    ['a.html 5', 'b.html 1', 'c.html 1', 'd.txt 1', 'e.html 1', 'f.html 1'],
  )
})

test('no template reaches a file, a function or what every value has', () => {
  const bodies = [
    '{% include "../../../etc/passwd" %}',
    '{% render "/etc/passwd" %}',
    '{{ guest.name.constructor }}',
    '{{ guest.constructor }}',
    '{{ guest.__proto__ }}',
  ]
  for (const body of bodies) {
    const one = openTemplates({ 'a.html': `---\nsubject: x\n---\n${body}` })
    assert.throws(() => one.render(order({ template: 'a' })), /nothing can be made|was not given/, body)
  }
})

test('loops and texts without end are ended', () => {
  const bodies = [
    '{% for i in (1..1000000000) %}x{% endfor %}',
    '{% for i in (1..100000) %}{% for j in (1..100000) %}{% endfor %}{% endfor %}',
    '{% assign s = "xxxxxxxx" %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
    '{% for i in (1..300000) %}x{% endfor %}',
    '{% render "a.html" %}',
  ]
  for (const body of bodies) {
    const one = openTemplates({ 'a.html': `---\nsubject: x\n---\n${body}` })
    const began = performance.now()
    assert.throws(
      () => one.render(order({ template: 'a' })),
      (error: { code?: string }) => /^template\.(?:slow|long|broken)$/.test(error.code ?? ''),
      body,
    )
    assert.ok(performance.now() - began < 5_000, body)
  }
})
