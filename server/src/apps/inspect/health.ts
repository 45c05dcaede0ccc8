import { closing } from './brackets.ts'
import type { HealthRoute, SourceFile } from './facts.ts'
import { nameOf } from './tree.ts'

const WORD =
  '(?:health(?:z|check|-check)?|_health|ready(?:z)?|readiness|live(?:z|ness)?|ping|heartbeat|status)'
const NAMED = new RegExp(`(?:^|[/.])(?:${WORD}|health[\\w-]*)$`)
const LITERAL = new RegExp(
  `\\b(\\w+)\\s*\\.\\s*(get|use|all|route|register)\\(\\s*\\[?\\s*['"\`]((?:/[\\w-]+)*/${WORD}(?:/[\\w-]+)?)['"\`]`,
  'g',
)
const OPTION = new RegExp(`\\b(?:url|path):\\s*['"\`]((?:/[\\w-]+)*/${WORD}(?:/[\\w-]+)?)['"\`]`, 'g')
/** Paths of files that are routes by convention, each with the pattern that the text of a real route matches. */
const FILE_ROUTES: ReadonlyArray<[RegExp, RegExp]> = [
  [
    /(?:^|\/)(?:src\/)?app\/((?:[\w()-]+\/)+)route\.[jt]sx?$/,
    /export\s+(?:async\s+function|function|const)\s+GET\b/,
  ],
  [/(?:^|\/)(?:src\/)?pages\/(api\/[\w/-]+)\.[jt]s$/, /export\s+default|GET\b/],
  [
    /(?:^|\/)server\/(?:routes\/)?((?:api\/)?[\w/-]+?)(?:\.get)?\.[jt]s$/,
    /\b(?:defineEventHandler|eventHandler)\b/,
  ],
  [/(?:^|\/)src\/routes\/((?:[\w()-]+\/)+)\+server\.[jt]s$/, /\bGET\b/],
  [/(?:^|\/)app\/routes\/([\w./-]+?)\.[jt]sx?$/, /\bloader\b/],
]

/** Routes that look like a health endpoint, the best first. */
export function healthRoutes(files: readonly SourceFile[], globalPrefix: string | null): HealthRoute[] {
  const found = files.flatMap(file => [
    ...literalRoutes(file, files),
    ...nestRoutes(file, files, globalPrefix),
    ...fileRoutes(file),
    ...sdkRoutes(file, files),
  ])
  return found.sort((a, b) => rank(b) - rank(a))
}

/** Readiness is better than liveness, a known body better than a status, an exact path better than a guess. */
function rank({ path, expect, guessed }: HealthRoute): number {
  const word = /ready|readiness/.test(path)
    ? 6
    : /health/.test(path)
      ? 4
      : /live|ping|heartbeat/.test(path)
        ? 1
        : 0
  return word + (expect === null ? 0 : 2) - (guessed ? 1 : 0) - (/live/.test(path) ? 3 : 0)
}

function literalRoutes(file: SourceFile, files: readonly SourceFile[]): HealthRoute[] {
  const routes: HealthRoute[] = []
  for (const match of file.text.matchAll(LITERAL)) {
    const [, receiver, verb, path] = match as unknown as [string, string, string, string]
    const after = callAt(file.text, match.index)
    if (verb === 'use' || verb === 'register' || verb === 'route') routes.push(...mounted(path, after, files))
    else if (/rout|^r$|controller/i.test(receiver)) routes.push(throughRouter(path, { file, files, after }))
    else if (receiver !== 'axios' && receiver !== 'http' && receiver !== 'api' && receiver !== 'request') {
      routes.push({ path, file: file.path, expect: bodyOf(after), guessed: false })
    }
  }
  for (const match of file.text.matchAll(OPTION)) {
    const after = ownPart(file.text.slice(match.index, match.index + 700))
    if (/handler|method/.test(after.slice(0, 400)))
      routes.push({ path: match[1]!, file: file.path, expect: bodyOf(after), guessed: false })
  }
  for (const match of file.text.matchAll(
    /\b(?:url|pathname|path)\s*===?\s*['"`](\/(?:health|healthz|ready|ping|status)[\w/-]*)['"`]/g,
  )) {
    routes.push({
      path: match[1]!,
      file: file.path,
      expect: bodyOf(ownPart(file.text.slice(match.index, match.index + 500))),
      guessed: false,
    })
  }
  return routes
}

/** The call that begins there, to its closing bracket, with the function that it names when it has none of its own: what comes after it is of other routes. */
function callAt(text: string, at: number): string {
  const end = closing(text, text.indexOf('(', at))
  const call = text.slice(at, Math.min(end, at + 1_500))
  const handler = /,\s*([\w.]+)\s*,?\s*\)?$/.exec(call)?.[1]?.split('.').at(-1)
  if (handler === undefined) return call
  const made = new RegExp(
    `\\b(?:function\\s+${handler}\\s*\\(|(?:const|let|var)\\s+${handler}\\s*[=:]|${handler}\\s*\\()`,
  ).exec(text.slice(0, at) + ' '.repeat(call.length) + text.slice(at + call.length))
  return made === null ? call : `${call}\n${ownPart(text.slice(made.index, made.index + 700))}`
}

const NEXT =
  /\n\s*(?:@(?:Get|Post|Put|Patch|Delete|All|Head)\(|(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b|(?:[\w]+\.)+(?:get|post|put|patch|delete|use|all|route|register|listen)\(|(?:if|else if)\s*\(.*\b(?:url|pathname|path)\b)/

/** The text up to where the next route or function begins. */
function ownPart(text: string): string {
  const next = text.slice(1).search(NEXT)
  return next < 0 ? text : text.slice(0, next + 1)
}

/** app.use('/health', router): the routes of the router are in a file with that name. */
function mounted(path: string, after: string, files: readonly SourceFile[]): HealthRoute[] {
  const handler = /^[^,]*,\s*([\w.]+)/.exec(after)?.[1] ?? ''
  const near = files.filter(f => /health|readiness|ping/i.test(f.path))
  const own = near.find(f => /\.get\(\s*['"`]\/['"`]|\.get\(\s*['"`]\/(?:ready|readiness|live)/.test(f.text))
  if (own === undefined)
    return /=>/.test(after.slice(0, 120)) || handler !== ''
      ? [{ path, file: files[0]!.path, expect: bodyOf(after), guessed: false }]
      : []
  const ready = /\.get\(\s*['"`](\/(?:ready|readiness|readyz))['"`]/.exec(own.text)
  const sub = ready === null ? '' : ready[1]!
  const body =
    bodyOf(own.text.slice(ready?.index ?? 0)) ?? near.map(f => bodyOf(f.text)).find(b => b !== null) ?? null
  return [{ path: `${path}${sub}`, file: own.path, expect: body, guessed: false }]
}

/** router.get('/health'): the path depends on where the router is mounted. That is known when its file is imported by name. */
function throughRouter(
  path: string,
  { file, files, after }: { file: SourceFile; files: readonly SourceFile[]; after: string },
): HealthRoute {
  const stem = nameOf(file.path)
    .replace(/\.\w+$/, '')
    .replace(/[^a-z]|routes?|router/gi, '')
  const uses = files.flatMap(f => [
    ...f.text.matchAll(/\b(?:use|register|route)\(\s*['"`](\/[\w/-]*)['"`]\s*,\s*([\w.()]+)/g),
  ])
  const named =
    stem.length > 2 ? uses.find(use => use[2]!.toLowerCase().includes(stem.toLowerCase())) : undefined
  const only = new Set(uses.map(use => use[1]!)).size === 1 ? uses[0] : undefined
  const mount = (named ?? only)?.[1]?.replace(/\/$/, '') ?? ''
  const joined = mount.endsWith(path) ? mount : `${mount}${path}`
  return { path: joined, file: file.path, expect: bodyOf(after), guessed: named === undefined }
}

function nestRoutes(
  file: SourceFile,
  files: readonly SourceFile[],
  globalPrefix: string | null,
): HealthRoute[] {
  const controller = new RegExp(`@Controller\\(\\s*['"\`]/?(${WORD})['"\`]`).exec(file.text)
  const inner =
    controller === null
      ? new RegExp(`@Get\\(\\s*['"\`]/?(${WORD})['"\`]`).exec(file.text)
      : (/@Get\(\s*['"`]\/?(ready|readiness|readyz)['"`]\s*\)/.exec(file.text) ??
        /@Get\(\s*(?:['"`]\/?['"`])?\s*()\)/.exec(file.text))
  if (controller === null && (inner === null || !/@Controller\(\s*\)/.test(file.text))) return []
  const path = [controller?.[1], inner?.[1]].filter(part => part !== undefined && part !== '').join('/')
  const excluded = files.some(f =>
    new RegExp(`exclude:\\s*\\[[^\\]]*['"\`]/?${controller?.[1] ?? path}`).test(f.text),
  )
  const terminus = /HealthCheckService|@HealthCheck\(/.test(file.text)
  const expect = terminus
    ? ({ path: 'status', equals: 'ok' } as const)
    : bodyOf(ownPart(file.text.slice(inner?.index ?? 0)))
  return [
    {
      path: globalPrefix === null || excluded ? `/${path}` : `/${globalPrefix}/${path}`,
      file: file.path,
      expect,
      guessed: false,
    },
  ]
}

/** Routes of frameworks with file-based routing: app/api/health/route.ts, server/api/health.get.ts. */
function fileRoutes(file: SourceFile): HealthRoute[] {
  for (const [place, proof] of FILE_ROUTES) {
    const inner = place
      .exec(file.path)?.[1]
      ?.replaceAll(/\([\w-]+\)\//g, '')
      .replace(/\/(?:index)?$/, '')
    if (inner === undefined || !NAMED.test(inner) || !proof.test(file.text)) continue
    return [
      { path: `/${inner.replaceAll('.', '/')}`, file: file.path, expect: bodyOf(file.text), guessed: false },
    ]
  }
  return []
}

/** Innkeeper's own SDK, where the app lets it answer. */
function sdkRoutes(file: SourceFile, files: readonly SourceFile[]): HealthRoute[] {
  const made = file.text.search(/\bcreateHealth\(/)
  if (made < 0 || !file.text.includes('@innkeeper/sdk/health')) return []
  if (!files.some(one => /\.handle\(/.test(one.text))) return []
  const call = file.text.slice(made, closing(file.text, file.text.indexOf('(', made)))
  const base = /\bpath:\s*['"`](\/[\w/-]*)['"`]/.exec(call)?.[1] ?? '/health'
  return [
    { path: `${base}/ready`, file: file.path, expect: { path: 'status', equals: 'ok' }, guessed: false },
  ]
}

/** What the body of a healthy answer contains, as the source near the route shows it. */
function bodyOf(text: string): HealthRoute['expect'] {
  const head = text.slice(0, 1_200)
  const status =
    /\b(status|state)['"]?\s*:\s*(?:[^,{}\n?]{1,60}\?\s*)?['"`](ok|healthy|up|ready|pass|alive|running)['"`]/i.exec(
      head,
    )
  if (status !== null) return { path: status[1]!, equals: status[2]! }
  const flag = /\b(ok|healthy|ready|success)['"]?\s*:\s*true\b/.exec(head)
  if (flag !== null) return { path: flag[1]!, equals: true }
  const word =
    /(?:\.(?:send|end|text)\(|\.body\s*=|new Response\()\s*['"`](ok|healthy|pong|ready)['"`]/i.exec(head)
  return word === null ? null : { text: word[1]! }
}
