import { putElsewhere } from './compiled.ts'
import type { PackageFacts } from './facts.ts'
import type { Remarks } from './proposal.ts'
import { judge, type Script, unfold } from './scripts.ts'
import { join, under } from './tree.ts'

const COMPILERS =
  /\b(?:tsc|nest build|tsup|esbuild|swc|rollup|webpack|ncc|unbuild|pkgroll|tsdown|vite build --ssr)\b/

export const compiles = (pkg: PackageFacts): boolean =>
  Object.entries(pkg.scripts).some(
    ([name, line]) => name.startsWith('build') && COMPILERS.test(unfold(line, pkg.scripts)),
  )

interface Start {
  argv: string[]
  script: Script | null
  sure: boolean
  why: string
}

/** `start:` of a service: the process itself, with a comment that says why it is not `npm start`. */
export function startOf(
  pkg: PackageFacts,
  { path, script, remarks }: { path: string; script: Script | null; remarks: Remarks },
): string {
  const found = find(pkg, script)
  const { argv } = found
  const base = script ?? pkg.starts.find(s => s.name === 'start') ?? found.script
  const same = base !== null && base.line.trim() === argv.join(' ')
  if (base !== null && !same && base.harms.length > 0)
    remarks.say(path, `The script "${base.name}" is not taken: ${base.harms.join('; ')}.`)
  else if (base !== null && !same && found.why === '')
    remarks.say(path, `From the script "${base.name}" (${base.line}), without what wraps the process.`)
  if (found.why !== '') remarks[found.sure ? 'say' : 'check'](path, found.why)
  return argv.map(word => (/[\s"']/.test(word) ? JSON.stringify(word) : word)).join(' ')
}

function find(pkg: PackageFacts, named: Script | null): Start {
  if (
    named === null &&
    pkg.backends.includes('AdonisJS') &&
    /\bace(?:\.js)? build\b/.test(pkg.scripts['build'] ?? '')
  )
    return {
      argv: ['node', 'build/bin/server.js'],
      script: null,
      sure: true,
      why: 'Where ace build puts the program.',
    }
  const scripts = named === null ? pkg.starts : [named]
  for (const script of scripts.filter(s => s.process !== null)) {
    const resolved = resolve(pkg, script.process!)
    if (resolved !== null) return { ...(named === null ? placed(pkg, resolved) : resolved), script }
  }
  if (pkg.backends.includes('NestJS'))
    return {
      argv: ['node', nestMain(pkg)],
      script: null,
      sure: true,
      why: 'Where nest build puts the program.',
    }
  const dev = ['dev', 'start:dev', 'develop']
    .filter(name => pkg.scripts[name] !== undefined)
    .map(name => judge(name, pkg.scripts))
  for (const script of dev.filter(s => s.process !== null)) {
    const resolved = resolve(pkg, script.process!)
    if (resolved !== null)
      return { ...resolved, script, sure: false, why: `only the script "${script.name}" says what runs.` }
  }
  return conventional(pkg)
}

/** Where the build really puts the entry: what a template's script says was never tried by many, what the image runs was. */
function placed(pkg: PackageFacts, start: Omit<Start, 'script'>): Omit<Start, 'script'> {
  const at = start.argv.findIndex((word, n) => n > 0 && !word.startsWith('-'))
  const entry = start.argv[at]
  if (start.argv[0] !== 'node' || entry === undefined) return start
  const stem = (path: string): string => join(path).replace(/\.[cm]?js$/, '')
  const moved = putElsewhere(pkg, entry)
  const docker = pkg.docker
  const confirmed = docker !== null && stem(docker.value) === stem(moved?.entry ?? entry)
  if (
    docker !== null &&
    stem(docker.value) !== stem(entry) &&
    exists(pkg, docker.value) &&
    (confirmed || !start.sure)
  )
    return {
      argv: start.argv.with(at, docker.value),
      sure: true,
      why: `As the CMD of ${docker.from}; the script says ${entry}.`,
    }
  if (moved === null || confirmed) return start
  return {
    argv: start.argv.with(at, moved.entry),
    sure: false,
    why: `the build puts it at ${moved.entry} and not at ${entry}, because ${moved.by} is compiled too.`,
  }
}

const nestMain = (pkg: PackageFacts): string => join(pkg.typescript?.outDir ?? 'dist', 'main.js')

/** A script's argv → the argv that runs what the build leaves; null: the file that it would run is not there. */
function resolve(pkg: PackageFacts, argv: readonly string[]): Omit<Start, 'script'> | null {
  const entry =
    argv.find(word => /\.[cm]?[jt]sx?$/.test(word)) ?? argv.slice(1).find(word => !word.startsWith('-')) ?? ''
  const rest = argv.slice(argv.indexOf(entry) + 1)
  const typescript = /\.[cm]?tsx?$/.test(entry)
  if (
    argv[0] === 'tsx' ||
    argv[0] === 'ts-node' ||
    (argv[0] === 'node' && typescript && !argv.includes('--import'))
  ) {
    if (compiles(pkg) && typescript)
      return {
        argv: ['node', compiled(pkg, entry), ...rest],
        sure: exists(pkg, entry),
        why: 'What the build compiles, so that no compiler runs beside the app.',
      }
    if (argv[0] === 'tsx')
      return {
        argv: ['node', '--import', 'tsx', entry, ...rest],
        sure: true,
        why: 'tsx compiles at each start; it works, and costs some seconds and memory. A build step would be better.',
      }
    if (argv[0] === 'ts-node')
      return {
        argv: ['node', '-r', 'ts-node/register/transpile-only', entry, ...rest],
        sure: false,
        why: 'ts-node compiles at each start, without checking types here: a build step would be better.',
      }
  }
  if (argv[0] === 'next')
    return { argv: ['next', 'start', '-p', '$PORT', '-H', '$HOST'], sure: true, why: '' }
  const known = exists(pkg, entry)
  return {
    argv: [...argv],
    sure: known,
    why: known || argv[0] !== 'node' ? '' : `nothing in the sources seems to become ${entry}.`,
  }
}

/** Whether the package has a file, or a source that is compiled to it. */
function exists(pkg: PackageFacts, entry: string): boolean {
  const stem = join(entry).replace(/\.[cm]?[jt]sx?$/, '')
  const files = new Set(
    pkg.files.map(path => (pkg.folder === '.' ? path : path.slice(pkg.folder.length + 1))),
  )
  if (files.has(join(entry))) return true
  const inner = stem.split('/').slice(1).join('/')
  const stems = [
    stem,
    `${stem}/index`,
    ...(inner === ''
      ? []
      : [inner, `src/${inner}`, `server/${inner}`, `src/server/${inner}`, `${inner}/index`]),
  ]
  return stems.some(s =>
    ['.js', '.ts', '.mjs', '.cjs', '.mts', '.cts', '.tsx'].some(ending => files.has(s + ending)),
  )
}

/** src/index.ts → dist/index.js. */
function compiled(pkg: PackageFacts, entry: string): string {
  const { outDir, rootDir } = pkg.typescript ?? { outDir: null, rootDir: null }
  const path = join(entry)
  const root = rootDir ?? path.split('/')[0]!
  const inner = path.includes('/') && under(root, path) && root !== '.' ? path.slice(root.length + 1) : path
  return join(outDir ?? 'dist', inner.replace(/\.([cm]?)tsx?$/, '.$1js'))
}

const USUAL = [
  'server',
  'index',
  'app',
  'main',
  'bot',
  'worker',
  'src/server',
  'src/index',
  'src/main',
  'src/app',
  'src/bot',
  'src/worker',
  'server/index',
  'server/server',
  'bin/www',
  'api/index',
]

function conventional(pkg: PackageFacts): Start {
  const files = new Set(
    pkg.files.map(path => (pkg.folder === '.' ? path : path.slice(pkg.folder.length + 1))),
  )
  if (pkg.main !== null && exists(pkg, pkg.main))
    return {
      argv: ['node', join(pkg.main)],
      script: null,
      sure: files.has(join(pkg.main)),
      why: 'What main in package.json names.',
    }
  for (const stem of USUAL) {
    const js = ['.js', '.mjs', '.cjs'].find(ending => files.has(stem + ending))
    if (js !== undefined)
      return {
        argv: ['node', stem + js],
        script: null,
        sure: false,
        why: 'no script says what runs; this file looks like it.',
      }
    if (!files.has(`${stem}.ts`)) continue
    const entry = compiles(pkg) ? compiled(pkg, `${stem}.ts`) : `${stem}.ts`
    return {
      argv: ['node', entry],
      script: null,
      sure: false,
      why: compiles(pkg)
        ? 'no script says what runs; this is what the build makes of the likeliest file.'
        : 'no script says what runs; Node runs TypeScript by removing the types, where the syntax allows it.',
    }
  }
  return {
    argv: ['node', compiles(pkg) ? join(pkg.typescript?.outDir ?? 'dist', 'index.js') : 'index.js'],
    script: null,
    sure: false,
    why: 'nothing says which file runs: write it here.',
  }
}
