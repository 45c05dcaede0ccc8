import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from './scripts.ts'
import { envUses } from './variables.ts'

const of = (start: string, more: Record<string, string> = {}) => judge('start', { start, ...more })

test('the process is what stays of a line, without what wraps it', () => {
  const lines: Record<string, string | null> = {
    'node dist/main': 'node dist/main',
    'NODE_ENV=production PORT=3000 node --max-old-space-size=400 server.js':
      'node --max-old-space-size=400 server.js',
    'cross-env NODE_ENV=production node dist/index.js': 'node dist/index.js',
    'npm run build && node dist/index.js': 'node dist/index.js',
    'npx prisma migrate deploy && node dist/main.js': 'node dist/main.js',
    'nodemon --watch src server.js': 'node server.js',
    'node --watch --env-file=.env src/index.js': 'node src/index.js',
    'node -r dotenv/config index.js': 'node index.js',
    'pm2 start dist/index.js --name shop -i max': 'node dist/index.js',
    'tsx watch src/index.ts': 'tsx src/index.ts',
    'npm run serve': 'node a.js',
    'nest start': null,
    'vite preview': null,
    'react-scripts start': null,
    'docker compose up': null,
    '': null,
  }
  for (const [line, expected] of Object.entries(lines)) {
    assert.equal(of(line, { serve: 'node a.js', build: 'tsc' }).process?.join(' ') ?? null, expected, line)
  }
})

test('a line that does harm says how; a plain one says nothing', () => {
  const says = (line: string, pattern: RegExp, more = {}) =>
    assert.match(of(line, more).harms.join('; '), pattern, line)
  says('next start -p 3000', /fixes the port/)
  says('npm run build && node dist/a.js', /builds at each start/, { build: 'tsc' })
  says('knex migrate:latest && node a.js', /migrates at each start/)
  says('nodemon a.js', /watches files/)
  says('node a.js & node b.js', /several processes/)
  says('concurrently "node a" "node b"', /several processes/)
  says('pm2 start a.js', /detaches/)
  says('npm run serve', /package manager stays/, { serve: 'node a.js' })
  says('vite preview', /development server/)
  assert.deepEqual(of('node --enable-source-maps dist/main.js').harms, [])
  assert.deepEqual(of('next start').harms, [])
})

test('scripts that run each other in a circle come to an end', () => {
  assert.equal(judge('start', { start: 'npm run a', a: 'npm run b', b: 'npm run a' }).process, null)
})

const needed = (text: string): Record<string, boolean> =>
  Object.fromEntries(envUses([{ path: 'a.ts', text }]).map(use => [use.name, use.needed]))

test('a name is needed when nothing stands in for it', () => {
  assert.deepEqual(needed('f(process.env.AA); g(process.env["BB"]!)'), { AA: true, BB: true })
  assert.deepEqual(
    needed('process.env.AA ?? 1; process.env.BB || 2; process.env.CC ? 1 : 2; process.env.DD === "x"'),
    { AA: false, BB: false, CC: false, DD: false },
  )
  assert.deepEqual(needed('if (process.env.AA) start(process.env.AA)'), { AA: false })
  assert.deepEqual(needed('if (!process.env.AA) { throw new Error("A is missing") }'), { AA: true })
  assert.deepEqual(needed('process.env.AA ??= 1; process.env.BB = "2"; process.env.CC == 1'), { CC: false })
  assert.deepEqual(needed('const a = process.env.AA\nif (a !== undefined) return a'), { AA: false })
  assert.deepEqual(needed('const a = process.env.AA\nif (!a) throw new Error("AA is missing")'), { AA: true })
  assert.deepEqual(needed('const { AA, BB = "x" } = process.env'), { AA: true, BB: false })
  assert.deepEqual(
    needed('z.object({\n  AA: z.string(),\n  BB: z.string().optional(),\n}).parse(process.env)'),
    { AA: true, BB: false },
  )
  assert.deepEqual(needed('config.getOrThrow("AA"); config.get("BB")'), { AA: true, BB: false })
})
