import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scanFiles, scanHistory, scanLine } from './scan.ts'
import { ENV_RULE, SCAN_RULES } from './scan-rules.ts'

/** Letters as a machine draws them. */
const drawn = (n: number) => 'aB3xZ9kQ7mW2pL5vT8cR1nY6dF4hJ0gSuEiOoKqXbVzMtUwPyCrNlHsGj'.repeat(3).slice(0, n)
const upper = (n: number) => 'QZ7K2MXW5PLV4TCR3NYD6FHJ'.repeat(4).slice(0, n)
const hex = (n: number) => '9f8e7d6c5b4a39281706f5e4d3c2b1a0'.repeat(2).slice(0, n)

/** Rule → a line with what it looks for. The parts are joined here, so that other scanners leave this file alone. */
const FOUND: Readonly<Record<string, string>> = {
  'private-key': ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' '),
  age: `AGE-SECRET-${'KEY'}-1${upper(58)}`,
  aws: `aws: ${'AK'}IA${upper(16)}`,
  github: `const t = '${'gh'}p_${drawn(36)}'`,
  gitlab: `token=${'gl'}pat-${drawn(20)}`,
  slack: `${'xo'}xb-${drawn(30)}`,
  'slack-webhook': `https://hooks.${'slack'}.com/services/T00/B00/${drawn(40)}`,
  discord: `https://${'disc'}ord.com/api/webhooks/123456/${drawn(64)}`,
  telegram: `bot(${'81234567'}90:AA${drawn(33)})`,
  stripe: `${'sk_'}live_${drawn(24)}`,
  'stripe-webhook': `${'wh'}sec_${drawn(32)}`,
  sendgrid: `S${'G.'}${drawn(22)}.${drawn(43)}`,
  mailgun: `${'key'}-${hex(32)}`,
  google: `${'AI'}za${drawn(35)}`,
  openai: `${'sk'}-proj-${drawn(48)}`,
  npm: `${'npm'}_${drawn(36)}`,
  npmrc: `//registry.npmjs.org/:_${'auth'}Token=${hex(32)}`,
  'innkeeper-kit': `----- BEGIN INNKEEPER ${'RECOVERY'} KIT -----`,
  'url-password': `url: postgres://shop:${drawn(12)}@db.shop.eu:5432/shop`,
  named: `  JWT_SECRET: "${drawn(40)}",`,
}

for (const { id } of SCAN_RULES)
  test(`${id} is found, once, and shown in its first letters alone`, async () => {
    const line = FOUND[id]!
    const { findings } = await scanFiles(['src/config.ts'], async () => `one\n${line}\n${line}\n`)
    assert.deepEqual(
      findings.map(f => [f.rule, f.line]),
      [[id, 2]],
      line,
    )
    assert.ok(findings[0]!.shown.length <= 5)
    assert.deepEqual(scanLine('src/config.ts', `${line} // gitleaks:allow`), [])
  })

const NOTHING: readonly string[] = [
  'const secret = process.env.JWT_SECRET',
  'JWT_SECRET: { generate: 64 }',
  'password: z.string().min(8)',
  'token: requestAuthenticationToken',
  'password = "correct-horse-battery-staple"',
  'DATABASE_URL=postgres://shop:${PASSWORD}@db/shop',
  'DATABASE_URL=postgres://postgres:postgres@localhost:5432/shop',
  'url: "https://user:password1234@example.com"',
  'API_KEY=your-api-key-goes-here-1234',
  'apiKey: import.meta.env.VITE_API_KEY_2024',
  'secretName: shop-tls-certificate-2024-prod',
  `integrity: sha512-${drawn(60)}`,
  'SESSION_SECRET=<64 random letters, openssl rand>',
  'password: "$2b$10$"',
  'const tokens = ["access_token_v2_expired_at"]',
]

for (const line of NOTHING)
  test(`nothing is found in: ${line.slice(0, 60)}`, () =>
    assert.deepEqual(scanLine('src/config.ts', line), []))

test('in a .env that is no example a name is enough; lockfiles are left out, tests have no values of names', () => {
  assert.equal(scanLine('.env', 'MAIL_PASSWORD=hunter22')[0]!.rule, 'env-file')
  assert.equal(scanLine('apps/api/.env.production', "export API_KEY='hunter22'")[0]!.rule, 'env-file')
  assert.equal(scanLine('.env', 'PASSWORD="my#pass" # of mail')[0]!.value, 'my#pass')
  for (const path of ['.env.example', '.env.test', 'src/a.ts'])
    assert.deepEqual(scanLine(path, 'MAIL_PASSWORD=hunter22'), [], path)
  assert.deepEqual(scanLine('.env', 'MAIL_PASSWORD=changeme123'), [])
  assert.deepEqual(scanLine('.env', 'PUBLIC_URL=https://shop.eu'), [])
  assert.deepEqual(scanLine('test/login.ts', FOUND['named']!), [])
  assert.equal(scanLine('test/login.ts', FOUND['stripe']!).length, 1, 'a live key is one wherever it stands')
})

test('lockfiles, pictures and what a tool wrote in one line are left out', async () => {
  const read = async () => FOUND['stripe']!
  for (const path of ['package-lock.json', 'web/pnpm-lock.yaml', 'a.svg', 'dist/app.min.js'])
    assert.deepEqual((await scanFiles([path], read)).findings, [], path)
  assert.deepEqual(scanLine('a.js', FOUND['stripe']! + ' '.repeat(30_000)), [])
})

test('of the history what stands no more is told, with the commit that brought it and its line there', async () => {
  async function* log() {
    yield* [
      'commit:bbb 2026-02-01',
      '',
      'diff --git a/x b/x',
      '--- a/src/pay.ts',
      '+++ b/src/pay.ts',
      '@@ -7 +9,2 @@',
    ]
    yield* ['-old', `+moved ${FOUND['stripe']}`, '+more']
    yield* [
      'commit:aaa 2026-01-01',
      '',
      '+++ b/src/pay.ts',
      '@@ -0,0 +4,3 @@',
      '+one',
      `+${FOUND['stripe']}`,
      `+${FOUND['github']}`,
    ]
  }
  const { values } = await scanFiles(['now.ts'], async () => FOUND['github']!)
  assert.deepEqual(
    (await scanHistory(log(), values)).findings.map(({ path, line, rule, commit }) => [
      path,
      line,
      rule,
      commit,
    ]),
    [['src/pay.ts', 5, 'stripe', 'aaa 2026-01-01']],
  )
})

test('every value of a line is told', () => {
  const [one, two] = [drawn(24), [...drawn(24)].reverse().join('')]
  const line = `${'sk_'}live_${one} ${'sk_'}live_${two}`
  assert.equal(scanLine('a.ts', line).length, 2)
  assert.deepEqual(
    scanLine('a.ts', `{ db_password: "${one}", api_key: "${two}" }`).map(({ value }) => value),
    [one, two],
  )
})

test('of a value a quarter is shown at most, four characters of a long one, none of a short one', async () => {
  const shown = async (value: string) =>
    (await scanFiles(['.env'], async () => `MAIL_PASSWORD=${value}`)).findings[0]!.shown
  assert.equal(await shown('hunter2'), '…')
  assert.equal(await shown('hunter2hunt'), '…')
  assert.equal(await shown('hunter2hunte'), 'hun…')
  assert.equal(await shown('hunter2hunter2hunter2'), 'hunt…')
})

test('lines that are too long to be looked at for all are counted', async () => {
  const named = `api_key: "${drawn(40)}"`
  const long = `${' '.repeat(2000)}${named}`
  const { findings, longLines } = await scanFiles(['a.ts', 'a.svg'], async () => `${long}\n${named}\n`)
  assert.deepEqual([findings.map(({ line }) => line), longLines], [[2], 1])
  assert.equal(scanLine('a.ts', `${' '.repeat(2000)}${FOUND['stripe']}`).length, 1)
  async function* log() {
    yield* ['commit:aaa 2026-01-01', '+++ b/a.ts', '@@ -0,0 +1 @@', `+${long}`]
  }
  assert.deepEqual(await scanHistory(log(), new Set()), { findings: [], longLines: 1 })
})

const PARTS = [
  '_',
  'a',
  'A',
  '1',
  '-',
  '.',
  '=',
  ':',
  '/',
  ' ',
  '\t',
  '"',
  'token',
  'a:',
  '://',
  'a://',
  'sk-',
  'a://:',
]
for (const rule of [...SCAN_RULES, ENV_RULE])
  test(`${rule.id} takes no longer on a line that was made to take long`, () => {
    for (const before of PARTS)
      for (const after of PARTS) {
        const line = `${before.repeat(10_000 / before.length)}secret=${after.repeat(9_900 / after.length)}(`
        const began = performance.now()
        line.search(rule.pattern)
        const ms = performance.now() - began
        assert.ok(ms < 250, `${before} … ${after}: ${ms} ms`)
      }
  })
