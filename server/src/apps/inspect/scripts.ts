/** One script of package.json, parsed. */
export interface Script {
  name: string
  line: string
  /** Program and arguments of the process that keeps running, after following other scripts; null: none is recognised. */
  process: string[] | null
  /** Reasons why the script itself should not start the app. */
  harms: string[]
}

const START_NAMES = [
  'start:prod',
  'start:production',
  'prod',
  'production',
  'serve:prod',
  'start',
  'start:server',
  'server',
  'serve',
]
const EXTRA_NAMES = /^(?:start:)?(worker|workers|bot|queue|jobs|cron|scheduler)(?::prod)?$/

/** Scripts that may run the app, the most likely first. */
export const startScripts = (
  scripts: Readonly<Record<string, string>>,
  shown: Readonly<Record<string, string>> = scripts,
): Script[] =>
  START_NAMES.filter(name => scripts[name] !== undefined).map(name => ({
    ...judge(name, scripts),
    line: shown[name] ?? '',
  }))

/** Scripts other than `start` that look like separate processes. */
export const extraScripts = (scripts: Readonly<Record<string, string>>): Script[] =>
  Object.keys(scripts)
    .filter(name => EXTRA_NAMES.test(name))
    .map(name => judge(name, scripts))
    .filter(script => script.process !== null)

export const extraName = (script: Script): string => EXTRA_NAMES.exec(script.name)![1]!

export function judge(name: string, scripts: Readonly<Record<string, string>>): Script {
  const line = scripts[name] ?? ''
  const whole = unfold(line, scripts, 0)
  return { name, line, process: processOf(whole), harms: harmsOf(line, whole) }
}

/** Replaces `npm run x` by the line of x, at most three levels deep, because scripts may call each other in a loop. */
export function unfold(line: string, scripts: Readonly<Record<string, string>>, depth = 0): string {
  if (depth === 3) return line
  return line.replaceAll(
    /\b(?:npm|pnpm|yarn|bun)(?: run)? ([\w:.-]+)(?: --)?/g,
    (all: string, name: string) =>
      scripts[name] === undefined ? all : unfold(scripts[name], scripts, depth + 1),
  )
}

const HARMS: ReadonlyArray<[RegExp, string]> = [
  [/\bPORT=\d+|\s(?:-p|--port)[= ]\d+/, 'it fixes the port, and two colours cannot share one'],
  [
    /\bnodemon\b|--watch\b|\bts-node-dev\b|\btsx watch\b|\bnest start\b.*--watch/,
    'it watches files and starts again on its own',
  ],
  [
    /\b(?:tsc|tsup|esbuild|webpack|rollup|swc|nest build|next build|vite build|react-scripts build)\b[^&;|]*(?:&&|;)/,
    'it builds at each start, while visitors wait',
  ],
  [/\bnest start\b(?!.*--watch)/, 'nest start compiles again at each start'],
  [/\bts-node\b/, 'ts-node compiles in memory at each start'],
  [
    /\bvite preview\b|\bvite\s*$|\breact-scripts start\b|\bnext dev\b|\bng serve\b|\bnuxt dev\b|\bwebpack(?:-dev-server| serve)\b/,
    'it is a development server',
  ],
  [
    /\b(?:migrate|migrations?:run|db:migrate|db push|drizzle-kit push)\b[^&;|]*(?:&&|;)/,
    'it migrates at each start, in every instance at once',
  ],
  [/\bpm2\b|\bforever\b/, 'pm2 detaches from the supervisor and keeps an old copy running'],
  [
    /\bconcurrently\b|\bnpm-run-all\b|\brun-p\b|[^&]&(?:$|[^&])/,
    'it starts several processes, and the stop signal does not reach them all',
  ],
  [/\b(?:docker|docker-compose)\b/, 'it starts containers'],
  [/--env-file\b|\bdotenv\b(?!\/config)/, 'it reads a .env file, which is not deployed'],
  [/\bserve -s\b|\bhttp-server\b/, 'it is a file server: the edge serves files itself'],
]

function harmsOf(line: string, whole: string): string[] {
  const found = HARMS.filter(([pattern]) => pattern.test(whole)).map(([, why]) => why)
  const wraps = /^\s*(?:\w+=\S+\s+)*(?:npm|pnpm|yarn|bun)\b/.test(line)
  return wraps ? [...found, 'a package manager stays between the supervisor and the process'] : found
}

/** The last command of a line that is a long-running process. */
function processOf(whole: string): string[] | null {
  const parts = whole.split(/&&|\|\||[;&|]/).map(part => part.trim())
  for (const part of parts.reverse()) {
    const argv = bare(part)
    if (argv !== null) return argv
  }
  return null
}

const WRAPPERS =
  /^(?:(?:npx|pnpm exec|yarn exec|pnpm dlx|bunx)(?: -y)?|cross-env(?:-shell)?|env|exec|dotenv(?: -e \S+)? --|NODE_ENV|nohup|nodemon(?: --?(?:watch|ext|exec|delay|w|e) \S+)*|pm2(?:-runtime)? start|pm2-runtime|forever(?: start)?)\s+/

function bare(part: string): string[] | null {
  let rest = part.trim()
  for (let before = ''; before !== rest; ) {
    before = rest
    rest = rest.replace(/^[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S*)\s+/, '').replace(WRAPPERS, '')
  }
  const words = rest.split(/\s+/).filter(word => word !== '')
  // Words after the file are options of pm2 itself: a name, a number of instances.
  if (/\bpm2(?:-runtime)?\b/.test(part)) words.splice(words.findIndex(word => !word.startsWith('-')) + 1)
  const program = words[0] ?? ''
  if (/\.(?:[cm]?js)$/.test(program)) return ['node', ...words]
  if (program === 'node') return nodeArgv(words.slice(1))
  if (program === 'tsx' || program === 'ts-node') return nodeArgvOf(program, words.slice(1))
  if (program === 'next' && words[1] === 'start') return words
  if (['remix-serve', 'react-router-serve', 'fastify'].includes(program)) return words
  return null
}

const DROPPED = /^--(?:watch|inspect|env-file|watch-path|trace-warnings|env-file-if-exists)(?:-brk)?(?:=|$)/

function nodeArgv(words: readonly string[]): string[] | null {
  const kept = words.filter(
    (word, i) =>
      !DROPPED.test(word) &&
      !(words[i - 1] === '-r' && word.startsWith('dotenv')) &&
      !(word === '-r' && words[i + 1]?.startsWith('dotenv')),
  )
  const entry = kept.find(word => !word.startsWith('-'))
  return entry === undefined || ['-e', '-p', '--eval', '--test', '--check'].some(flag => kept.includes(flag))
    ? null
    : ['node', ...kept]
}

/** tsx and ts-node stay in the argv: `startOf`, which knows the build, replaces them. */
function nodeArgvOf(program: string, words: readonly string[]): string[] | null {
  const kept = words.filter(word => word !== 'watch' && !word.startsWith('-'))
  return kept.length === 0 ? null : [program, ...kept]
}
